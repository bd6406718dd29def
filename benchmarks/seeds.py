"""Simulated reviewers against the formula: how often a review with sealed seeds is void, and how often it survives.

    python benchmarks/seeds.py [REVIEWS]

Each rule is sealed once by `twokey seeds seal` over what `twokey run` judged. Then, for each kind of reviewer, 10,000
grades files are written, read strictly and recounted by the code that verifies them; every known-bad item is seen or
missed by chance, with the reviewer's sensitivity. The interval is Clopper and Pearson's, at 99.9%.
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

from measure import run

from twokey.canonical import sha256
from twokey.cli.seeds.files import read_key
from twokey.review.grades import Grade, Grades, render
from twokey.review.recounting import counted, parse_grades
from twokey.review.sealed import opened
from twokey.review.seeds import Bundle, Opening, parse_bundle
from twokey.stats.intervals import clopper_pearson
from twokey.stats.seeds import survival

REVIEWS = 10_000
SEED = 7
RULES = {(8, 2): (0.0, 0.5, 0.8, 0.9, 0.95, 0.99), (4, 1): (0.5, 0.95), (12, 3): (0.5, 0.95)}
"""How many are bad and how many missed are void, with the sensitivities of the reviewers that are simulated."""

LABELS = ("billing", "delivery", "account", "refund", "cancellation")
POLICY = """\
version: 1
subject: {{name: triage, owner: owner@example.com, files: [outputs.jsonl]}}
recordings:
  candidate: {{path: outputs.jsonl, id: id, input: input, output: output, expected: expected, confidence: confidence}}
gates: {{quality: {{accuracy: {{min: 0.5}}}}}}
review: {{show: 10, audit: 20, seeds: {{count: {count}, decoys: 4, void_at: {void_at}}}}}
approval: {{checkpoints: {{release: {{opens: [{{gates: [quality]}}], close: {{any_of: [owner]}}}}}}}}
"""
ROSTER = "people: [{{principal: owner@example.com, roles: [owner], keys: ['{key}']}}]\n"


def main() -> None:
    """Measure each rule and print."""
    reviews = int(sys.argv[1]) if len(sys.argv) > 1 else REVIEWS
    print(f"{reviews:,} simulated reviews in each row, seed {SEED}")
    print("| seeds | void at | sensitivity | survive, formula | survive, counted | 99.9% interval | |")
    print("|---|---|---|---|---|---|---|")
    chance = random.Random(SEED)  # noqa: S311 a simulation
    for (count, void_at), sensitivities in RULES.items():
        with tempfile.TemporaryDirectory() as folder:
            bundle, digest, opening = sealed(Path(folder), count, void_at)
            for sensitivity in sensitivities:
                found = sum(survives(bundle, digest, opening, sensitivity, chance) for _ in range(reviews))
                known, stated = clopper_pearson(found, reviews, 0.999), survival(sensitivity, count, void_at)
                verdict = "holds" if known.low <= stated <= known.high else "DIFFERS"
                print(
                    f"| {count} | {void_at} | {sensitivity:.0%} | {stated:.2%} | {found / reviews:.2%}"
                    f" | {known.low:.2%} to {known.high:.2%} | {verdict} |"
                )


def sealed(folder: Path, count: int, void_at: int) -> tuple[Bundle, str, Opening]:
    """Judge a recording, seal a bundle over it, and open it; return both."""
    chance = random.Random(SEED)  # noqa: S311 a simulation
    rows = [
        {
            "id": f"case-{number:04}",
            "input": f"ticket {number}",
            "output": LABELS[number % 5],
            "expected": LABELS[number % 5],
            "confidence": round(chance.random(), 3),
        }
        for number in range(300)
    ]
    (folder / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "gates.yaml").write_text(POLICY.format(count=count, void_at=void_at))
    key = folder / "key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "id")])
    public = " ".join((folder / "id.pub").read_text().split()[:2])
    (folder / "roster.yaml").write_text(ROSTER.format(key=public))
    key.write_bytes(os.urandom(32).hex().encode())
    evidence, twokey = folder / ".twokey/evidence", [sys.executable, "-m", "twokey"]
    policy = ["--config", str(folder / "gates.yaml")]
    run([*twokey, "run", *policy, "--evidence", str(evidence)])
    run([*twokey, "seeds", "seal", str(evidence), "--key", str(key), *policy])
    data = (evidence / "review/seeds.json").read_bytes()
    bundle = parse_bundle(data)
    return bundle, sha256(data), opened(bundle, sha256(data), read_key(key), ())


def survives(bundle: Bundle, digest: str, opening: Opening, sensitivity: float, chance: random.Random) -> bool:
    """Grade the seeds once, by chance; return whether the review is not void."""
    said = {answer.id: answer.bad and chance.random() < sensitivity for answer in opening.answers}
    grades = tuple(
        Grade(item=id_, grade="fail", severity="high", reason="wrong") if seen else Grade(item=id_, grade="pass")
        for id_, seen in said.items()
    )
    data = render(Grades(manifest=bundle.manifest, reviewer="ann@example.com", grades=grades, seeds=digest))
    found = counted(bundle, digest, opening, parse_grades(data, "grades.json", (), {digest: bundle}))
    if isinstance(found, str):
        raise SystemExit(found)
    return not found.void


if __name__ == "__main__":
    main()
