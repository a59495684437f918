"""The source around a finding, and its diff side by side: tables of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from ...finding import Span
from ...regexes import regex
from .highlight import highlighted
from .markup import Markup, element, scrolling

_AROUND = 3  # lines before and after
_MOST = 14  # lines shown in all
_LONGEST = 180  # characters of a line; a minified file has one of millions
_MOST_DIFF = 120  # rows of a diff
_HUNK = regex(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def source(lines: Sequence[str], span: Span) -> Markup:
    """The lines of a span with a few around them. `lines` are those of the whole file, without their ends."""
    first = max(1, span.line - _AROUND)
    last = min(len(lines), first + _MOST - 1, span.end_line + _AROUND)
    rows = [_row(number, lines[number - 1], span) for number in range(first, last + 1)]
    return _table("source", "Source code", rows)


def only(line: str, span: Span) -> Markup:
    """The one line that a report has of a file that cannot be read again."""
    return _table("source", "Source code", [_row(span.line, line, span)])


def _row(number: int, line: str, span: Span) -> Markup:
    marked = _columns(line, number, span)
    text, marked = _window(line, marked)
    return element(
        "tr", {"class": "hit"} if marked else None, element("td", None, str(number)),
        element("td", None, highlighted(text, marked)),
    )  # fmt: skip


def _columns(line: str, number: int, span: Span) -> tuple[int, int] | None:
    """What of a line is in the span, in characters: columns count UTF-16 code units."""
    if not span.line <= number <= span.end_line:
        return None
    start = _characters(line, span.column) if number == span.line else len(line) - len(line.lstrip())
    end = _characters(line, span.end_column) if number == span.end_line else len(line)
    return (start, end) if start < end else None


def _characters(line: str, column: int) -> int:
    if line.isascii():
        return min(column - 1, len(line))
    units = line.encode("utf-16-le", "surrogatepass")[: 2 * (column - 1)]
    return len(units.decode("utf-16-le", "replace"))


def _window(line: str, marked: tuple[int, int] | None) -> tuple[str, tuple[int, int] | None]:
    """As much of a long line as is worth showing, with the marked part in it."""
    if len(line) <= _LONGEST:
        return line, marked
    start = max(0, marked[0] - _LONGEST // 3) if marked else 0
    shown = line[start : start + _LONGEST]
    before, after = "…" if start else "", "…" if start + _LONGEST < len(line) else ""
    if marked:
        shift = len(before) - start
        marked = (marked[0] + shift, min(marked[1] + shift, len(before) + len(shown)))
    return before + shown + after, marked


def compared(diff: str) -> Markup:
    """A unified diff of one file, what was on the left and what becomes of it on the right."""
    rows = [*_pairs(diff)]
    cut = len(rows) - _MOST_DIFF
    more = [element("tr", None, element("td", {"colspan": 4}, f"... {cut} more lines"))] if cut > 0 else []
    return _table("diff", "The fix as a diff, before and after", [*rows[:_MOST_DIFF], *more])


def _pairs(diff: str) -> Iterator[Markup]:
    old = new = 0
    gone: list[str] = []
    come: list[str] = []
    for line in diff.split("\n"):
        if line[:1] == "-" and old:
            gone.append(line[1:])
            continue
        if line[:1] == "+" and new:
            come.append(line[1:])
            continue
        for left, right in zip_longest(gone, come):
            yield _both(old, left, new, right, changed=True)
            old, new = old + (left is not None), new + (right is not None)
        gone, come = [], []
        if found := _HUNK.match(line):
            if old:
                yield element("tr", None, element("td", {"colspan": 4}, "..."))
            old, new = int(found[1]), int(found[2])
        elif line[:1] == " " and old:
            yield _both(old, line[1:], new, line[1:], changed=False)
            old, new = old + 1, new + 1


def _both(old: int, left: str | None, new: int, right: str | None, *, changed: bool) -> Markup:
    gone, come = ("del", "ins") if changed else (None, None)
    return element("tr", None if changed else {"class": "same"}, _side(old, left, gone), _side(new, right, come))


def _side(number: int, line: str | None, name: str | None) -> list[Markup]:
    if line is None:
        return [element("td", {"class": "none"})] * 2
    code = highlighted(_window(line, None)[0])
    # <del> and <ins> are what a screen reader can tell of a change.
    shown = element(name, None, code) if name else code
    return [element("td", None, str(number)), element("td", {"class": name}, shown)]


def _table(name: str, label: str, rows: Sequence[Markup]) -> Markup:
    return scrolling(label, element("table", {"class": name}, element("tbody", None, rows)))
