"""Mutation testing: change the trust code in small ways, one at a time, and see whether a test notices.

    python scripts/mutate.py [--children 2] [--keep FOLDER] [signers decisions verdict]

Works on a copy, so that nothing is left in the tree; `--keep` names where, to go on later where it stopped. Prints the
score and a diff for each survivor. docs/mutation.md says which survivors are accepted, and why this tool.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGETS: Mapping[str, tuple[str, str]] = {  # what is changed, and the tests that are to notice
    "signers": ("src/twokey/signers/*.py", "tests/unit/signers"),
    "decisions": ("src/twokey/decisions/*.py", "tests/unit/decisions"),
    "verdict": ("src/twokey/verdict.py", "tests/unit/test_verdict.py"),
}
MESSAGE = re.compile(r"\s*(?:raise \w*Error\(|f?\"|hint = f?\"|return TwokeyError\(|\w+Error\()")
COPIED = ("src", "tests", "examples", "docs", "scripts", "pyproject.toml", "README.md", "gates.example.yaml")


def main() -> int:
    """Copy, mutate each target in turn, report; status 1 where a run could not be made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help=f"any of {', '.join(TARGETS)}")
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("--only", action="append", default=[], help="a file of the target, such as keys.py; repeatable")
    parser.add_argument("--keep", type=Path, help="work here, and keep it")
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}")
    with tempfile.TemporaryDirectory() as name:
        for target in arguments.targets:
            work = (arguments.keep or Path(name)) / target
            copy(work)
            if not mutate(work, target, arguments.only, arguments.children):
                return 1
    return 0


def copy(work: Path) -> None:
    """Bring the tree as it is now to the folder, over what is there."""
    work.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".mypy_cache")
            shutil.copytree(source, work / name, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy2(source, work / name)


def mutate(work: Path, target: str, only: Sequence[str], children: int) -> bool:
    """Run mutmut over one target, and print its score and its survivors."""
    sources, tests = TARGETS[target]
    mutated = [sources.replace("*.py", name) for name in only] or [sources]
    also = [name for name in COPIED if name not in ("src", "tests", "pyproject.toml")]
    settings: Mapping[str, Sequence[str]] = {
        "source_paths": ["src"],
        "only_mutate": mutated,
        "also_copy": also,
        "pytest_add_cli_args_test_selection": [tests],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist"],
    }
    lines = [f"{name}=\n" + "".join(f"    {value}\n" for value in values) for name, values in settings.items()]
    (work / "setup.cfg").write_text("[mutmut]\n" + "".join(lines), encoding="utf-8")
    done = mutmut(work, "run", "--max-children", str(children), captured=False)
    if done.returncode:
        sys.stderr.write(f"{target}: mutmut could not run\n")
        return False
    report(work, target)
    return True


def report(work: Path, target: str) -> None:
    """Print each change that was not noticed, as a diff, then how many were; changes of wording are counted apart."""
    mutmut(work, "export-cicd-stats")
    stats = json.loads((work / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    noticed = sum(stats[name] for name in ("killed", "timeout", "suspicious", "segfault"))
    wording = 0
    for line in mutmut(work, "results").stdout.splitlines():
        name, _, status = line.strip().partition(": ")
        if status not in ("survived", "no tests"):
            continue
        diff = mutmut(work, "show", name).stdout
        if status == "survived" and only_words(diff):
            wording += 1
        else:
            sys.stdout.write(f"\n{diff}\n")
    share = noticed / stats["total"] if stats["total"] else 0
    missed = stats["total"] - noticed
    sys.stdout.write(f"\n{target}: {noticed} of {stats['total']} noticed, {share:.1%}; ")
    sys.stdout.write(f"of {missed} others {wording} change wording only\n")


def only_words(diff: str) -> bool:
    """Return whether the change is in a line that makes the text of a refusal, and leaves what is refused as it was."""
    lines = [line for line in diff.splitlines() if line.startswith(("+ ", "- "))]
    return bool(lines) and all(MESSAGE.match(line[1:]) for line in lines)


def mutmut(work: Path, *arguments: str, captured: bool = True) -> subprocess.CompletedProcess[str]:
    """Call mutmut in the copy. Random tests try fewer examples there: they run once for each change."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    environment = {"DEEP_EXAMPLES": "25", **os.environ}
    return subprocess.run(  # noqa: S603  # our own arguments
        command, cwd=work, env=environment, text=True, capture_output=captured, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
