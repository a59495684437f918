"""The part of a hunk that can be read by itself: both of its sides are whole statements."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from ..datatype import dataclass
from ..parsing import parse
from ..patch.hunk import Hunk
from ..regexes import regex

_OPENING = regex(r"\bfunction\b.*\{\s*$|=>\s*\{\s*$")
_CLOSINGS = ([" }"], [" };"], [" });"])
_LONGEST = 80  # changed lines; more than that is no one change
_MOST = 20  # lines of a hunk at which it may begin, and end


@dataclass(frozen=True, slots=True)
class Fragment:
    """The lines of a diff with their marks: ' ', - or +. Both sides parse without an error."""

    lines: tuple[str, ...]

    @property
    def before(self) -> str:
        return side(self.lines, "+")

    @property
    def after(self) -> str:
        return side(self.lines, "-")


def side(lines: Sequence[str], without: str) -> str:
    return "".join(f"{line[1:]}\n" for line in lines if line[:1] != without)


def fragment(hunk: Hunk) -> Fragment | None:
    """The longest run of a hunk's lines around all its changes that parses, in its function if the hunk names that.

    None when there is no such run: the change is cut in the middle of an expression, say, or is far too long.
    """
    if sum(line[:1] != b" " for line in hunk.body) > _LONGEST:
        return None
    lines = [line.decode("utf8", "replace").rstrip("\r\n") or " " for line in hunk.body]
    lines = [line if line[0] in " +-" else f" {line}" for line in lines]
    for candidate in _candidates(lines, hunk.section.decode("utf8", "replace").strip()):
        if _parses(side(candidate, "+")) and _parses(side(candidate, "-")):
            return Fragment(_trimmed(candidate))
    return None


def only(part: Fragment, old: Container[int], new: Container[int]) -> tuple[str, ...]:
    """The lines of the diff with only the changes in these rows of its sides, 0-based; the others are taken back."""
    kept: list[str] = []
    run: list[tuple[str, bool]] = []
    before = after = 0
    for line in [*part.lines, " "]:
        if line[0] == " ":
            kept += _kept(run)
            run = []
            kept.append(line)
        else:
            run.append((line, before in old if line[0] == "-" else after in new))
        before, after = before + (line[0] != "+"), after + (line[0] != "-")
    return tuple(kept[:-1])


def _kept(run: list[tuple[str, bool]]) -> list[str]:
    """A run of changed lines as it is when one of them is wanted, else what was there before."""
    if any(wanted for _, wanted in run):
        return [line for line, _ in run]
    return [f" {line[1:]}" for line, _ in run if line[0] == "-"]


def _candidates(lines: list[str], section: str) -> Iterator[list[str]]:
    """Runs with all changes, longest first; inside the function that the hunk's heading opens before those without."""
    changed = [at for at, line in enumerate(lines) if line[0] in "+-"]
    first, last = changed[0], changed[-1] + 1
    starts, ends = range(first + 1)[-_MOST:], range(len(lines), last - 1, -1)[-_MOST:]
    pairs = sorted(((start, end) for start in starts for end in ends), key=lambda pair: pair[0] - pair[1])
    if _OPENING.search(section):
        for start, end in pairs:
            yield from ([f" {section}", *lines[start:end], *closing] for closing in ([], *_CLOSINGS))
    for start, end in pairs:
        yield from ([*lines[start:end], *closing] for closing in ([], *_CLOSINGS))


def _parses(code: str) -> bool:
    root = parse(code.encode()).root_node
    # An object literal's inside, or a method without its class, is read as labels and calls: no error, other code.
    return not root.has_error and not any(child.type == "labeled_statement" for child in root.named_children)


def _trimmed(lines: list[str]) -> tuple[str, ...]:
    """Without the empty and the comment lines at both ends."""
    while lines and _idle(lines[0]):
        lines = lines[1:]
    while lines and _idle(lines[-1]):
        lines = lines[:-1]
    return tuple(lines)


def _idle(line: str) -> bool:
    return line[0] == " " and (not line.strip() or line.strip().startswith(("//", "/*", "*")))
