"""A project for tests of threats: a model and a prompt, rules, a review, and who may sign; real keys, real files."""

import subprocess
from pathlib import Path
from typing import Any

import yaml
from persona import Home, Outcome
from project import Project, started

RULES = "rules:\n  - {name: no-promises, words: [guaranteed], severity: high, why: we promise nothing}\n"
GATES = {
    "quality": {"accuracy": {"min": 0.5}},
    "safety": {"pii": {"max": 0}, "policy": {"rules": "rules.yaml", "max": 0}},
}
RELEASE = {"opens": [{"gates": ["quality", "safety", "review"]}], "close": {"any_of": ["product"]}}
REVIEW = {"confidence_below": 0.6, "show": 2, "audit": 2}
SUBJECT = {"name": "triage", "owner": "pat@example.com", "files": ["model/**", "prompts/**"]}


def approval(**parts: Any) -> dict[str, Any]:
    """The deciding policy with one checkpoint; `parts` are added."""
    return {"checkpoints": {"release": RELEASE}, **parts}


def new_key(folder: Path, name: str) -> Path:
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)], check=True, timeout=30)
    return path


def public(path: Path) -> str:
    return " ".join(path.with_name(f"{path.name}.pub").read_text(encoding="utf-8").split()[:2])


def person(who: str, key: str, *roles: str, **parts: Any) -> dict[str, Any]:
    return {"principal": f"{who}@example.com", "roles": list(roles), "keys": [key], **parts}


def write_roster(project: Project, *people: dict[str, Any], **parts: Any) -> None:
    project.write("roster.yaml", yaml.safe_dump({"people": list(people), **parts}))


def write_policy(project: Project, **parts: Any) -> None:
    project.policy(**{"subject": SUBJECT, "gates": GATES, "review": REVIEW, "approval": approval(), **parts})


def sign(project: Project, *arguments: str) -> Outcome:
    return project.home.twokey("sign", "--reason", "looked at everything", *arguments)


def undecided(home: Home) -> Project:
    """A project that needs a decision: nobody has signed anything yet."""
    project = started(home)
    project.write("prompts/system.txt", "Answer kindly.")
    project.write("rules.yaml", RULES)
    write_policy(project)
    assert project.run().status == 3
    return project


def approved(home: Home) -> Project:
    """The same, graded and approved for production: run and verify pass."""
    project = undecided(home)
    project.grade()
    signed = sign(project, "--approve")
    assert signed.status == 0, signed.text
    for command in ("run", "verify"):
        outcome = home.twokey(command)
        assert outcome.status == 0, outcome.text
    return project
