"""The runs as an SVG: one panel for each Node, one line for each variant; no script, and readable on light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import count

from .measure import VARIANTS, Run

PANEL, HEIGHT = 330, 230  # px of the plotted area
LEFT, TOP, BETWEEN, RIGHT, BOTTOM = 52, 66, 56, 14, 46
CLASSES = dict(zip(VARIANTS, ("released", "mended", "slabs"), strict=True))

# The lines differ in dashes as well as in colour.
STYLE = """
  text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 14px; font-weight: 600; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .axis { fill: none; stroke: #59636e; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .released { stroke: #b3261e; }
  .mended { stroke: #0b6e4f; stroke-dasharray: 9 4; }
  .slabs { stroke: #0550ae; stroke-dasharray: 2 4; stroke-linecap: round; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .grid { stroke: #3d444d; }
    .axis { stroke: #9198a1; }
    .released { stroke: #ff7b72; }
    .mended { stroke: #56d364; }
    .slabs { stroke: #79c0ff; }
  }
"""


def svg(runs: Sequence[Run]) -> str:
    """The whole picture, as text."""
    nodes = list(dict.fromkeys(run.node for run in runs))
    width = LEFT + len(nodes) * PANEL + (len(nodes) - 1) * BETWEEN + RIGHT
    height = TOP + HEIGHT + BOTTOM
    scale = _Scale(
        max(sockets for run in runs for sockets, _ in run.readings), max(mb for run in runs for _, mb in run.readings)
    )
    label = "Resident memory of a Socket.IO 0.9.13 server over its open sockets"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{label}">',
        f"<title>{label}</title>",
        f"<style>{STYLE}</style>",
        *_legend([variant for variant in VARIANTS if any(run.variant == variant for run in runs)]),
    ]
    for number, node in enumerate(nodes):
        parts.append(f'<g transform="translate({LEFT + number * (PANEL + BETWEEN)} {TOP})">')
        parts += _panel(node, [run for run in runs if run.node == node], scale)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


class _Scale:
    """From sockets and MB to px within a panel; round numbers at the ticks of both axes."""

    def __init__(self, sockets: float, mb: float) -> None:
        self.sockets, self.mb = _ticks(sockets), _ticks(mb)

    def x(self, sockets: float) -> str:
        return _px(PANEL * sockets / self.sockets[-1])

    def y(self, mb: float) -> str:
        return _px(HEIGHT * (1 - mb / self.mb[-1]))


def _ticks(largest: float) -> list[int]:
    """At most seven round numbers from 0 on, the last of which is not below the largest value."""
    for power in count():
        for step in (factor * 10**power for factor in (1, 2, 5)):
            if step * 6 >= largest:
                return list(range(0, int(-(-largest // step)) * step + 1, step))
    raise AssertionError


def _legend(variants: Sequence[str]) -> Iterator[str]:
    x = LEFT
    for variant in variants:
        yield f'<path class="line {CLASSES[variant]}" d="M{x} 18h34"/>'
        yield f'<text x="{x + 42}" y="22">{escape(variant)}</text>'
        x += 42 + 7 * len(variant) + 24


def _panel(node: str, runs: Sequence[Run], scale: _Scale) -> Iterator[str]:
    yield f'<text class="title" x="0" y="-14">Node {escape(node)}</text>'
    for mb in scale.mb:
        yield f'<path class="grid" d="M0 {scale.y(mb)}H{PANEL}"/>'
        yield f'<text x="-8" y="{scale.y(mb)}" dy="4" text-anchor="end">{mb}</text>'
    for sockets in scale.sockets:
        yield f'<path class="axis" d="M{scale.x(sockets)} {HEIGHT}v5"/>'
        yield f'<text x="{scale.x(sockets)}" y="{HEIGHT + 19}" text-anchor="middle">{sockets}</text>'
    yield f'<path class="axis" d="M0 0V{HEIGHT}H{PANEL}"/>'
    yield f'<text x="{PANEL // 2}" y="{HEIGHT + 38}" text-anchor="middle">open sockets</text>'
    middle = HEIGHT // 2
    yield f'<text x="-38" y="{middle}" text-anchor="middle" transform="rotate(-90 -38 {middle})">memory, MB</text>'
    for run in runs:
        points = " ".join(f"{scale.x(sockets)},{scale.y(mb)}" for sockets, mb in run.readings)
        yield f'<polyline class="line {CLASSES[run.variant]}" points="{points}"/>'


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
