"""Whose approvals close a checkpoint: `any_of`, `all_of`, `count` of. People are counted, by the role they signed in.

A rule that is no rule (a count of 0, nobody named, two rules in one) is satisfied by nobody. Whether an approval is
valid, and whether its signer holds the role, is settled before it comes here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from twokey.config.review import Review, Reviewers
from twokey.config.shape import Approval, Close
from twokey.decisions.people import Person, Roster


def rule_problem(close: Close) -> str | None:
    """Say why `close` is no rule that anybody could satisfy honestly, or return None."""
    rules = [names for names in (close.any_of, close.all_of, close.of) if names]
    if len(rules) != 1:
        return "it names nobody" if not rules else "it has more than one rule"
    if not close.of:
        return None if close.count is None else "it counts, but not of whom"
    if type(close.count) is not int or close.count < 1:
        return f"its count is {close.count!r}, not a whole number of at least 1"
    return None


def satisfies(close: Close, approvals: Iterable[tuple[str, str]]) -> bool:
    """Return whether approvals, as (person, role they signed in), close a checkpoint.

    For `all_of` with `distinct`, each name needs a person of its own; without it one person may sign in several roles.
    `count` always counts people.
    """
    if rule_problem(close) is not None:
        return False
    given = set(approvals)
    if close.any_of:
        return any(role in close.any_of for _, role in given)
    if close.of:
        return len({person for person, role in given if role in close.of}) >= (close.count or len(given) + 1)
    by_role = {role: sorted(person for person, held in given if held == role) for role in close.all_of}
    if not close.distinct:
        return all(by_role.values())
    return _each_has_their_own(close.all_of, by_role)


def names(close: Close) -> tuple[str, ...]:
    """Return the roles and principals that a rule names."""
    return close.any_of + close.all_of + close.of


def who_can(close: Close, roster: Roster) -> tuple[Person, ...]:
    """Return the people whose approval would count for the rule."""
    return tuple(person for person in roster.people if any(person.has(name) for name in names(close)))


def rule_in_words(close: Close) -> str:
    """Return the rule as a phrase, such as `2 of product, risk`."""
    listed = ", ".join(names(close)) or "nobody"
    if close.any_of:
        return f"any of {listed}" if len(close.any_of) > 1 else listed
    if close.all_of:
        return f"all of {listed}" + (", each another person" if close.distinct and len(close.all_of) > 1 else "")
    return f"{close.count} of {listed}"


def policy_problems(policy: Approval, roster: Roster, review: Review | None = None) -> tuple[str, ...]:
    """Say what in the deciding policy nobody in the roster can ever satisfy: each checkpoint, and the review's people.

    People who review need not be in the roster, but where their signatures count.
    """
    problems: list[str] = []
    for name, checkpoint in sorted(policy.checkpoints.items()):
        problem = rule_problem(checkpoint.close)
        if problem:
            problems.append(f"checkpoint {name} cannot be closed: {problem}")
            continue
        unknown = [word for word in names(checkpoint.close) if not roster.with_role(word)]
        problems.extend(f"checkpoint {name}: nobody in the roster is or has {word}" for word in unknown)
        everybody = [(who.principal, word) for word in names(checkpoint.close) for who in roster.with_role(word)]
        if not unknown and not satisfies(checkpoint.close, everybody):
            problems.append(f"checkpoint {name} cannot be closed by anybody here: {rule_in_words(checkpoint.close)}")
    if review is not None and review.reviewers is not None:
        problems.extend(_unknown_reviewers(review.reviewers, roster))
    return tuple(problems)


def _unknown_reviewers(reviewers: Reviewers, roster: Roster) -> Iterator[str]:
    for word in reviewers.adjudicators:
        if not roster.with_role(word):
            yield f"review.reviewers.adjudicators: nobody in the roster is or has {word}"
    for name in reviewers.people if reviewers.signed else ():
        if roster.person(name) is None:
            yield f"review.reviewers.people: nobody in the roster is {name}, whose signature would count"


def _each_has_their_own(roles: Sequence[str], people: Mapping[str, Sequence[str]]) -> bool:
    """Return whether every role can be given a person of its own (a bipartite matching, by augmenting paths)."""
    taken: dict[str, int] = {}

    def place(index: int, tried: set[str]) -> bool:
        for person in people[roles[index]]:
            if person in tried:
                continue
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = index
                return True
        return False

    return all(place(index, set()) for index in range(len(roles)))
