"""The same checks, the way a script does them: json, jsonschema, re and scikit-learn. Compared by whole_process.py.

python benchmarks/naive.py PROJECT PATTERNS.json
"""

import json
import re
import sys
from pathlib import Path

import jsonschema
import numpy
from sklearn.metrics import accuracy_score, precision_recall_fscore_support


def main() -> None:
    """Judge the project's recording and print the numbers."""
    project, patterns = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    schemas = [json.loads((project / name).read_text()) for name in ("input.json", "output.json")]
    expressions = {name: re.compile(pattern) for name, pattern in patterns.items()}
    rows = [json.loads(line) for line in (project / "outputs.jsonl").read_text().splitlines()]
    invalid, hits = 0, dict.fromkeys(expressions, 0)
    for row in rows:
        for instance, schema in zip((row["request"], row["response"]), schemas, strict=True):
            try:
                jsonschema.validate(instance, schema)
            except jsonschema.ValidationError:
                invalid += 1
        text = row["response"]["reply"]
        for name, expression in expressions.items():
            hits[name] += expression.search(text) is not None
    gold, labels = [row["gold"] for row in rows], [row["response"]["label"] for row in rows]
    latency = numpy.percentile([row["timing"]["total_ms"] for row in rows], [50, 95, 99])
    scores = precision_recall_fscore_support(gold, labels, average="macro")
    print(invalid, sum(hits.values()), accuracy_score(gold, labels), scores[:3], latency)


if __name__ == "__main__":
    main()
