"""Which files an evidence directory may hold. Anything else in it makes the evidence invalid."""

from collections.abc import Iterable

MANIFEST = "manifest.json"
RESULTS = "results.json"
PACKET = "review/packet.json"
ITEMS = "review/items.jsonl"
QUEUE = "review/queue.jsonl"
RESERVE = "review/reserve.jsonl"
SEEDS = "review/seeds.json"
QUARANTINE = "quarantine.jsonl"
CONCLUSION = "conclusion.json"
RUN = "run.json"
PAGE = "review/index.html"

COVERED = (QUARANTINE, RESULTS, ITEMS, PACKET, QUEUE)
ALSO_COVERED = (RESERVE,)  # where there is any
DERIVED = frozenset(
    {
        CONCLUSION,
        RUN,
        "report.html",
        "summary.md",
        "junit.xml",
        "results.sarif",
        "gl-code-quality.json",
        "metrics.txt",
        PAGE,
        SEEDS,
    }
)
GRADES = "grades"
DECISIONS = "decisions"
FOLDERS = frozenset({"review", GRADES, DECISIONS})
SHORT = 12


def strangers(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the relative paths that have no place in an evidence directory, sorted."""
    known = DERIVED | {MANIFEST, *COVERED, *ALSO_COVERED}
    return tuple(sorted(path for path in paths if path not in known and not _of_people(path)))


def _of_people(path: str) -> bool:
    folder, _, name = path.partition("/")
    return folder in (GRADES, DECISIONS) and "/" not in name and name != ""


def short(digest: str) -> str:
    """Return the first twelve characters of a manifest's digest, which name its folder of decisions."""
    return digest[:SHORT]
