"""What the words of policies and reports mean, for `twokey explain`; kinds, metrics and rules explain themselves.

Nothing is computed here. One or two sentences each: where more is to be said, a page of docs/ says it.
"""

from collections.abc import Iterable, Mapping

STATUSES = {
    "pass": "The policy's limit lies outside the interval, on the good side. Exit status 0 as a verdict.",
    "fail": "The policy's limit lies outside the interval, on the bad side. A checkpoint must claim it, or it blocks.",
    "inconclusive": (
        "The policy's limit lies inside the interval: these records cannot tell. More of them can, and the reason says"
        " about how many where that can be reckoned; until then a person decides, at a checkpoint that claims"
        " inconclusive findings. A gate that only warns, such as drift, is never worse than this."
    ),
    "error": (
        "There was nothing to judge by: no record carries what the metric needs, or the check could not be made. It is"
        " never a pass. A gate's error may be claimed by a checkpoint; the tool's own is exit status 4."
    ),
    "off": "Shown, not judged: policy sets no limit here.",
    "needs-decision": "A checkpoint is open and no valid decision closes it. Exit status 3. Next: twokey review, sign.",
    "block": "A finding that no checkpoint claims, or a refusal that stands. Exit status 1.",
    "unwitnessed": "Nobody but its maker vouches that the model said what the recording says.",
}

WORDS = {
    "allowance": (
        "An entry of the file that gates.safety.allow names: what may be there although a rule sees it, with a reason"
        " and a last day. Once that day has passed, evidence that relied on it needs a decision."
    ),
    "baseline": "The recording of the last good version. It is paired with the candidate by id, and max_drop needs it.",
    "books": (
        "Where all records of a gate went: total = scored + errored + unscorable + excluded. Errored: there was no"
        " answer. Unscorable: the record lacks what the gate needs. Excluded: policy leaves it out."
    ),
    "canary": "A token that you put into a system prompt, so that an output which holds it shows a leak.",
    "checkpoint": "A place in the policy where a person decides: what opens it, what it claims, and who may close it.",
    "cluster": (
        "Records that are not independent, such as turns of one conversation: those with the same value of the field"
        " that recordings map as cluster. Each cluster counts as one observation, so that intervals are wider."
    ),
    "d": (
        "The Kolmogorov-Smirnov distance: the largest gap between the distribution functions of two recordings. 0 is"
        " the same, 1 is wholly apart. Limit: max_ks. See also: twokey explain drift."
    ),
    "decision": "A signed statement of a person in the roster, about one manifest, its open checkpoints and one place.",
    "evidence": "What the machine found, as files: the same recordings, policy and seed give the same bytes anywhere.",
    "finding": "What a gate judged and is no pass: fail, inconclusive or error. A checkpoint claims it, or it blocks.",
    "flip": (
        "A case that one version has right and the other wrong: fixed or broken. Some are shown to reviewers (review:"
        " {flips: 10})."
    ),
    "grade": "What a reviewer says of one item: pass, fail, edit, escalate or bad-reference. Decisions rely on grades.",
    "interval": (
        "The range that holds the true value in at least 95 of 100 such recordings. A limit outside it settles a"
        " check, one inside is inconclusive. exact: all was counted. none: a number that has no interval."
        " Which number has which: docs/statistics.md."
    ),
    "judge": (
        "A model or a function that says of each answer whether its context supports it; twokey record --judge asks"
        " it. Its rate is corrected by its sensitivity and specificity on answers that people labelled too (map"
        " hallucinated). See docs/judges.md."
    ),
    "limit": (
        "What policy asks of a metric: min or max, and max_drop or max_increase against the baseline. 1% of a change"
        " is a share of the baseline's value; 0.01 is a point."
    ),
    "manifest": "manifest.json: names every file of the evidence by SHA-256. A decision names the manifest by its own.",
    "margin": (
        "How much worse than the baseline is still allowed: max_drop or max_increase. The test is of non-inferiority:"
        " it passes only where the whole interval of the difference is within the margin. No significant difference"
        " is not enough."
    ),
    "power": (
        "How often a test finds what is there. The smallest change, or gap, that would be found in 80 of 100 such"
        " comparisons is the minimum detectable effect: a smaller one can hide behind a pass."
    ),
    "psi": (
        "The population stability index: how far the shares of ranges or categories moved between two recordings, as"
        " the sum of (a - b) log(a / b). By custom 0.1 is some and 0.25 much. See also: twokey explain drift."
    ),
    "quarantine": "quarantine.jsonl: outputs that detectors flagged, redacted, with the rules that did; at most 1,000.",
    "recording": "A file of records and where they came from. twokey run reads recordings and calls no model.",
    "roster": "The file of people who may decide: principal, roles, keys, dates. See also: twokey roster --help.",
    "sample": "Which records are judged: drawn by a keyed hash of the id. sample: {production: all} draws nothing.",
    "slice": (
        "The records with one value of a group, such as channel=chat. Slices that differ from the rest by more than"
        " chance are told by p-values that are adjusted for their number (false-discovery rate, Benjamini-Hochberg)."
    ),
    "surplus": (
        "How much more is new, or gone, than the reference leads to expect (Good and Turing): in drift, the share of"
        " records or words less the expected share. See also: twokey explain drift."
    ),
    "twins": (
        "Records that share a pair and differ in one group, such as a sentence with he and with she. See also: twokey"
        " explain flip_rate."
    ),
}

_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("max_drop", "max_increase", "non-inferiority", "noninferiority"), "margin"),
    **dict.fromkeys(("min", "max", "limits", "threshold"), "limit"),
    **dict.fromkeys(("ks", "max_ks", "kolmogorov-smirnov"), "d"),
    **dict.fromkeys(("mde", "minimum detectable effect"), "power"),
    **dict.fromkeys(("scored", "errored", "unscorable", "excluded"), "books"),
    **dict.fromkeys(("clopper-pearson", "confidence interval", "wilson", "exact", "none"), "interval"),
    **dict.fromkeys(("pair", "pairs", "twin", "counterfactual"), "twins"),
    **dict.fromkeys(("fdr", "false-discovery", "false discovery", "slices", "groups", "subgroup"), "slice"),
    **dict.fromkeys(("allow", "allowed", "allowlist", "exempt"), "allowance"),
    **dict.fromkeys(("calibration", "ece"), "expected_calibration_error"),
    **dict.fromkeys(("hallucination", "grounding", "faithfulness"), "hallucination_rate"),
    **dict.fromkeys(("judges", "prevalence", "rogan-gladen"), "judge"),
    "canaries": "canary",
    "clusters": "cluster",
    "flips": "flip",
    "max_psi": "psi",
    "brier": "brier_score",
    "mrr": "reciprocal_rank",
    "rouge": "rouge_l",
}


def resolved(name: str, pages: Iterable[str], gates: Iterable[str]) -> str:
    """Return the page that a name means: also as reports write it, such as `quality.recall[label=refund]`.

    A name that means none is returned as it is.
    """
    known = set(pages)
    asked = name.strip().lower()
    bare = asked.partition("[")[0]
    gate, _, rest = bare.partition(".")
    for guess in (asked, _ALIASES.get(asked), bare, rest, _ALIASES.get(rest)):
        if guess in known:
            return str(guess)
    if rest and gate in set(gates):
        return gate
    rules = [page for page in known if page.endswith(f".{asked}")]
    return rules[0] if len(rules) == 1 else asked
