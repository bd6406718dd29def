"""Files around the code that break silently: pinned versions, CI files for two hosts, and the example."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import twokey

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def gitlab() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".gitlab-ci.example.yml").read_text(encoding="utf-8"))
    return loaded


def canonical_name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ;@]", requirement)[0]).lower()


def test_every_direct_dependency_is_pinned_and_no_pin_names_a_host() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins)
    missing = {canonical_name(name) for name in wanted} - {canonical_name(pin) for pin in pins}
    assert missing == {"twokey"}


def test_the_action_interpolates_nothing_into_a_script(action: dict[str, Any]) -> None:
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_the_action_pins_other_actions_to_a_commit(action: dict[str, Any]) -> None:
    used = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)


def test_the_actions_names_are_in_kebab_case_and_each_output_is_written(action: dict[str, Any]) -> None:
    names = [*action["inputs"], *action["outputs"]]
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)
    script = action["runs"]["steps"][-1]["run"]
    assert all(re.search(rf"^\s*put {name} ", script, re.MULTILINE) for name in action["outputs"])


def run_last_step(action: dict[str, Any], tmp_path: Path, twokey_script: str) -> tuple[int, str, str]:
    """Run the action's last step as a runner does, with a stand-in for the `twokey` command."""
    binaries = tmp_path / "runner" / "twokey" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "twokey").write_text(f"#!/bin/sh\n{twokey_script}\n", encoding="utf-8")
    (binaries / "twokey").chmod(0o755)
    (binaries / "python").symlink_to(sys.executable)
    output, summary = tmp_path / "output", tmp_path / "summary"
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        "CONFIG": "gates.yaml",
        "EVIDENCE": "evidence",
        "ENVIRONMENT": "production",
        "DIRECTORY": ".",
    }
    script = action["runs"]["steps"][-1]["run"]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env=environment,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        timeout=60,
    )
    shown = summary.read_text(encoding="utf-8") if summary.exists() else ""
    return done.returncode, output.read_text(encoding="utf-8"), shown


def outputs_of(text: str) -> dict[str, str]:
    return {name: value for name, end, value in re.findall(r"^([\w-]+)<<(.+)\n(.*)\n\2$", text, re.MULTILINE)}


@pytest.mark.parametrize(("status", "verdict"), [(0, "pass"), (1, "block"), (3, "needs-decision")])
def test_the_action_passes_the_status_on_and_names_verdict_digest_and_report(
    action: dict[str, Any], tmp_path: Path, status: int, verdict: str
) -> None:
    made = f"mkdir -p evidence; printf '{{}}' > evidence/manifest.json; echo seen > evidence/summary.md; exit {status}"
    code, output, summary = run_last_step(action, tmp_path, made)
    assert code == status
    assert summary == "seen\n"
    assert outputs_of(output) == {
        "verdict": verdict,
        "exit-code": str(status),
        "evidence-digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "report-path": "./evidence/report.html",
    }


def test_the_action_reports_no_older_evidence_where_no_check_could_be_made(
    action: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "manifest.json").write_text("{}", encoding="utf-8")
    code, output, summary = run_last_step(action, tmp_path, "exit 4")
    assert (code, summary) == (4, "")
    assert outputs_of(output) == {"verdict": "error", "exit-code": "4", "evidence-digest": "", "report-path": ""}


def test_what_twokey_prints_cannot_be_a_workflow_command(action: dict[str, Any]) -> None:
    script = action["runs"]["steps"][-1]["run"]
    before, command, after = script.partition('/twokey" run ')
    assert command
    assert "::stop-commands::$stop" in before
    assert '"::$stop::"' in after


def test_no_job_that_guards_may_fail(gitlab: dict[str, Any]) -> None:
    jobs = {name: job for name, job in gitlab.items() if isinstance(job, dict) and "script" in job}
    assert {"ai-validation", "guard", "deploy"} <= set(jobs)
    assert not [name for name, job in jobs.items() if "allow_failure" in job]
    assert jobs["deploy"]["needs"] == ["guard"]


def test_the_gitlab_example_installs_this_version(gitlab: dict[str, Any]) -> None:
    assert gitlab["variables"]["TWOKEY"] == f"twokey=={twokey.__version__}"


def test_ci_can_be_executed() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True, timeout=10)


def test_every_file_that_the_example_policy_names_is_there() -> None:
    text = (ROOT / "gates.example.yaml").read_text(encoding="utf-8")
    named = re.findall(r"examples/support-triage/[\w./]+", text.replace("/**", ""))
    named = [path for path in named if not path.endswith(("decisions", "roster.yaml"))]
    assert len(named) > 5
    assert not [path for path in named if not (ROOT / path).exists()]


def test_the_example_stays_small() -> None:
    files = [path for path in (ROOT / "examples" / "support-triage").rglob("*") if path.is_file()]
    assert files
    assert sum(path.stat().st_size for path in files) < 800_000


def test_the_changelog_has_a_heading_for_what_changes_verdicts() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^### Changes verdicts$", text, re.MULTILINE)
    assert f"## {twokey.__version__}" in text or "## Unreleased" in text
