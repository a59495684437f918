"""Two files compared line by line: the runs of lines in which they differ."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

from ..datatype import dataclass

# Up to so many it is quicker to compare the lines themselves than to number them first.
FEW = 20
# Insertions plus deletions up to which the shortest edit script is sought: time and memory grow with their square.
MOST = 500
# The same between two anchors, of which a file can have many.
MOST_BETWEEN = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines [start, end) of the old file became lines [new_start, new_end) of the new one; 0-based."""

    start: int
    end: int
    new_start: int
    new_end: int


def split(data: bytes) -> list[bytes]:
    """The lines of data, each with its line end; only a line feed ends one, and the last may have none."""
    *lines, last = data.split(b"\n")
    whole = [line + b"\n" for line in lines]
    return [*whole, last] if last else whole


def differences(before: Sequence[bytes], after: Sequence[bytes]) -> list[Difference]:
    """Where the two differ, in order, with at least one equal line between neighbours.

    As few lines as possible (Myers, "An O(ND) difference algorithm", 1986) while these are at most MOST. Beyond that
    lines that are unique in both files are kept equal, and what lies between them is compared or replaced as a whole.
    """
    head = run(before, 0, after, 0)
    tail = run(before[head:][::-1], 0, after[head:][::-1], 0)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    found = _shortest(old, new, FEW)
    if found is None:
        ids: dict[bytes, int] = {}
        a, b = ([ids.setdefault(line, len(ids)) for line in lines] for lines in (old, new))
        found = _many(a, b)
    return [_shifted(part, head, head) for part in found]


def run(a: Sequence[object], x: int, b: Sequence[object], y: int) -> int:
    """How many items are equal from a[x] and b[y] on.

    Whole slices are compared, because that happens in C: millions of items take milliseconds.
    """
    limit = min(len(a) - x, len(b) - y)
    if limit <= 0 or a[x] != b[y]:
        return 0
    same, step = 1, 1
    while step := min(step, limit - same):
        if a[x + same : x + same + step] == b[y + same : y + same + step]:
            same += step
            step *= 2
        else:
            step //= 2
    return same


def _shortest(a: Sequence[object], b: Sequence[object], most: int) -> list[Difference] | None:
    """The fewest differences, or None when they come to more than `most` lines."""
    n, m = len(a), len(b)
    # furthest[k]: how far into a the best path on the diagonal x - y = k has come; negative k count from the end.
    furthest = [-1] * (2 * min(most, n + m) + 3)
    furthest[1] = 0
    rounds: list[list[int]] = []
    for d in range(min(most, n + m) + 1):
        rounds.append(furthest.copy())
        for k in range(2 * max(0, d - m) - d, d - 2 * max(0, d - n) + 1, 2):
            x = max(furthest[k + 1], furthest[k - 1] + 1)
            x += run(a, x, b, x - k)
            furthest[k] = x
            if x >= n and x - k >= m:
                return _traced(rounds, n, m)
    return None


def _traced(rounds: Sequence[Sequence[int]], x: int, y: int) -> list[Difference]:
    """The differences along the path that came to (x, y), read backwards from the rounds of `_shortest`."""
    steps: list[Difference] = []
    for furthest in reversed(rounds[1:]):
        k = x - y
        inserted = furthest[k + 1] > furthest[k - 1]
        k += 1 if inserted else -1
        x = furthest[k]
        y = x - k
        steps.append(Difference(x, x + (not inserted), y, y + inserted))
    return _joined(reversed(steps))


def _joined(parts: Iterator[Difference]) -> list[Difference]:
    joined: list[Difference] = []
    for part in parts:
        if joined and (joined[-1].end, joined[-1].new_end) == (part.start, part.new_start):
            last = joined.pop()
            part = Difference(last.start, part.end, last.new_start, part.new_end)
        joined.append(part)
    return joined


def _many(a: Sequence[int], b: Sequence[int]) -> list[Difference]:
    found = _shortest(a, b, MOST)
    if found is None:
        found = [part for piece in _between_anchors(a, b) for part in _within(a, b, piece)]
    return found


def _between_anchors(a: Sequence[int], b: Sequence[int]) -> Iterator[Difference]:
    """What lies between lines that are unique in both and in the same order in both (patience diff)."""
    at = at_new = 0
    for x, y in [*_anchors(a, b), (len(a), len(b))]:
        if at < x or at_new < y:
            yield Difference(at, x, at_new, y)
        at, at_new = x + 1, y + 1


def _anchors(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """The longest ascending run of places (in a, in b) of lines that each occur once in a and once in b."""
    once = {line for line, count in Counter(a).items() if count == 1}
    once &= {line for line, count in Counter(b).items() if count == 1}
    place = {line: y for y, line in enumerate(b) if line in once}
    pairs = [(x, place[line]) for x, line in enumerate(a) if line in once]
    ends: list[int] = []  # ends[i]: the lowest y in which a run of i + 1 pairs can end; tails: the pair itself
    tails: list[int] = []
    previous: list[int] = []
    for number, (_, y) in enumerate(pairs):
        length = bisect_left(ends, y)
        previous.append(tails[length - 1] if length else -1)
        ends[length : length + 1] = [y]
        tails[length : length + 1] = [number]
    chosen: list[tuple[int, int]] = []
    number = tails[-1] if tails else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = previous[number]
    return chosen[::-1]


def _within(a: Sequence[int], b: Sequence[int], piece: Difference) -> list[Difference]:
    found = _shortest(a[piece.start : piece.end], b[piece.new_start : piece.new_end], MOST_BETWEEN)
    return [piece] if found is None else [_shifted(part, piece.start, piece.new_start) for part in found]


def _shifted(part: Difference, by: int, new_by: int) -> Difference:
    return Difference(part.start + by, part.end + by, part.new_start + new_by, part.new_end + new_by)
