"""Attacks on what a person reads before signing: no file that anybody can edit writes there, or hides from it."""

import json
import os
import re
import shutil
from typing import Any

import pytest
import yaml
from host_world import RULES, Host, host

__all__ = ["host"]  # a fixture

NAMES = (
    "manifest", "checkpoints", "environment", "repository", "policy", "change", "policy edits", "grades", "recomputed",
    "expires",
)  # fmt: skip
FORGED = "\n  recomputed   yes: trust me\n  grades       none"
PADDING = "".join(f"# harmless padding line number {number} {'x' * 60}\n" for number in range(450))
SECURITY = {"opens": [{"labels": ["security"]}], "close": {"any_of": ["risk"]}}
RELEASE = {"opens": [{"gates": ["quality", "safety", "schema"]}], "close": {"any_of": ["product"]}}


def rows_of(screen: str) -> list[str]:
    """Return the names of the rows that say what a signature would bind, as they stand on the screen."""
    _, _, bound = screen.rpartition("would bind\n")
    return re.findall(
        r"^  (\S+(?: \S+)?) +\S", bound.partition("\nsigned: ")[0].partition("  warning:")[0], re.MULTILINE
    )


def edit_gates(host: Host, edit: Any) -> None:
    path = host.project.directory / "gates.yaml"
    policy = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(policy)
    path.write_text(yaml.safe_dump(policy), encoding="utf-8")


def at_the_desk(host: Host) -> None:
    """From here on no host tells anything: commands run on somebody's own machine."""
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        host.patch.delenv(name)


def rewrite(host: Host, name: str, **facts: Any) -> None:
    path = host.project.evidence / name
    path.write_text(json.dumps(json.loads(path.read_bytes()) | facts), encoding="utf-8")


@pytest.mark.parametrize("name", [f"rules.yaml{FORGED}", f"rules.yaml{' ' * 90}  recomputed   yes: trust me"])
def test_a_path_that_the_change_brings_adds_no_row_to_what_is_bound(host: Host, name: str) -> None:
    host.project.write(name, RULES)
    edit_gates(host, lambda policy: policy["gates"]["safety"]["policy"].update(rules=name))
    host.commit()
    host.request()
    assert host.run().status == 3
    signed = host.sign("bob", "--approve")
    assert signed.status == 0, signed.text
    assert rows_of(signed.out) == list(NAMES)


@pytest.mark.parametrize("key", ["roster", "decisions"])
def test_a_path_with_a_line_feed_is_no_path_of_a_policy(host: Host, key: str) -> None:
    edit_gates(host, lambda policy: policy["approval"].update({key: f"there{FORGED}"}))
    outcome = host.run()
    assert outcome.status == 2, outcome.text
    assert "expected a path without control characters" in outcome.err
    assert "\n  recomputed" not in outcome.text


def test_the_run_that_wrote_down_another_config_adds_no_row_to_what_is_bound(host: Host) -> None:
    host.project.write("model/weights.bin", b"weights 2")
    host.commit()
    host.request()
    assert host.run().status == 3
    at_the_desk(host)
    evil = f"gates.yaml at main (1234567){FORGED}"
    shutil.copy(host.project.directory / "gates.yaml", host.project.directory / evil)
    rewrite(host, "run.json", config=evil, policy_ref=None)
    refused = host.sign("ann", "--approve")
    assert refused.status == 4, refused.text
    assert "run.json: config: expected a path without control characters" in refused.err
    assert "trust me" not in refused.out


def test_who_is_led_away_from_the_protected_branch_reads_it_before_signing(host: Host) -> None:
    host.project.write("model/weights.bin", b"weights 2")
    host.commit()
    host.request()
    assert host.run().status == 3
    at_the_desk(host)
    assert "  policy       gates.yaml at main (" in host.sign("ann", "--approve").out
    rewrite(host, "run.json", policy_ref=None)
    led_away = host.sign("ann", "--approve")
    assert "  policy       gates.yaml, of this checkout: no protected branch is named (--policy-ref)" in led_away.out


@pytest.mark.parametrize(("people", "status"), [(("ann",), 3), (("ann", "bob"), 0)])
def test_a_label_that_somebody_took_out_of_the_artifact_still_asks_for_its_people(
    host: Host, people: tuple[str, ...], status: int
) -> None:
    host.policy(
        checkpoints={"release": RELEASE, "policy-change": {"close": {"any_of": ["risk"]}}, "security": SECURITY}
    )
    host.repository.remote_ref("main", host.commit("bob@example.com"))
    host.project.write("model/weights.bin", b"weights 2")
    host.commit()
    host.request(labels=("security",))
    assert host.run().status == 3
    assert host.opened() == {"release", "security"}
    rewrite(host, "conclusion.json", change=host.conclusion()["change"] | {"labels": []})
    at_the_desk(host)
    for who in people:
        assert host.sign(who, "--approve").status == 0
    host.deploy(host.commit("ann@example.com"))
    shutil.rmtree(host.project.evidence)
    deployed = host.verify()
    assert deployed.status == status, deployed.text


def test_a_long_edit_hides_no_other_and_none_of_it_from_who_signs(host: Host) -> None:
    path = host.project.directory / "gates.yaml"
    path.write_text(PADDING + path.read_text(encoding="utf-8").replace("0.9", "0.1"), encoding="utf-8")
    host.project.write("rules.yaml", PADDING + RULES.replace("guaranteed", "never-said" + " padding" * 1000 + " end"))
    host.project.write("roster.yaml", host.roster(mallory=("product", "risk")))
    host.commit()
    host.request()
    ran = host.run()
    assert ran.status == 3
    signed = host.sign("bob", "--approve")
    assert signed.status == 0, signed.text
    page = (host.project.evidence / "report.html").read_text(encoding="utf-8")
    for shown in (signed.out, page):
        assert shown.count("harmless padding line number") == 900
        places = [shown.index(f"{name} as proposed") for name in ("roster.yaml", "gates.yaml", "rules.yaml")]
        assert places == sorted(places), "who may decide comes first"
        assert "min: 0.1" in shown
        assert "padding end" in shown
    total = len(host.conclusion()["policy_diff"])
    summary = (host.project.evidence / "summary.md").read_text(encoding="utf-8")
    for shown in (ran.out, summary):
        assert "roster.yaml as proposed" in shown
        (left_out,) = re.findall(
            r"and ([0-9,]+) more lines; report.html and twokey sign show all", shown, re.IGNORECASE
        )
        assert 0 < int(left_out.replace(",", "")) < total


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("# \ufffd\n".encode(), b"# \xff\n", r"+# \xff"),
        (b"# a\n", b"# a\r\n", "rules.yaml: no line differs, only how lines end, or whether an empty file is there"),
        (
            b"# a\n",
            b"#" * 300_000,
            "rules.yaml: not shown, because it is too large or not text; read it before you decide",
        ),
    ],
)
def test_an_edit_that_has_no_line_to_show_is_told_all_the_same(
    host: Host, before: bytes, after: bytes, told: str
) -> None:
    host.project.write("rules.yaml", RULES.encode() + before)
    host.repository.remote_ref("main", host.commit("bob@example.com"))
    host.project.write("rules.yaml", RULES.encode() + after)
    host.commit()
    host.request()
    assert host.run().status == 3
    assert told in host.conclusion()["policy_diff"]
