"""What `init` writes: a policy of some 25 lines that runs as it is, made from what is found in the directory."""

import json
import re

from twokey.cli.guessing import Found


def scalar(text: str) -> str:
    """Return a text as YAML that reads back as that text: as it is where it is plainly a word, else quoted."""
    plain = re.fullmatch(r"[^\W\d][\w./@-]*", text) and text.lower() not in _NO_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


_NO_TEXT = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def starter(name: str, owner: str, found: Found) -> str:
    """Return the text of a first gates.yaml."""
    quality = [line for field, line in _QUALITY.items() if field in found.fields]
    performance = ["  performance:", "    latency_p95_ms: {max: 500}"]
    gates = ["performance"] * ("latency_ms" in found.fields) + ["quality"] * bool(quality)
    shown = "confidence_below: 0.6, show: 50, max_failures: 40%" if "confidence" in found.fields else "show: 0"
    subject = f"name: {scalar(name)}, owner: {scalar(owner)}"
    lines = [
        "# What may ship, and who says so. Every key: twokey schema. Every word: twokey explain NAME.",
        "version: 1",
        f"subject: {{{subject}, files: [{', '.join(found.files)}]}}"
        if found.files
        else f"subject: {{{subject}}}   # add files: [model/**, prompts/**] to pin what is released",
        "recordings:",
        "  candidate:                          # the outputs to judge, and where each part stands in a line",
        f"    path: {scalar(found.recording)}",
        *(f"    {field}: {scalar(path)}" for field, path in found.fields.items()),
        "sample: {synthetic: 1000, production: 1000, seed: 7}",
        "gates:                                # a number outside its interval settles it; inside, a person decides",
        *(performance if "performance" in gates else ()),
        *(["  quality:", *quality] if quality else ()),
        "  safety: {pii: {max: 0}, secrets: {max: 0}, profanity: {max: 0}}",
        f"review: {{{shown}, audit: 59, max_failure_rate: 10%}}",
        "approval:",
        "  roster: roster.yaml                 # the people who may decide",
        "  checkpoints:",
        "    release:                          # opens for every release, and claims what these gates find",
        f"      opens: [{{gates: [{', '.join((*gates, 'safety', 'review'))}], status: [fail, inconclusive]}}]",
        "      close: {any_of: [product, risk]}",
        "      criteria: [rollback plan available]",
        "  separation: {author_may_decide: true}   # you are alone; false, once the roster has a second person",
        "",
    ]
    return "\n".join(lines)


_QUALITY = {
    "expected": "    accuracy: {min: 0.90}            # label equals expected; of free text: normalised_match",
    "context": "    hallucination_rate: {max: 0.05}  # answers that their context does not support, by words alone",
}


SAMPLE_NAME = "outputs.jsonl"
SAMPLE_ROWS = 80  # as many as the latency's 95th percentile needs for an interval that ends
WRONG = 17


def sample_recording() -> bytes:
    """Return eighty made-up answers of a support desk, for a directory that has no recording yet."""
    cases = (
        ("Where is my parcel?", "delivery"),
        ("I was charged twice this month.", "billing"),
        ("The app closes when I open it.", "technical"),
        ("How do I change my address?", "account"),
    )
    rows = []
    for number in range(SAMPLE_ROWS):
        text, label = cases[number % len(cases)]
        rows.append(
            {
                "id": f"case-{number:02d}",
                "source": "synthetic",
                "input": f"{text} (ticket {number:02d})",
                "output": label if number != WRONG else "account",
                "expected": label,
                "confidence": round(0.45 + 0.5 * ((number * 7) % 40) / 40, 3),
                "latency_ms": 80 + (number * 13) % 50,
            }
        )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
