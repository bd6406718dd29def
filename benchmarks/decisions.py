"""A hundred signed decisions against a hundred times one: reading, checking, and what they come to together.

    python benchmarks/decisions.py [--decisions 100]

Real Ed25519 keys, one of each person in the roster; files in a folder, read as `verify` reads them; with the system's
ssh-keygen as second verifier, and without. Both sides run in turn in one process. The ratio is to stay at or below 1.
"""

import argparse
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "worlds"))
import decision_world

from twokey.config.shape import Close
from twokey.decisions.roster import load_roster
from twokey.decisions.standing import Standing, standing
from twokey.decisions.store import read_decisions, write_decision
from twokey.decisions.verify import check
from twokey.signers.base import Signer
from twokey.signers.ssh import SshSigner


def world_of(count: int) -> decision_world.World:
    """Return a world in which that many people may close the one checkpoint that is open, and all have to."""
    people = []
    for number in range(count):
        name = f"p{number}"
        decision_world.KEYS[name] = Ed25519PrivateKey.generate()  # type: ignore[index]
        decision_world.PRINCIPALS[name] = f"{name}@example.com"
        people.append(
            f"  - {{principal: {name}@example.com, roles: [product], keys: [{decision_world.key_line(name)}]}}"
        )
    roster = "roles: [product]\npeople:\n" + "\n".join(people) + "\n"
    world = decision_world.World(roster=load_roster(roster.encode(), "roster.yaml"))
    world.opened(Close(count=count, of=("product",)))
    return world


def write_decisions(world: decision_world.World, folder: Path, count: int) -> None:
    """Write one approval of each of the first `count` people, as `sign` would."""
    for number in range(count):
        file = world.say(f"p{number}")
        write_decision(folder, f"p{number}@example.com", file.data, file.signature or b"")


def judge(world: decision_world.World, folder: Path, signers: Mapping[str, Signer]) -> Standing:
    """Read, check and put together all decisions of a folder."""
    files = read_decisions(folder)
    checks = [check(file, world.matter, roster=world.roster, signers=signers, now=world.now) for file in files]
    bad = [reason for found in checks for reason in found.reasons]
    if bad:
        raise SystemExit(f"a decision that should be good was refused: {bad[0]}")
    return standing(checks, world.matter.checkpoints)


def cpu_seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return the CPU time of this process and of those that it waited for: a second verifier is another process."""
    start = cpu_used()
    for _ in range(times):
        work()
    return cpu_used() - start


def cpu_used() -> float:
    """Return the CPU seconds, of user and system, that the operating system has counted so far."""
    counted = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in counted)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=100)
    parser.add_argument("--times", type=int, default=7)
    arguments = parser.parse_args()
    count = arguments.decisions
    world = world_of(count)
    with tempfile.TemporaryDirectory() as name:
        many, one = Path(name) / "many", Path(name) / "one"
        write_decisions(world, many, count)
        write_decisions(world, one, 1)
        if not judge(world, many, {"ssh": SshSigner(places=())}).closed:
            raise SystemExit("the decisions do not close the checkpoint")
        for said, signer in (("without ssh-keygen", SshSigner(places=())), ("with ssh-keygen", SshSigner())):
            report(said, count, arguments.times, world, many, one, {"ssh": signer})


def report(
    said: str,
    count: int,
    times: int,
    world: decision_world.World,
    many: Path,
    one: Path,
    signers: Mapping[str, Signer],
) -> None:
    """Measure all at once against one as many times, in turn, and print the median of the ratios."""
    judge(world, one, signers)
    measured = [
        (cpu_seconds(lambda: judge(world, many, signers)), cpu_seconds(lambda: judge(world, one, signers), count))
        for _ in range(times)
    ]
    ratio = statistics.median(whole / singles for whole, singles in measured)
    whole_ms = statistics.median(whole for whole, _ in measured) * 1000
    single_ms = statistics.median(singles for _, singles in measured) * 1000 / count
    print(f"{said}: one {single_ms:.2f} ms CPU, {count} {whole_ms:.0f} ms; {count} : {count} x one is {ratio:.2f}")


if __name__ == "__main__":
    main()
