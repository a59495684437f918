"""One installed copy against its patch: each file as released, as patched, or as somebody else left it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from ..datatype import dataclass
from ..errors import PatchError
from ..patch import FilePatch
from .document import Document, by_name, chain, sha256, undone

State = Literal["done", "due", "other", "gone"]
Content = Callable[[str], "bytes | None"]  # the bytes of a file of the copy, by its name in the package


@dataclass(frozen=True, slots=True)
class Compared:
    """The files of one copy by their state, and whether they were held against the released package."""

    done: tuple[str, ...] = ()
    due: tuple[str, ...] = ()  # as released, without the patch
    other: tuple[str, ...] = ()  # neither
    gone: tuple[str, ...] = ()
    whole: bool = False  # all files were compared with the released ones
    misfits: str = ""  # why the patch is not one for the released package


def compared(
    patches: Sequence[FilePatch],
    document: Document | None,
    strip: str,
    read: Content,
    released: Mapping[str, bytes] | None,
) -> Compared:
    """What is on disk, file by file.

    With the released files each must be equal to them, but for those that the patch changes, which must be what the
    patch makes of them. Without, the patched files alone are looked at: by the sha256 in the patch where it has one,
    else by whether the patch can be taken back, to the byte.
    """
    chains = {name.removeprefix(strip): parts for name, parts in by_name(patches).items()}
    states: dict[str, State] = {}
    misfits = ""
    for name, parts in chains.items():
        found = read(name)
        try:
            if released is not None:
                states[name] = _against(released.get(name), parts, found)
            else:
                states[name] = _alone(document, f"{strip}{name}", parts, found)
        except PatchError as error:
            states[name], misfits = "other", error.message
    for name, data in (released or {}).items():
        if name not in chains and read(name) != data:
            found = read(name)
            if found is None or not _only_shebang(found, data):
                states[name] = "gone" if found is None else "other"

    def those(state: State) -> tuple[str, ...]:
        return tuple(sorted(name for name, known in states.items() if known == state))

    return Compared(those("done"), those("due"), those("other"), those("gone"), released is not None, misfits)


def _against(released: bytes | None, parts: Sequence[FilePatch], found: bytes | None) -> State:
    wanted = chain(parts, released)
    if found == wanted:
        return "done"
    # Of several parts the first ones may be there: a patch made by hand, which ours was merged into since.
    if any(found == chain(parts[:count], released) for count in range(len(parts))):
        return "due"
    return "gone" if found is None else "other"


def _alone(document: Document | None, name: str, parts: Sequence[FilePatch], found: bytes | None) -> State:
    hashes = document.hashes.get(name) if document else None
    if found is None:
        return "gone" if parts[-1].kind != "delete" else "done"
    if hashes is not None and sha256(found) == hashes.after:
        return "done"
    if hashes is not None and (len(parts) == 1 or sha256(found) == hashes.before):
        return "due" if sha256(found) == hashes.before else "other"
    if hashes is None and _fits(parts, found, back=True):
        return "done"
    return "due" if _fits(parts, found, back=False) else "other"


def _fits(parts: Sequence[FilePatch], found: bytes, *, back: bool) -> bool:
    try:
        if back:
            undone(parts, found)
        else:
            chain(parts, found)
    except PatchError:
        return False
    return True


def _only_shebang(found: bytes, released: bytes) -> bool:
    """Whether npm has changed the end of a script's first line to LF, which it does for commands."""
    first, _, rest = released.partition(b"\r\n")
    return first.startswith(b"#!") and found == first + b"\n" + rest
