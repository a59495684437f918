"""A source line with a caret range under it, however long, wide or tabbed the line is."""

from __future__ import annotations

from ..terminal import visible, width

_TAB = 4


def excerpt(line: str, column: int, end_column: int, columns: int) -> tuple[str, str]:
    """The line as a terminal should show it, and the carets that belong under it.

    Columns are 1-based UTF-16 code units, the end exclusive. What does not fit into `columns` is cut around the
    first caret, with `…` on each cut side.
    """
    units = line.encode("utf-16-le", "surrogatepass")
    start = min(column - 1, len(units) // 2)
    end = min(max(end_column - 1, start + 1), start + columns)
    # Only this much can be seen, and a minified line may have millions of characters.
    first = max(0, start - columns)
    before = _cells(_text(units, first, start), 0)
    marked = _cells(_text(units, start, end), len(before))
    after = _cells(_text(units, end, end + columns), len(before) + len(marked))
    longer = end + columns < len(units) // 2
    return _window(before, marked, after, columns, (first > 0, longer))


def _text(units: bytes, start: int, end: int) -> str:
    return units[2 * start : 2 * end].decode("utf-16-le", "replace")


def _cells(text: str, at: int) -> list[str]:
    """One entry a terminal column; a wide character is followed by an empty one. `at` is the column text begins in."""
    cells: list[str] = []
    for char in text:
        if char == "\t":
            cells += [" "] * (_TAB - (at + len(cells)) % _TAB)
            continue
        shown = visible(char)
        if width(shown) == 0 and cells:
            cells[-1] += shown
        elif width(shown) == 2:
            cells += [shown, ""]
        else:
            cells += list(shown)
    return cells


def _window(
    before: list[str], marked: list[str], after: list[str], columns: int, more: tuple[bool, bool]
) -> tuple[str, str]:
    cells = before + marked + after
    start, end = 0, len(cells)
    if end > columns or any(more):
        lead = min(len(before), columns // 3)
        start = len(before) - lead if len(before) + len(marked) > columns or more[0] else 0
        end = min(len(cells), start + columns)
    cut_left, cut_right = start > 0 or more[0], end < len(cells) or more[1]
    shown = cells[start:end]
    if cut_left:
        shown[:1] = ["…"]
    if cut_right:
        shown[-1:] = ["…"]
    carets = max(1, min(len(marked), end - len(before)))
    return "".join(shown).rstrip(), " " * (len(before) - start) + "^" * carets
