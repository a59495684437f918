"""The trace of a finding drawn: each step a box, in the order in which the value goes from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...finding import Hop
from ...terminal import cut, visible
from .markup import Markup, element, join

_WIDTH, _HEIGHT, _GAP = 420, 46, 26
_MOST = 14
_CODE, _PLACE = 46, 56  # characters that fit into a box
_ROLES = {"enters": "enters", "kept": "kept by", "passed": "passed on", "leaves": "still kept", "note": "note"}


def graph(hops: Sequence[Hop]) -> Markup:
    """The drawing. The list of steps beside it says the same, so a screen reader is told no more than what it is."""
    first, last = (hops, hops[:0]) if len(hops) <= _MOST else (hops[: _MOST - 2], hops[-2:])
    boxes = [partial(_step, hop) for hop in first]
    if last:
        boxes += [partial(_left_out, len(hops) - _MOST), *(partial(_step, hop) for hop in last)]
    drawn = [_joined(box(_top(order)), _top(order), order < len(boxes) - 1) for order, box in enumerate(boxes)]
    height = _top(len(boxes)) - _GAP + 2
    size: dict[str, str | int] = {"viewBox": f"0 0 {_WIDTH} {height}", "width": _WIDTH, "height": height}
    return element("svg", {**size, "class": "graph", "role": "img", "aria-label": _label(hops)}, *drawn)


def _top(order: int) -> int:
    return 2 + order * (_HEIGHT + _GAP)


def _label(hops: Sequence[Hop]) -> str:
    return f"Graph of the {len(hops)} steps that are listed here: {', '.join(hop.role for hop in hops[:_MOST])}"


def _step(hop: Hop, top: int) -> Markup:
    place = f"{hop.path.rpartition('/')[2]}:{hop.span.line}"
    return element(
        "g", {"class": f"step {hop.role}"},
        element("rect", {"x": 1, "y": top, "width": _WIDTH - 2, "height": _HEIGHT, "rx": 6}),
        element("text", {"x": 12, "y": top + 18, "class": "role"}, _ROLES[hop.role]),
        element("text", {"x": _WIDTH - 12, "y": top + 18, "class": "place"}, cut(visible(place), _PLACE)),
        element("text", {"x": 12, "y": top + 36, "class": "code"}, cut(visible(_around(hop)), _CODE)),
    )  # fmt: skip


def _left_out(count: int, top: int) -> Markup:
    return element("text", {"x": _WIDTH // 2, "y": top + 28, "class": "more"}, f"{count} more steps")


def _joined(box: Markup, top: int, more: bool) -> Markup:
    """The box with an arrow to the next one."""
    start, end = top + _HEIGHT, top + _HEIGHT + _GAP - 2
    arrow = {"class": "arrow", "d": f"M{_WIDTH // 2} {start}V{end}m-5 -7 5 7 5-7"}
    return join([box, element("path", arrow)]) if more else box


def _around(hop: Hop) -> str:
    """The code of a step: its line, or as much of a long one as fits from a little before the step on."""
    line = " ".join(hop.snippet.split())
    if len(line) <= _CODE:
        return line
    before = hop.snippet.encode("utf-16-le", "surrogatepass")[: 2 * (hop.span.column - 1)]
    start = max(0, min(len(before.decode("utf-16-le", "replace")) - 8, len(hop.snippet.rstrip()) - _CODE + 1))
    return ("…" if start else "") + " ".join(hop.snippet[start : start + 4 * _CODE].split())
