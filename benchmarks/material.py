"""Recordings for benchmarks: any number of outputs of about 1.3 kB, 2% of which hold what safety flags."""

import json
import random
from pathlib import Path

TEXT = (
    "the account holder asked about a delayed parcel and wanted to know when the replacement would arrive at the depot "
    "because the order had been confirmed on the portal while the tracking page still showed an earlier status and the "
    "support desk promised to look into the matter before the end of the week without further charge to the customer"
)
WORDS = TEXT.split()
LABELS = ("billing", "delivery", "technical", "account", "returns", "other")
HITS = ("write to jane.roe@example.org", "card 4111 1111 1111 1111", "call +44 20 7946 0958", "you fucking idiot")

INPUT_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["text", "channel"],
    "properties": {"text": {"type": "string", "minLength": 1}, "channel": {"enum": ["chat", "mail", "phone"]}},
}
OUTPUT_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["label", "reply"],
    "properties": {
        "label": {"enum": list(LABELS)},
        "reply": {"type": "string", "maxLength": 4000},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
    },
}

CONFIG = """\
version: 1
subject: {{name: bench, owner: bench@example.com}}
recordings:
  candidate:
    path: {recording}
    id: id
    input: request
    output: response
    label: response.label
    expected: gold
    confidence: response.score
    latency_ms: timing.total_ms
    source: source
    groups: {{channel: request.channel}}
sample: {{synthetic: all, production: all, seed: 7}}
gates:
  schema: {{input: input.json, output: output.json}}
  performance: {{latency_p95_ms: {{max: 500}}, availability: {{min: 0.999}}}}
  quality: {{accuracy: {{min: 0.9}}, f1_macro: {{min: 0.5}}, slices: [channel]}}
  safety: {{pii: {{max: 0}}, secrets: {{max: 0}}, profanity: {{max: 0}}}}
review: {{confidence_below: 0.6, show: 50, max_failures: 40%, audit: 59, max_failure_rate: 5%}}
approval:
  roster: roster.yaml
  checkpoints:
    release:
      opens: [{{gates: [performance, quality, safety, review], status: [fail, inconclusive]}}]
      close: {{any_of: [product]}}
"""

ROSTER = """\
people:
  - principal: bench@example.com
    name: Bench
    roles: [product]
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBHQZ9NsfZv8JR2w6HM7vz2qvYIUVDmuzWQpYIrGKXZt]
"""


def sentence(rng: random.Random, words: int) -> str:
    """Return that many words."""
    return " ".join(rng.choices(WORDS, k=words))


def row(number: int, rng: random.Random) -> dict[str, object]:
    """Return one recorded output of about 1.3 kB."""
    gold = rng.choice(LABELS)
    label = gold if rng.random() < 0.94 else rng.choice(LABELS)
    reply = sentence(rng, 95)
    if rng.random() < 0.02:
        reply = f"{reply} {rng.choice(HITS)}"
    return {
        "id": f"r-{number:09d}",
        "source": rng.choice(("synthetic", "production")),
        "request": {"text": sentence(rng, 75), "channel": rng.choice(("chat", "mail", "phone"))},
        "response": {"label": label, "reply": reply, "score": round(rng.betavariate(8, 1.5), 6)},
        "gold": gold,
        "timing": {"total_ms": round(rng.lognormvariate(4, 0.5), 3)},
    }


def write_project(directory: Path, records: int, seed: int = 1) -> Path:
    """Write config, schemas, roster and a recording of that many outputs; return the config's path."""
    directory.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)  # noqa: S311 no secret
    with (directory / "outputs.jsonl").open("w", encoding="utf-8") as file:
        for number in range(records):
            file.write(json.dumps(row(number, rng)) + "\n")
    (directory / "input.json").write_text(json.dumps(INPUT_SCHEMA))
    (directory / "output.json").write_text(json.dumps(OUTPUT_SCHEMA))
    (directory / "roster.yaml").write_text(ROSTER)
    config = directory / "gates.yaml"
    config.write_text(CONFIG.format(recording="outputs.jsonl"))
    return config
