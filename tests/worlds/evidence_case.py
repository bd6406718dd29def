"""What anybody has who has the evidence and the policy file, read without any code of ours."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

NUMBER = r"(-?[\d,]+(?:\.\d+)?)"
STRATA = {
    "least confident": "low-confidence",
    "of high impact": "impact",
    "changed sides since the baseline": "flip",
    "doubted by a second opinion": "second-opinion",
    "drawn at random": "audit",
}


def near(text: str, number: float) -> bool:
    """Whether a number is written as another, rounded where the digits end."""
    plain = text.replace(",", "")
    digits = len(plain.partition(".")[2])
    return abs(float(plain) - number) <= 0.5 * 10**-digits + 1e-9 or f"{number:.3g}" == f"{float(plain):.3g}"


def count(text: str) -> int:
    return int(text.replace(",", ""))


@dataclass(frozen=True)
class Case:
    """What anybody has who has the evidence and the policy file."""

    directory: Path
    policy_bytes: bytes

    @cached_property
    def results(self) -> dict[str, Any]:
        return {gate["gate"]: gate for gate in self.document["gates"]}

    @cached_property
    def document(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.directory / "results.json").read_bytes())
        return loaded

    @cached_property
    def packet(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.directory / "review/packet.json").read_bytes())
        return loaded

    @cached_property
    def manifest(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.directory / "manifest.json").read_bytes())
        return loaded

    @cached_property
    def policy(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load(self.policy_bytes)
        return loaded

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.directory / "review" / name).read_bytes().splitlines()]

    @cached_property
    def strata(self) -> Counter[str]:
        return Counter(row["stratum"] for row in self.rows("items.jsonl"))

    @cached_property
    def judged(self) -> list[tuple[str, dict[str, Any]]]:
        return [(name, m) for name, gate in self.results.items() for m in gate["metrics"] if m["status"] != "off"]

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        order = ["error", "fail", "inconclusive"]
        found = [finding for gate in self.document["gates"] for finding in gate["findings"]]
        return sorted(found, key=lambda finding: order.index(finding["status"]))

    def metric(self, gate: str, ident: str) -> dict[str, Any]:
        return next(metric for metric in self.results[gate]["metrics"] if metric["id"] == ident)

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = self.results["review"]["facts"]
        return found

    @cached_property
    def quotations(self) -> tuple[str, ...]:
        """What the results say themselves: the longest first, so that no part of one is taken for another."""
        said = {finding["message"] for finding in self.findings} | set(self.document["sample"]["notes"])
        said |= {metric["reason"] for gate in self.document["gates"] for metric in gate["metrics"]}
        said |= {metric["limit"] for _, metric in self.judged if metric["limit"]}
        facts = self.results.get("safety", {}).get("facts", {})
        said |= {line.rstrip(".") for lines in facts.get("not_looked_for", {}).values() for line in lines}
        said |= {finding["message"].partition("; ")[0] for finding in self.findings}
        said |= {finding["id"] for finding in self.findings} | {m["slice"] or "" for _, m in self.judged}
        return tuple(sorted(filter(None, said), key=len, reverse=True))

    def rest(self, text: str) -> str:
        """The text without what the results say themselves."""
        for said in self.quotations:
            text = text.replace(said, "<said>")
        return text
