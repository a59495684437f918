"""Questions about npm version ranges: is a version in one, do two meet, is one within the other.

Prereleases. `satisfies` is npm's: a prerelease counts only where its own alternative names a prerelease of the same
version. (npm forgets such an alternative beside a `*`; this does not.) `intersects` and `within` ask about all
releases, and about those prereleases that a range names; the latter are in the other range when they lie between its
bounds. So `*` intersects everything, `>=1 <3` is within `1.x || 2.x`, and no version is in `>1.2.3 <1.2.4`.
"""

from __future__ import annotations

from .ranges import LEAST, RELEASE, Interval, Range, Version, parse_range, parse_version

__all__ = ["intersects", "parse_range", "satisfies", "within"]


def satisfies(version: str, text: str) -> bool:
    """Whether npm would take this version for the range; False for what is no version. ValueError: no range."""
    known, wanted = parse_version(version), _loose(text)
    if known is None:
        return False
    return any(_holds(interval, known) for interval in wanted.intervals)


def intersects(a: str, b: str) -> bool:
    """Whether some version is in both. ValueError when one of them is no range."""
    one, other = _loose(a), _loose(b)
    return any(
        _meet(*pair)
        for pair in (
            (_releases(one), _releases(other)),
            (_prereleases(one), _all(other)),
            (_all(one), _prereleases(other)),
        )
    )


def within(a: str, b: str) -> bool:
    """Whether every version of a is in b (an empty a is in anything). ValueError when one of them is no range."""
    one, other = _loose(a), _loose(b)
    return _covered(_releases(one), _releases(other)) and _covered(_prereleases(one), _all(other))


def _loose(text: str) -> Range:
    return parse_range(text, loose=True)


def _holds(interval: Interval, version: Version) -> bool:
    triple, tag = version[:3], version[3]
    inside = interval.start <= version < interval.end
    return inside and (tag == RELEASE or triple in interval.named)


_Part = tuple[Version, Version]


def _all(of: Range) -> list[_Part]:
    return [(interval.start, interval.end) for interval in of.intervals]


def _releases(of: Range) -> list[_Part]:
    """The same intervals as their releases see them: each bound moved to the release it belongs to."""
    moved = (((*i.start[:3], RELEASE), (*i.end[:3], RELEASE)) for i in of.intervals)
    return [(start, end) for start, end in moved if start < end]


def _prereleases(of: Range) -> list[_Part]:
    """The prereleases that a range names."""
    parts = (
        (max(i.start, (*triple, LEAST)), min(i.end, (*triple, RELEASE))) for i in of.intervals for triple in i.named
    )
    return [(start, end) for start, end in parts if start < end]


def _meet(one: list[_Part], other: list[_Part]) -> bool:
    return any(max(a[0], b[0]) < min(a[1], b[1]) for a in one for b in other)


def _covered(parts: list[_Part], by: list[_Part]) -> bool:
    """Whether each part lies in the union of `by`."""
    ordered = sorted(by)
    for start, end in parts:
        for left, right in ordered:
            if left <= start < right:
                start = right
        if start < end:
            return False
    return True
