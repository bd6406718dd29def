"""Steps 5 to 9: this evidence, place and time; the checkpoint and the role; what is said."""

from vectors.saying import Cases, Setting, alone, passes, refused, speaks


def cases() -> Cases:
    """Steps 5 to 9: this evidence, place and time; the checkpoint and the role; what is said."""
    yield "other-manifest", alone("about other evidence", 5, "it is about other evidence", manifest="0" * 64)
    yield "other-environment", alone("an approval for staging", 6, "for the environment staging", environment="staging")
    yield (
        "environment-in-capitals",
        alone("names are compared letter by letter", 6, "environment Production", environment="Production"),
    )
    yield (
        "other-repository",
        alone(
            "an approval for a fork", 6, "for the repository github.com/eve/triage", repository="github.com/eve/triage"
        ),
    )
    yield (
        "expired-this-second",
        alone("it ends with this second", 7, "it expired at 2026-11-21T12:00:00Z", expires_at="2026-11-21T12:00:00Z"),
    )
    yield "expires-next-second", passes("its last second", 7, speaks(expires_at="2026-11-21T12:00:01Z"), "ann")
    yield (
        "from-the-future",
        alone("five minutes and a second ahead", 7, "decided in the future", decided_at="2026-11-21T12:05:01Z"),
    )
    yield (
        "clock-five-minutes-ahead",
        passes("a clock may be five minutes off", 7, speaks(decided_at="2026-11-21T12:05:00Z"), "ann"),
    )
    yield (
        "longer-than-policy",
        alone("seven days and a second", 7, "longer than the 7d", expires_at="2026-11-28T11:00:01Z"),
    )
    yield "as-long-as-policy", passes("seven days", 7, speaks(expires_at="2026-11-28T11:00:00Z"), "ann")
    yield "role-not-held", alone("ann is not risk", 8, "ann@example.com is not risk", role="risk")
    yield (
        "role-that-closes-nothing",
        refused(
            "bob is tech-lead, and that closes nothing here",
            8,
            speaks("bob", "tech-lead"),
            "not closed by tech-lead",
            "bob",
        ),
    )
    facts = [{"name": "release", "role": "product", "facts": "0" * 64}]
    yield "other-facts", alone("other facts had opened it", 8, "opened by other facts", checkpoints=facts)
    clean = Setting(evidence="clean").points("approve")[0].digest
    yield (
        "facts-of-a-clean-run",
        alone(
            "the facts of a run without findings",
            8,
            "opened by other facts",
            checkpoints=[{**facts[0], "facts": clean}],
        ),
    )
    elsewhere = [{**facts[0], "name": "security"}]
    yield (
        "checkpoint-not-open",
        alone(
            "a checkpoint that is not there",
            8,
            "the checkpoint security is not open",
            checkpoints=elsewhere,
            criteria=[],
        ),
    )
    yield "criterion-missing", alone("the criterion is passed over", 9, "is not attested", criteria=[])
    criterion = {"checkpoint": "release", "criterion": "rollback plan available", "attested": False}
    yield "criterion-denied", alone("the criterion is not met", 9, "is not attested", criteria=[criterion])
    yield "not-recomputed", alone("production asks for recomputing", 9, "did not recompute", recomputed=False)
    yield from conditions()


def conditions() -> Cases:
    """Step 9: what an approval depends on."""

    def on(kind: str, text: str) -> list[dict[str, str]]:
        return [{"kind": kind, "text": text}]

    held = [*on("metric", "accuracy >= 0.951"), *on("metric", "pii < 0.002"), *on("until", "2026-11-21T12:00:01Z")]
    yield "conditions-hold", passes("metrics at the limit, and a date to come", 9, speaks(conditions=held), "ann")
    told = {"conditions": ("ann@example.com approved on the condition: watch the dashboard",)}
    free = speaks(conditions=on("text", "watch the dashboard"))
    yield "condition-for-people", passes("free text counts, and stays listed", 9, free, "ann", more=told)
    confirmed = [
        {"checkpoint": "release", "criterion": text, "attested": True}
        for text in ("rollback plan available", "watch the dashboard")
    ]
    both = {**free, **speaks("fay", criteria=confirmed)}
    yield (
        "condition-confirmed",
        passes("another person confirms it by signature", 9, both, "ann", "fay", more={"conditions": ()}),
    )
    for name, kind, text, reason in (
        ("condition-metric-fails", "metric", "accuracy >= 0.952", "does not hold: accuracy is 0.951"),
        ("condition-metric-unknown", "metric", "f1_macro >= 0.5", "the evidence has no f1_macro"),
        ("condition-metric-malformed", "metric", "accuracy > high", "is none on a metric"),
        ("condition-over-this-second", "until", "2026-11-21T12:00:00Z", "its condition held until"),
        ("condition-date-malformed", "until", "tomorrow", "is no UTC time"),
        ("condition-unknown", "weather", "sunny", "of kind weather is not known"),
        ("condition-of-another-choice", "ticket", "OPS-1", "does not belong to approve"),
    ):
        yield name, alone(f"{kind}: {text}", 9, reason, conditions=on(kind, text))
