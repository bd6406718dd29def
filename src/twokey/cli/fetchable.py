"""Whether what is about to be signed could reach whoever judges it later. A decision that stays behind decides nothing.

A ref travels when it is pushed, and a folder outside of any repository is fetched as whoever named it there arranged;
nothing is said of those here.
"""

from pathlib import Path

from twokey.cli.binding import SigningCase
from twokey.cli.signing import spoken_of
from twokey.decisions.contents import decision_name
from twokey.decisions.directory_store import DirectoryStore
from twokey.errors import Place, TwokeyError
from twokey.repository.git import Git
from twokey.repository.ignored import ignored
from twokey.signers.ssh import SshSigner


def refuse_unfetchable(case: SigningCase, *, push: bool) -> None:
    """Refuse before anybody is asked what no later run could have.

    Raises:
        TwokeyError: Git would leave out the decision or what it speaks of; it is to be pushed, and a folder is not.
    """
    store = case.policy.store
    if not isinstance(store, DirectoryStore):
        return
    if push:
        store.push()  # it says why it cannot be
    folder = Path.cwd() / store.root / case.policy.folder(case.evidence)
    git = Git.open(folder)
    if git is None:
        return
    decision = decision_name(case.person.principal, 1)
    names = (decision, decision + SshSigner.suffix, *(spoken_of(case) if case.ratifies is None else ()))
    if ".git" in folder.relative_to(git.checkout.root).parts:
        raise TwokeyError("is inside Git's own directory, which nobody fetches", where=Place(file=str(folder)))
    if left := ignored(git, (folder / name for name in names)):
        shown = ", ".join(Path(path).name for path in left[:3])
        told = f"no later run could have what is signed: Git ignores {shown}" + (" and more" if len(left) > 3 else "")
        hint = "let .gitignore pass the decisions (git check-ignore -v names the rule), or keep them in a ref"
        raise TwokeyError(told, where=Place(file=str(store.root)), hint=hint)
