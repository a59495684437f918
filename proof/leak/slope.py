"""How memory grows with open sockets: a robust slope over the second half of the readings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median

Reading = tuple[int, float]  # open sockets, resident memory in MB


def slope(readings: Sequence[Reading]) -> float:
    """MB a socket by Theil and Sen: the median over all pairs, which a slab taken or freed in one of them cannot bend.

    Only the second half counts. A server takes memory for its first connections that it then goes on using.
    """
    half = max(sockets for sockets, _ in readings) / 2
    late = [reading for reading in readings if reading[0] >= half]
    return median((y - x) / (n - m) for (m, x), (n, y) in combinations(late, 2))
