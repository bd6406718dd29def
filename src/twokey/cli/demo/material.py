"""The project that `twokey demo` works on: a fitted model, what it answered, policy and schemas, in a directory.

Everything but the roster and the evidence. The model and its answers are real; latency and memory are measured, so two
runs with one seed differ in these and in nothing else. The answer key of the simulated reviewer is in `reviewer.py`.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from twokey.cli.demo.classifier import Assistant, save_prompts
from twokey.cli.demo.tickets import HABITS, TRAINING, Source, Ticket, write_tickets

SEED = 7
TRAINING_TICKETS = 1500
CANDIDATE = "outputs.jsonl"
BASELINE = "baseline.jsonl"
MODEL = "model"
PROMPTS = "prompts"
PROJECT_FILES = ("gates.yaml", "policy.yaml", "schemas/input.json", "schemas/output.json")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A ticket that is put to the assistants, with the id that pairs their answers."""

    id: str
    source: Source
    ticket: Ticket


def write_project(
    directory: Path,
    seed: int = SEED,
    *,
    synthetic: int = 1000,
    production: int = 1000,
    terms: int = 2000,
    progress: Progress = lambda _done, _total: None,
) -> None:
    """Fit a candidate and a baseline, record what both answer, and write all files of the project below `directory`.

    `synthetic` and `production` are counts of tickets, `terms` bounds the size of the candidate's model.
    """
    rng = random.Random(seed)  # noqa: S311 invented tickets, no secrets
    training = list(write_tickets(TRAINING_TICKETS, TRAINING, rng))
    candidate = Assistant.fit(training, words=(1, 2), strength=3.0, terms=terms)
    baseline = Assistant.fit(training[: TRAINING_TICKETS * 3 // 5], words=(1, 1), strength=3.0, terms=terms)
    directory.mkdir(parents=True, exist_ok=True)
    candidate.save(directory / MODEL)
    save_prompts(directory / PROMPTS)
    write_policy(directory)
    cases = make_cases(synthetic, production, rng)
    total = 2 * len(cases)
    for turn, (name, assistant) in enumerate(((CANDIDATE, candidate), (BASELINE, baseline))):
        with (directory / name).open("w", encoding="utf-8", newline="\n") as file:
            for done, row in enumerate(record(assistant, cases), start=turn * len(cases) + 1):
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
                progress(done, total)


def write_policy(directory: Path) -> None:
    """Write gates.yaml and the schemas and rules that it names."""
    for name in PROJECT_FILES:
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(resources.files(__package__).joinpath("project", name).read_bytes())


def make_cases(synthetic: int, production: int, rng: random.Random) -> Sequence[Case]:
    """Return the tickets of both sources, mixed, with ids that do not say which source they are of."""
    counts: dict[Source, int] = {"synthetic": synthetic, "production": production}
    drawn = [
        (source, ticket) for source, count in counts.items() for ticket in write_tickets(count, HABITS[source], rng)
    ]
    rng.shuffle(drawn)
    return [
        Case(id=f"ticket-{number:04d}", source=source, ticket=ticket)
        for number, (source, ticket) in enumerate(drawn, start=1)
    ]


def record(assistant: Assistant, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    """Yield one row for each case: what was asked, what came back, and what it cost (milliseconds, MB)."""
    assistant.answer("the first call pays for imports, so it is not recorded")
    for case in cases:
        at = datetime.now(UTC)
        start = time.perf_counter()
        answer = assistant.answer(case.ticket.text)
        elapsed_ms = (time.perf_counter() - start) * 1000
        yield {
            "request_id": case.id,
            "source": case.source,
            "channel": case.ticket.channel,
            "at": at.isoformat(timespec="milliseconds"),
            "request": {"text": case.ticket.text},
            "response": {"label": answer.label, "score": answer.score, "reply": answer.reply},
            "gold": case.ticket.expected,
            "context": answer.context,
            "timing": {"total_ms": round(elapsed_ms, 3)},
            **_memory(),
        }


def _memory() -> dict[str, float]:
    """Return the process's peak memory in MB, where the platform tells."""
    try:
        import resource
    except ImportError:
        return {}
    unit = 1 if sys.platform == "darwin" else 1024
    return {"memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)}
