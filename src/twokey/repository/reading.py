"""Reading a change: what differs between where it left the target branch and what is under review, and who made it.

Paths and lines are Git's, over the trees alone: nothing in the repository can call a file binary, generated or renamed.
People come from the host where it says, and from the commits, where anybody can write any name. Somebody who only adds
decisions, or merges what Git merges by itself, makes nothing, and so has no part in the change.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from twokey.errors import TwokeyError
from twokey.repository.change import Change, ChangedFile, Part, Party, PolicyEdit, in_order
from twokey.repository.committed import inside
from twokey.repository.git import MAX_BYTES, Difference, Git
from twokey.repository.ground import Ground
from twokey.repository.host import Host
from twokey.repository.trees import Commit, Leaf

WEB_COMMITTER = "noreply@github.com"  # it commits what somebody does on the site: squash, merge, edit
NOT_AUTHENTICATED = "authors were read from Git, where anybody can write any name: not authenticated"
UNCOUNTED_LINES = MAX_BYTES // 64
# What `sign` keeps below the folder of decisions, under a manifest's first digits: anything else there is the change's.
_KEPT = re.compile(
    r"[0-9a-f]{12}/(?:"
    r"(?:decision|grades|witness)-[a-z0-9][a-z0-9._+@-]{0,119}\.json(?:(?:-[0-9]{1,3})?\.sig|\.sigstore\.json)?"
    r"|(?:change|facts)(?:-[0-9]{1,3})?\.json"
    r"|(?:manifest|results|packet)\.json"
    r")"
)


def with_change(ground: Ground, *, decisions: str, policy_paths: Iterable[str]) -> Ground:
    """Return the ground with what is under review there; as it is where policy comes from no repository.

    Args:
        ground: as `protected.find_ground` returns it.
        decisions: where decision files are kept: a folder relative to the config, or what is no part of a commit.
        policy_paths: every file that the policy there or the one that the change would bring names, relative to the
            config, which is among them by itself.

    Raises:
        TwokeyError: the change cannot be read: cut or crossed history, too many files or commits.
    """
    site = ground.site
    if site is None:
        return ground
    change = read_change(
        site.git,
        site.target,
        head=site.head,
        decisions="" if decisions.startswith("refs/") or "://" in decisions else inside(site.prefix, decisions) or "",
        policy_paths=[site.name, *policy_paths],
        prefix=site.prefix,
        host=site.host,
    )
    told = change.parties and not any(party.authenticated for party in change.parties)
    return replace(ground, change=change, notes=(*ground.notes, NOT_AUTHENTICATED) if told else ground.notes)


def read_change(
    git: Git, target: str, *, head: str, decisions: str, policy_paths: Iterable[str], prefix: str, host: Host
) -> Change:
    """Return what `head` would bring to the commit `target`.

    `decisions` is the folder of decision files, relative to the repository's root; what `sign` adds there is no part
    of the change. `policy_paths` are relative to the folder `prefix`. Raises TwokeyError where the change cannot be
    read.
    """
    base = git.merge_base(target, head)
    if base == head:
        return Change(base=base, head=head, prefix=_slashed(prefix), labels=host.labels)
    differences = tuple(found for found in git.differences(base, head) if not _adds_decision(found, decisions))
    commits = {name: git.commit(name) for name in git.names(head, without=base)}
    idle = {name for name, commit in commits.items() if adds_nothing(git, commit, decisions)}
    newest = host.head if host.head in commits else head
    # A push that brings a decision and something else is no push of decisions, whatever its newest commit is.
    pushed = {newest}
    if host.pushed_from is not None:
        pushed = commits.keys() & set(_since(git, host.pushed_from, newest)) or set(commits)
    return Change(
        base=base,
        head=head,
        prefix=_slashed(prefix),
        files=tuple(
            ChangedFile(path=found.path, blob=found.after.name if found.after is not None else None)
            for found in differences
        ),
        lines=_lines(git, base, head, differences),
        labels=host.labels,
        parties=_parties((commits[name] for name in sorted(commits.keys() - idle)), host, quiet=pushed <= idle),
        policy=_edits(git, base, head, prefix, policy_paths),
        decisions_only=only_adds_decisions(git, commits[newest], decisions),
    )


def adds_nothing(git: Git, commit: Commit, decisions: str) -> bool:
    """Return whether a commit makes nobody an author: it adds decisions, or merges what Git merges by itself."""
    if len(commit.parents) > 1:
        return git.merged(commit) == commit.tree
    return only_adds_decisions(git, commit, decisions)


def only_adds_decisions(git: Git, commit: Commit, decisions: str) -> bool:
    """Return whether all that a commit does is to add decisions and what they speak of; edits there do more."""
    if len(commit.parents) > 1 or not decisions:
        return False
    found = git.differences(commit.parents[0] if commit.parents else None, commit.name)
    return bool(found) and all(_adds_decision(difference, decisions) for difference in found)


def _adds_decision(found: Difference, decisions: str) -> bool:
    """Return whether a difference is a new plain file that `sign` may have kept, which is no part of the change."""
    new = found.before is None and found.after is not None and found.after.is_file
    above, _, name = found.path.partition(f"{decisions}/")
    return bool(decisions) and new and not above and _KEPT.fullmatch(name) is not None


def _slashed(prefix: str) -> str:
    return f"{prefix}/" if prefix else ""


def _since(git: Git, older: str, newer: str) -> tuple[str, ...]:
    """Return the commits that a push brought; none where it replaced history, so that nobody can say."""
    try:
        return git.names(newer, without=older) if git.is_ancestor(older, newer) else ()
    except TwokeyError:
        return ()


def _parties(commits: Iterable[Commit], host: Host, *, quiet: bool) -> tuple[Party, ...]:
    """Return who has a part: by the commits, by the host, and with `quiet` not who pushed and started this."""
    found = {*host.openers, *(() if quiet else host.pushers)}
    for commit in commits:
        committers = [who for who in commit.committers if who.casefold() != WEB_COMMITTER]
        parts: tuple[tuple[Part, Iterable[str]], ...] = (
            ("author", commit.authors),
            ("committer", committers),
            ("co-author", commit.co_authors),
        )
        found |= {Party(known_as=who, part=part, authenticated=False) for part, names in parts for who in names}
    return in_order(found)


def _edits(git: Git, base: str, head: str, prefix: str, paths: Iterable[str]) -> tuple[PolicyEdit, ...]:
    """Return the edits of policy files. What a link or a submodule took the place of is gone."""
    out = []
    for path in sorted(set(paths)):
        full = inside(prefix, path)
        before, after = ((git.standing(commit, full) if full else None) for commit in (base, head))
        if before != after and (old := git.digest(before)) != (new := git.digest(after)):
            out.append(PolicyEdit(path=path, before=old, after=new))
    return tuple(out)


def _lines(git: Git, base: str, head: str, differences: Iterable[Difference]) -> int:
    """Return how many lines of these files were added or removed.

    What Git takes for binary counts with its line feeds before and after, so that a NUL byte hides nothing.
    """
    counted, total = git.numstat(base, head), 0
    for difference in differences:
        lines = counted.get(difference.path)
        total += sum(_feeds(git, leaf) for leaf in (difference.before, difference.after)) if lines is None else lines
    return total


def _feeds(git: Git, leaf: Leaf | None) -> int:
    if leaf is None or not leaf.is_file:
        return 0
    try:
        return git.objects.read(leaf.name, "blob", MAX_BYTES).count(b"\n") + 1
    except TwokeyError:  # too large to be counted, so a large change
        return UNCOUNTED_LINES
