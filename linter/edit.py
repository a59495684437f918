"""Changes to the bytes of one file, and how several of them get along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .datatype import dataclass
from .safety import Safety

__all__ = ["Edit", "Fix", "Safety", "apply", "compatible"]


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes [start, end) by text. Offsets are byte offsets into the file as it was read."""

    start: int
    end: int
    text: bytes

    def touches(self, other: Edit) -> bool:
        """Whether applying both would depend on their order: they overlap or meet at an edge."""
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that make sense only together, how safe they are, and why not safer."""

    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE
    why: str = ""

    def touches(self, other: Fix) -> bool:
        return any(a.touches(b) for a in self.edits for b in other.edits)


def compatible(fixes: Iterable[Fix]) -> tuple[list[Fix], list[Fix]]:
    """The fixes that can be applied in one pass, and those that must wait for the next one.

    First come, first served, so the answer depends only on the order given; a fix equal to a chosen one is not
    a loser: it is already there.
    """
    chosen: list[Fix] = []
    waiting: list[Fix] = []
    taken: set[tuple[Edit, ...]] = set()
    for fix in fixes:
        if fix.edits in taken:
            continue
        if any(fix.touches(other) for other in chosen):
            waiting.append(fix)
        else:
            chosen.append(fix)
            taken.add(fix.edits)
    return chosen, waiting


def apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The bytes after the edits. Raises ValueError when two of them overlap or one lies outside the file."""
    pieces: list[bytes] = []
    at = 0
    for edit in sorted(edits):
        if edit.start < at or edit.end < edit.start or edit.end > len(data):
            raise ValueError(f"edit [{edit.start}, {edit.end}) overlaps another or lies outside of {len(data)} bytes")
        pieces += (data[at : edit.start], edit.text)
        at = edit.end
    pieces.append(data[at:])
    return b"".join(pieces)
