"""The CI files that `init` writes, for the host it finds."""

import re
from collections.abc import Iterator
from pathlib import Path

from twokey.cli.identity import default_branch, git_setting

GITHUB = Path(".github/workflows/ai-validation.yml")
GITLAB = Path(".gitlab-ci.yml")

GITHUB_TEXT = """\
# `ai-validation` runs on each pull request, by the policy of the branch that it would go to; its result is advice to
# the author. The boundary is `guard`, which runs on the protected branch: put your deploy behind it.
#
# First adoption: that branch holds no policy yet, so the pull request that brings gates.yaml needs
#   twokey run --bootstrap
# here, which reads policy from the change itself, and says so. Take it out before the merge: once policy is there,
# --bootstrap is refused.
name: ai-validation
on:
  pull_request:
  push: {{branches: [{branch}]}}
permissions:
  contents: read
jobs:
  ai-validation:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {{persist-credentials: false, fetch-depth: 0}}  # the change is read from history
      - uses: actions/setup-python@v6
        with: {{python-version: "3.12"}}
      - run: pip install twokey
      - run: twokey run --policy-ref {branch}
      - if: always()
        uses: actions/upload-artifact@v5
        with: {{name: twokey-evidence, path: .twokey/evidence, include-hidden-files: true}}
  guard:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {{persist-credentials: false, fetch-depth: 0}}
      - uses: actions/setup-python@v6
        with: {{python-version: "3.12"}}
      - run: pip install twokey
      - run: twokey verify --policy-ref {branch} --environment production
"""

GITLAB_TEXT = """\
# `ai-validation` runs on each merge request, by the policy of the branch that it would go to; its result is advice to
# the author. The boundary is `guard`, which runs on the protected branch: put your deploy behind it.
#
# First adoption: that branch holds no policy yet, so the merge request that brings gates.yaml needs
#   twokey run --bootstrap
# here, which reads policy from the change itself, and says so. Take it out before the merge: once policy is there,
# --bootstrap is refused.
.twokey:
  image: python:3.12
  variables: {{GIT_DEPTH: "0"}}  # the change is read from history
  before_script:
    - pip install twokey

ai-validation:
  extends: .twokey
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - target="$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - git fetch origin "+refs/heads/$target:refs/remotes/origin/$target"
    - twokey run --policy-ref {branch}
  artifacts:
    when: always
    paths: [.twokey/evidence]
    reports: {{junit: .twokey/evidence/junit.xml}}

guard:
  extends: .twokey
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - twokey verify --policy-ref {branch} --environment production
"""

BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")  # what needs no quotes in either file


def missing(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield the CI file for the host that Git's remote names, unless there is one. An unknown host gets none."""
    remote = git_setting("remote.origin.url", directory) or ""
    branch = default_branch(directory)
    for word, path, text in (("github", GITHUB, GITHUB_TEXT), ("gitlab", GITLAB, GITLAB_TEXT)):
        if word in remote and not (directory / path).exists():
            yield directory / path, text.format(branch=branch if BRANCH.fullmatch(branch) else "main")
