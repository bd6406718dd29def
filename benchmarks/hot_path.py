"""All four gates over many outputs: memory at 200,000 against 20,000, throughput against the bare parts in sequence.

    python benchmarks/hot_path.py [--records 200000]

The bare parts are what nobody can do without: read and parse each line (msgspec, the mapped fields only), validate
input and output (jsonschema-rs), scan the output's text (one google-re2 Set with the same patterns). They run one after
the other in one process, over the same file, in turn with the whole stage.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from material import write_project
from measure import pairs, run

BARE = """
import sys, msgspec, jsonschema_rs, json
from pathlib import Path
from twokey.detectors import default_scanner
from twokey.record import flatten
folder = Path(sys.argv[1])
class Request(msgspec.Struct): text: str; channel: str
class Timing(msgspec.Struct): total_ms: float
class Row(msgspec.Struct):
    id: str; source: str; request: dict; response: dict; gold: str; timing: Timing
decoder = msgspec.json.Decoder(Row)
schemas = [json.loads((folder / name).read_text()) for name in ("input.json", "output.json")]
validators = [jsonschema_rs.validator_for(schema) for schema in schemas]
match = default_scanner().load().match
count = 0
with (folder / "outputs.jsonl").open("rb") as file:
    for line in file:
        row = decoder.decode(line)
        validators[0].is_valid(row.request); validators[1].is_valid(row.response)
        match(flatten(row.response).encode())
        count += 1
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        big, small = Path(folder) / "big", Path(folder) / "small"
        write_project(big, arguments.records)
        write_project(small, arguments.records // 10)
        stage = [sys.executable, "-m", "twokey", "run", "--evidence", f"{folder}/evidence", "-c"]
        bare = [sys.executable, "-c", BARE, str(big)]
        measured = pairs([*stage, str(big / "gates.yaml")], bare, arguments.times)
        few = [run([*stage, str(small / "gates.yaml")]) for _ in range(arguments.times)]
    large_mb = statistics.median(a.peak_mb for a, _ in measured)
    small_mb = statistics.median(usage.peak_mb for usage in few)
    cpu = statistics.median(a.cpu for a, _ in measured)
    ratio = statistics.median(b.cpu / a.cpu for a, b in measured)
    print(f"status of the stage: {sorted({a.status for a, _ in measured})}, of the bare parts: {measured[0][1].status}")
    print(f"stage: {cpu / arguments.records * 1e6:.1f} us a record; throughput against the bare parts: {ratio:.2f} x")
    grown = large_mb / small_mb
    print(f"peak memory: {large_mb:.0f} MB at {arguments.records:,}, {small_mb:.0f} MB at a tenth: {grown:.2f} x")


if __name__ == "__main__":
    main()
