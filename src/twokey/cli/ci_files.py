"""The CI files that `init` writes, for the host it finds."""

from collections.abc import Iterator
from pathlib import Path

from twokey.cli.identity import git_setting

GITHUB = Path(".github/workflows/ai-validation.yml")
GITLAB = Path(".gitlab-ci.yml")

GITHUB_TEXT = """\
# Runs the ai-validation stage on each change. The result here is advice to the change's author: the boundary is a job
# on the protected branch that runs `twokey verify` before it deploys.
name: ai-validation
on: [pull_request]
permissions:
  contents: read
jobs:
  ai-validation:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {persist-credentials: false}
      - uses: actions/setup-python@v6
        with: {python-version: "3.12"}
      - run: pip install twokey
      - run: twokey run
      - if: always()
        uses: actions/upload-artifact@v5
        with: {name: twokey-evidence, path: .twokey/evidence, include-hidden-files: true}
"""

GITLAB_TEXT = """\
# Runs the ai-validation stage on each change. The result here is advice to the change's author: the boundary is a job
# on the protected branch that runs `twokey verify` before it deploys.
ai-validation:
  image: python:3.12
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - pip install twokey
    - twokey run
  artifacts:
    when: always
    paths: [.twokey/evidence]
    reports: {junit: .twokey/evidence/junit.xml}
"""


def missing(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield the CI file for the host that Git's remote names, unless there is one. An unknown host gets none."""
    remote = git_setting("remote.origin.url", directory) or ""
    for word, path, text in (("github", GITHUB, GITHUB_TEXT), ("gitlab", GITLAB, GITLAB_TEXT)):
        if word in remote and not (directory / path).exists():
            yield directory / path, text
