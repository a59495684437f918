"""Every file back as it was: after a failure in the middle, or after a run that was cut off."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ..datatype import dataclass
from ..errors import InputError
from .change import read, reason, shown
from .disk import create, discard, sync
from .journal import Entry, Found, Journal, described, found, journal_file, remove
from .lock import alone

State = Literal["old", "new", "foreign"]
_HINT = "nodemend apply --recover puts the others back and leaves such files as they are"


@dataclass(frozen=True, slots=True)
class Undone:
    """`back`: the files that were put back, `stuck`: those that could not be, each with the reason."""

    back: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()


def undo(journal: Journal) -> Undone:
    """Put back each file that holds the new bytes by this run's doing, and take away what else it made.

    A file that something else has changed since is left alone.
    """
    back: list[str] = []
    stuck: list[str] = []
    for entry in journal.entries:
        if not _is_direct(journal.root / entry.path):
            continue
        try:
            if state(journal.root, entry) == "new":
                _restore(journal.root, entry)
                back.append(entry.path)
        except OSError as error:
            stuck.append(f"{shown(journal.root / entry.path)} ({reason(error)})")
        discard(_beside(journal.root, entry))
    for name in reversed(journal.folders):
        with suppress(OSError):  # something else is in it by now
            (journal.root / name).rmdir()
    sync(sorted({(journal.root / entry.path).parent for entry in journal.entries}))
    return Undone(tuple(back), tuple(stuck))


def state(root: Path, entry: Entry) -> State:
    """What a file of a run holds. Equal bytes that something else wrote, while ours still wait, are foreign.

    So is what is reached through a link by now. Raises OSError.
    """
    if not _is_direct(root / entry.path):
        return "foreign"
    held = _held(root / entry.path)
    if held == entry.before:
        return "old"
    if (None if held is None else hashlib.sha256(held).hexdigest()) != entry.after:
        return "foreign"
    return "foreign" if os.path.lexists(_beside(root, entry)) else "new"


def recover(root: Path, *, journal: Path | None = None, force: bool = False) -> str:
    """Undo what a run that was cut off (kill -9, a power cut) left half done in this folder, or in one around it.

    What there is to say of it, in one line; "" when no run was cut off. To be called before a file that is to be
    changed is read. InputError when another run is at work, and, without `force`, when something else has changed
    one of the files since, or the journal is a copy: then nothing is touched. With `force` such files are left alone,
    and the others are put back.
    """
    real = Path(os.path.realpath(root))
    said = [_recovered(left, force=force) for left in unfinished(real, journal)]
    return "; ".join(filter(None, said))


def unfinished(root: Path, journal: Path | None = None) -> list[Found]:
    """The journals that runs in this folder (a real path), or in one around it, have left."""
    files = {folder: journal_file(folder, None) for folder in (root, *root.parents)}
    left = [found(folder, file) for folder, file in files.items()]
    if journal is not None:
        left.append(found(root, journal_file(root, journal)))
    return [one for one in left if one is not None]


def demand_finished(root: Path, journal: Path | None = None, below: Iterable[Path] = ()) -> None:
    """InputError when a run was cut off in this folder, around it, or in one of those below that are given.

    Below, a journal that no run on this machine has written is a file of a package like any other.
    """
    left = unfinished(Path(os.path.realpath(root)), journal)
    inner = [found(folder, journal_file(folder, None)) for folder in sorted(below)]
    for one in (*left, *(one for one in inner if one is not None and one.ours)):
        where = shown(one.journal.root)
        hint = f"nodemend apply --recover -C {where} undoes it"
        raise InputError(f"an earlier run in {where} was cut off; nothing was changed", hint=hint)


def _recovered(left: Found, *, force: bool) -> str:
    root, run = left.journal.root, left.journal
    with alone(root):
        if not left.file.exists():  # the run was still at work when its journal was found, and has ended since
            return ""
        if not left.whole:
            remove(left.file)
            return f"an earlier run in {shown(root)} was cut off before it changed anything"
        if not left.ours and not force:
            hint = "if you trust it, nodemend apply --recover follows it; else remove it"
            raise InputError(f"{shown(left.file)} is the copy of a journal; nothing was changed", hint=hint)
        states = [_state(root, entry) for entry in run.entries]
        odd = [e.path for e, state in zip(run.entries, states, strict=True) if state == "foreign"]
        if odd and not force:
            what = f"an earlier run in {shown(root)} was cut off, and something else has changed {described(odd)} since"
            raise InputError(f"{what}; nothing was changed", hint=_HINT)
        if set(states) == {"new"}:
            remove(left.file)
            return f"an earlier run in {shown(root)} was cut off when all its {_files(states)} were written"
        done = undo(run)
        if done.stuck:
            what = f"an earlier run in {shown(root)} was cut off, and these cannot be put back: {described(done.stuck)}"
            raise InputError(what, hint=f"its journal is {shown(left.file)}; run again when that is cured")
        remove(left.file)
        count = _files(states)
        what = f"{len(done.back)} of its {count} put back" if done.back else f"none of its {count} changed"
        others = f"; left alone: {described(odd)}" if odd else "; all are as they were before it"
        return f"an earlier run in {shown(root)} was cut off: {what}{others}"


def _files(some: Sequence[object]) -> str:
    return f"{len(some)} {'file' if len(some) == 1 else 'files'}"


def _state(root: Path, entry: Entry) -> State:
    """As `state`; what cannot be read is something else's doing."""
    try:
        return state(root, entry)
    except OSError:
        return "foreign"


def _is_direct(path: Path) -> bool:
    return os.path.realpath(path.parent) == str(path.parent)


def _held(path: Path) -> bytes | None:
    try:
        return read(path)
    except FileNotFoundError:
        return None


def _restore(root: Path, entry: Entry) -> None:
    path = root / entry.path
    if entry.before is None:
        path.unlink()
        return
    temp = path.with_name(f"{entry.temp}-old")
    discard(temp)  # an undoing that was cut off, too, may have left it
    create(temp, entry.before, entry.mode, (entry.uid, entry.gid))
    try:
        os.replace(temp, path)
    finally:
        discard(temp)


def _beside(root: Path, entry: Entry) -> Path:
    return (root / entry.path).with_name(entry.temp)
