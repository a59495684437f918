"""An upstream fix as it comes: from git diff, git format-patch, a code host, or diff -u between two folders."""

from __future__ import annotations

from collections.abc import Iterator

from ..dialect import DIALECTS
from ..errors import InputError
from ..patch import FilePatch, read
from ..patch.lines import split
from ..regexes import regex

# git format-patch ends with its version, which is no part of the diff.
_SIGNATURE = regex(rb"\n-- \n[^\n]*\n*\Z")
_HEADER = regex(rb"(?P<mark>---|\+\+\+) (?P<name>[^\t\r\n]+)[^\r\n]*\r?\n?\Z")
_NOTES = regex(rb"diff |index |similarity |dissimilarity |rename |copy |old mode |new mode |Only in ")
_TESTS = regex(r"(^|/)(tests?|spec|__tests__|bench|examples?)/|[.-](test|spec)\.")
_NOWHERE = b"/dev/null"


def upstream(patch: bytes) -> list[FilePatch]:
    """What it does to JavaScript files that were there before, those that are no tests first.

    Raises PatchError for what is no patch, InputError for one without a change of JavaScript.
    """
    changed = [file for file in read(b"".join(_plain(patch))) if file.kind == "change"]
    files = [file for file in changed if file.name.endswith((*DIALECTS,))]
    if not files:
        raise InputError("the patch changes no JavaScript file", hint="give the diff of the source that was mended")
    return sorted(files, key=lambda file: bool(_TESTS.search(file.name)))


def _plain(patch: bytes) -> Iterator[bytes]:
    """Its lines with one name for both sides of a file, whatever folders were compared and whatever was renamed."""
    lines = split(_SIGNATURE.sub(b"\n", patch))
    for at, line in enumerate(lines):
        other = lines[at + 1] if line.startswith(b"--- ") else lines[at - 1] if at else b""
        found, pair = _HEADER.match(line), _HEADER.match(other)
        if found and pair and found["mark"] != pair["mark"]:
            new = found if found["mark"] == b"+++" else pair
            old = pair if new is found else found
            yield b"%s %s\n" % (found["mark"], _named(found["mark"], old["name"], new["name"]))
        elif not _NOTES.match(line):
            yield line


def _named(mark: bytes, old: bytes, new: bytes) -> bytes:
    if (old if mark == b"---" else new) == _NOWHERE:
        return _NOWHERE
    name = (old if new == _NOWHERE else new).replace(b"\\", b"/").lstrip(b"/.")
    folder, _, inside = name.partition(b"/")
    return (b"a/" if mark == b"---" else b"b/") + (inside if inside and folder else name)
