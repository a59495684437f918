"""The line in .gitattributes that keeps git from changing line ends in patch files."""

from __future__ import annotations

NAME = ".gitattributes"
_LINE = "*.patch -text"
_OURS = f"# nodemend: the line ends in a patch are part of it\n{_LINE}\n"


def added(text: bytes) -> bytes:
    """The file with the line; as it is when it has it already."""
    if any(line.split() == _LINE.encode().split() for line in text.split(b"\n")):
        return text
    return text + (b"" if text.endswith(b"\n") or not text else b"\n") + _OURS.encode()


def removed(text: bytes) -> bytes:
    """The file less what `added` put there, and nothing else."""
    return text.replace(_OURS.encode(), b"", 1)
