"""A patch file of ours: a banner of comments, perhaps somebody else's patch as it was, and what we add."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from .. import __version__
from ..datatype import dataclass
from ..errors import PatchError
from ..patch import FilePatch, printed, read, result, reverse
from ..regexes import regex

_FIRST = regex(r"# nodemend (\S+): (\S+(?:, \S+)*)")
_PACKAGE = regex(r"# package: (\S+)(?: (\S+))?")
_FILE = regex(r"# sha256 ([0-9a-f]{64}) -> ([0-9a-f]{64}) (.+)")
_AFTER = regex(r"# after a patch by hand, sha256 ([0-9a-f]{64})")
_START = regex(rb"^diff --git ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hashes:
    """A file's sha256 before and after our part of the patch, in hex."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Document:
    """A patch file of ours as data. Names in `ours` and `hashes` are those in the patch, with its prefix."""

    rules: tuple[str, ...]
    package: str  # name@version; "" for vendored code
    integrity: str  # of the released package, as the lockfile has it; "" when it has none
    ours: tuple[FilePatch, ...]
    hashes: Mapping[str, Hashes]
    theirs: bytes = b""  # a patch made by hand for the same package, which comes first and stays as it is
    version: str = __version__

    def text(self) -> bytes:
        """The whole file. Each line of the banner begins with `# `, so that no applier takes it for a patch."""
        lines = [f"# nodemend {self.version}: {', '.join(self.rules)}"]
        if self.package:
            lines.append(f"# package: {self.package} {self.integrity}".rstrip())
        if self.theirs:
            lines.append(f"# after a patch by hand, sha256 {sha256(self.theirs)}")
        for patch in self.ours:
            hashes = self.hashes[patch.name]
            lines.append(f"# sha256 {hashes.before} -> {hashes.after} {patch.name}")
        head = "".join(f"{line}\n" for line in lines).encode()
        return head + self.theirs + b"".join(printed(patch) for patch in self.ours)

    def patches(self) -> tuple[FilePatch, ...]:
        """Everything that the file does, in order. PatchError when the part made by hand is no patch."""
        return (*(read(self.theirs) if self.theirs else ()), *self.ours)


def parse(data: bytes) -> Document | None:
    """The document in a patch file; None when it is none of ours. PatchError when it was ours and has been damaged."""
    lines = data.split(b"\n")
    first = _FIRST.fullmatch(lines[0].decode("utf-8", "replace").rstrip("\r"))
    if first is None:
        return None
    if b"\r" in lines[0]:
        hint = "say `*.patch -text` in .gitattributes and check it out again"
        raise PatchError("its line ends have become CRLF", hint=hint)
    head: list[str] = []
    for line in lines[1:]:
        if not line.startswith(b"# "):
            break
        head.append(line.decode("utf-8", "surrogateescape"))
    return _document(first, head, data)


def _document(first: re.Match[str], head: Sequence[str], data: bytes) -> Document:
    package, integrity, after = "", "", ""
    hashes: dict[str, Hashes] = {}
    used = 1
    for line in head:
        if found := _PACKAGE.fullmatch(line):
            package, integrity = found[1], found[2] or ""
        elif found := _AFTER.fullmatch(line):
            after = found[1]
        elif found := _FILE.fullmatch(line):
            hashes[found[3]] = Hashes(found[1], found[2])
        else:  # a comment of the patch made by hand
            break
        used += 1
    body = data.split(b"\n", used)[used]
    starts = [match.start() for match in _START.finditer(body)]
    if len(starts) < len(hashes) or not hashes:
        raise PatchError("it has fewer files than its first lines say")
    cut = starts[-len(hashes)]
    ours = read(body[cut:])
    if [patch.name for patch in ours] != list(hashes) or (cut and not after):
        raise PatchError("its files are not those that its first lines name")
    rules = tuple(first[2].split(", "))
    return Document(rules, package, integrity, ours, hashes, body[:cut], first[1])


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def chain(patches: Sequence[FilePatch], content: bytes | None) -> bytes | None:
    """What a file becomes by all patches of it, in order; None where there is no file. PatchError when one misfits."""
    for patch in patches:
        content = result(patch, content)
    return content


def undone(patches: Sequence[FilePatch], content: bytes | None) -> bytes | None:
    """What a file was before all patches of it. PatchError when they are not in it."""
    return chain([reverse(patch) for patch in reversed(patches)], content)


def by_name(patches: Sequence[FilePatch]) -> dict[str, list[FilePatch]]:
    """The patches of each file, in order."""
    found: dict[str, list[FilePatch]] = {}
    for patch in patches:
        found.setdefault(patch.name, []).append(patch)
    return found


def hunk_lines(patches: Sequence[FilePatch]) -> Iterator[bytes]:
    """Every line that the patches hold."""
    return (line for patch in patches for hunk in patch.hunks for line in hunk.body)
