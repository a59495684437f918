"""What patch files make of a folder: each file checked, and nothing written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .datatype import dataclass
from .errors import NodemendError, PatchError
from .patch import FilePatch, read, result, reverse, standing
from .replace import Change, content


@dataclass(frozen=True, slots=True)
class Plan:
    """`changes` to make, the names of files that have all their patches already, and why others cannot have theirs."""

    changes: tuple[Change, ...] = ()
    done: tuple[str, ...] = ()
    errors: tuple[NodemendError, ...] = ()


def plan(texts: Mapping[str, bytes], root: Path, *, backwards: bool = False) -> Plan:
    """What the patch texts, by the names that errors call them, would make of the files below root, one upon the other.

    PatchError for a text that is no patch, or must not be trusted. Nothing is written.
    """
    patches = [patch for name, text in texts.items() for patch in _read(name, text)]
    if backwards:
        patches = [reverse(patch) for patch in reversed(patches)]
    changes: list[Change] = []
    done: list[str] = []
    errors: list[NodemendError] = []
    for name, some in _by_file(patches).items():
        try:
            change = _change(some, root, root / name)
        except NodemendError as error:
            errors.append(error)
            continue
        if change is None:
            done.append(name)
        else:
            changes.append(change)
    return Plan(tuple(changes), tuple(done), tuple(errors))


def _read(name: str, text: bytes) -> Sequence[FilePatch]:
    try:
        return read(text)
    except PatchError as error:
        raise PatchError(f"{name}: {error.message}", hunk=error.hunk, hint=error.hint) from error


def _by_file(patches: Iterable[FilePatch]) -> dict[str, list[FilePatch]]:
    files: dict[str, list[FilePatch]] = {}
    for patch in patches:
        files.setdefault(patch.name, []).append(patch)
    return files


def _change(patches: Sequence[FilePatch], root: Path, path: Path) -> Change | None:
    """What becomes of one file; None when it has all its patches already."""
    before = content(path, root)
    due = patches[standing(patches, before) :]
    after = before
    for patch in due:
        after = result(patch, after)
    mode = next((patch.mode for patch in reversed(due) if patch.mode), "644")
    return Change(path, before, after, int(mode[-3:], 8)) if due else None
