"""Putting new bytes in the place of old ones on disk: all files or none, and never through a link."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..datatype import dataclass
from ..errors import NodemendError, PatchError
from .change import Change, Place, check, content, placed, reason, root_of, shown, untouched
from .disk import create, sync
from .journal import PREFIX, Entry, Journal, journal_file, kept, remove
from .lock import alone
from .undo import demand_finished, recover, undo

__all__ = ["PREFIX", "Change", "content", "demand_finished", "recover", "root_of", "write_all"]


@dataclass(frozen=True, slots=True)
class _Step:
    """A change that was checked: where it happens, and what its target was then (None: nothing)."""

    change: Change
    place: Place
    about: os.stat_result | None
    temp: Path


def write_all(
    changes: Sequence[Change], *, root: Path | None = None, journal: Path | None = None, links: bool = False
) -> None:
    """Make every change, or leave every file as it was.

    Everything is checked first: each path must be inside `root` (by default `root_of` the paths) and either a regular
    file with exactly the bytes `before` or, for None, nothing; no folder between may be a symbolic link, unless with
    `links` one that leads to a place inside root. Then a journal is written, in root or in the folder `journal`; the
    new bytes go to files beside the targets; all is checked again, and they are renamed over the targets. Mode and,
    where permitted, owner are kept; other hard links of a file keep the old bytes. A failure on the way undoes what
    was done; when the process is killed, `recover` does.

    InputError or PatchError says in one line that nothing was changed, or, when undoing failed too, which files hold
    the new bytes. InputError also when another run is at work there, or one was cut off and not recovered from.
    """
    if not changes:
        return
    top = Path(os.path.realpath(root or root_of([change.path for change in changes])))
    with alone(top):
        steps = list(_steps(changes, top, links=links))
        demand_finished(top, journal, _folders(steps, top))
        due = [step for step in steps if step.change.before != step.change.after]
        if due:
            _carry_out(due, top, journal_file(top, journal))


def _steps(changes: Sequence[Change], root: Path, *, links: bool) -> Iterator[_Step]:
    token = secrets.token_hex(4)
    seen: set[Path] = set()
    for number, change in enumerate(changes):
        place = placed(change.path, root, links=links)
        about = check(change, place)
        if place.real in seen:
            raise untouched(change.path, "is to be changed twice")
        seen.add(place.real)
        yield _Step(change, place, about, place.real.with_name(f"{PREFIX}{token}-{number}"))


def _folders(steps: Sequence[_Step], root: Path) -> set[Path]:
    """The folders between root and the files."""
    around = {step.place.real.parent for step in steps}
    return {one for folder in around for one in (folder, *folder.parents) if one.is_relative_to(root)} - {root}


def _carry_out(steps: Sequence[_Step], root: Path, file: Path) -> None:
    journal = Journal(root, tuple(_entry(step, root) for step in steps), tuple(_missing(steps, root)))
    with kept(journal, file):
        try:
            _change(steps, journal)
        except (OSError, NodemendError, KeyboardInterrupt) as error:
            done = undo(journal)
            if not done.stuck:
                remove(file)
            if done.stuck or isinstance(error, OSError):
                raise PatchError(_account(error, done.stuck, steps), hint=_hint(done.stuck)) from error
            raise
        remove(file)
    sync([file.parent])


def _change(steps: Sequence[_Step], journal: Journal) -> None:
    for name in journal.folders:
        (journal.root / name).mkdir()
    for step in steps:
        if step.change.after is not None:
            _stage(step, step.change.after)
    # What is not the same as it was at the first check, bytes or whole file, is not ours to replace.
    found = [check(step.change, step.place) for step in steps]
    for step, about in zip(steps, found, strict=True):
        if _now(step.place.real) != _identity(about):
            raise PatchError(f"{shown(step.change.path)} has changed meanwhile; nothing was changed", hint="run again")
        if step.change.after is None:
            step.place.real.unlink()
        else:
            os.replace(step.temp, step.place.real)
    sync(sorted({step.place.real.parent for step in steps}))


def _stage(step: _Step, data: bytes) -> None:
    about = step.about
    if about is None:
        create(step.temp, data, step.change.mode, None)
    else:
        create(step.temp, data, stat.S_IMODE(about.st_mode), (about.st_uid, about.st_gid))


def _now(path: Path) -> tuple[int, ...]:
    try:
        return _identity(path.lstat())
    except FileNotFoundError:
        return _identity(None)


def _identity(about: os.stat_result | None) -> tuple[int, ...]:
    return () if about is None else (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


def _entry(step: _Step, root: Path) -> Entry:
    after, about = step.change.after, step.about
    name = step.place.real.relative_to(root).as_posix()
    digest = None if after is None else hashlib.sha256(after).hexdigest()
    if about is None:
        return Entry(name, step.temp.name, None, digest)
    mode = stat.S_IMODE(about.st_mode)
    return Entry(name, step.temp.name, step.change.before, digest, mode, about.st_uid, about.st_gid)


def _missing(steps: Sequence[_Step], root: Path) -> list[str]:
    """The folders that are not there yet, outer ones first."""
    outer_first = sorted(_folders(steps, root), key=lambda folder: len(folder.parts))
    return [folder.relative_to(root).as_posix() for folder in outer_first if not folder.exists()]


def _account(error: BaseException, stuck: Sequence[str], steps: Sequence[_Step]) -> str:
    if isinstance(error, OSError):
        name = Path(os.fsdecode(error.filename2 or error.filename or "?"))
        given = {path: step.change.path for step in steps for path in (step.temp, step.place.real)}
        cause = f"{shown(given.get(name, name))}: {reason(error)}"
    else:
        cause = error.message if isinstance(error, NodemendError) else "interrupted"
    if not stuck:
        return f"{cause}; nothing was changed"
    return f"{cause}; putting back failed, so these hold the new bytes: {', '.join(stuck)}; all others the old ones"


def _hint(stuck: Sequence[str]) -> str:
    return "nodemend apply --recover tries that again" if stuck else ""
