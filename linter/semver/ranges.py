"""Reading a version range as npm does: each alternative of `||` is one half-open interval of versions.

The grammar is that of npm's loose mode (classes/range.js of its `semver` module): `1.2.3beta`, `v0.8`, `=1`, leading
zeros and `~>` are read. Build metadata is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..datatype import dataclass
from ..regexes import regex

Word = tuple[int, int, str]  # an identifier in semver order: numbers, then text, then "no tag at all"
Version = tuple[int, int, int, tuple[Word, ...]]  # major, minor, patch, tag
Triple = tuple[int, int, int]

LEAST: tuple[Word, ...] = ((0, 0, ""),)  # the tag `-0`, below which there is none
RELEASE: tuple[Word, ...] = ((2, 0, ""),)
_ZERO: Version = (0, 0, 0, LEAST)
_END: Version = (1 << 64, 0, 0, LEAST)
_LARGEST = (1 << 53) - 1  # as npm: a number that JavaScript can hold
_LONGEST = 4096
_LONGEST_WORD = 256  # as npm's MAX_LENGTH; it also bounds what the patterns below can cost

_ID = r"(?:[0-9]*[a-zA-Z-][a-zA-Z0-9-]*|[0-9]+)"
_TAG = rf"(?:-?({_ID}(?:\.{_ID})*))?"
_NUMBER = r"([0-9]+|[xX*])"
_PARTIAL = rf"[v=\s]*{_NUMBER}(?:\.{_NUMBER}(?:\.{_NUMBER}{_TAG})?)?"
_EXACT = regex(rf"[v=\s]*([0-9]+)\.([0-9]+)\.([0-9]+){_TAG}")
_COMPARATOR = regex(rf"(~>|~|\^|[<>]?=?)\s*{_PARTIAL}")
_HYPHEN = regex(rf"{_PARTIAL}\s+-\s+{_PARTIAL}")
_BUILD = regex(r"\+[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*")
_LOOSE_OPERATOR = regex(r"(?<=[<>=~^])\s+(?=[v=0-9xX*])")


@dataclass(frozen=True, slots=True)
class Interval:
    """The versions from start up to, not including, end; prereleases in between are inside.

    `named` are the releases of which its text names a prerelease.
    """

    start: Version = _ZERO
    end: Version = _END
    named: frozenset[Triple] = frozenset()


@dataclass(frozen=True, slots=True)
class Range:
    """A parsed range: one interval for each non-empty alternative of `||`."""

    text: str
    intervals: tuple[Interval, ...]


@lru_cache(maxsize=4096)
def parse_range(text: str, *, loose: bool = False) -> Range:
    """The range that text means. Raises ValueError with one clear line.

    With loose=True words that mean nothing ("node >= 0.6") are left out as long as something remains, as npm does with
    the `engines` of old packages. semver.py reads loosely; a rule page should not.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a version range of {len(text)} characters is too long (at most {_LONGEST})")
    found: list[Interval] = []
    understood = False
    for part in text.split("||"):
        pieces = list(_alternative(part, text, loose))
        understood = understood or bool(pieces)
        both = _all_of(pieces)
        if pieces and both.start < both.end:
            found.append(both)
    if not understood:
        raise ValueError(f"{text!r} is not a version range")
    return Range(text, tuple(found))


def parse_version(text: str) -> Version | None:
    """The version that text is, or None."""
    match = _EXACT.fullmatch(_BUILD.sub("", text.strip())) if len(text) <= _LONGEST_WORD else None
    if match is None or any(int(part) > _LARGEST for part in match.groups()[:3]):
        return None
    return (int(match[1]), int(match[2]), int(match[3]), _tag(match[4]))


def _alternative(part: str, text: str, loose: bool) -> Iterator[Interval]:
    """The comparators between two `||`, each an interval."""
    part = _BUILD.sub("", " ".join(part.split()))
    hyphen = _HYPHEN.fullmatch(part) if len(part) <= 2 * _LONGEST_WORD else None
    if hyphen:
        low, high = _numbers(hyphen.groups()[:4]), _numbers(hyphen.groups()[4:])
        yield Interval(low.start, named=low.named)
        yield Interval(end=_after(high), named=high.named)
        return
    for word in _LOOSE_OPERATOR.sub("", part).split() or ["*"]:
        interval = _comparator(word)
        if interval is not None:
            yield interval
        elif not loose:
            raise ValueError(f"{word!r} is not a version or a comparison with one, in the version range {text!r}")


def _comparator(word: str) -> Interval | None:
    """One `>=1.2`, `^1`, `1.x`; None when it is not one."""
    match = _COMPARATOR.fullmatch(word) if len(word) <= _LONGEST_WORD else None
    if match is None:
        return None
    operator, at = match[1], _numbers(match.groups()[1:])
    if operator in ("^", "~", "~>"):
        return _compatible(at, caret=operator == "^")
    spelled = [part is not None and part not in "xX*" for part in match.groups()[1:4]]
    if spelled != sorted(spelled, reverse=True):  # `1.x.3`
        return None
    if operator == ">":
        return Interval(_above(at), named=at.named) if at.given else Interval(end=_ZERO)
    if operator == "<":
        return Interval(end=at.bottom, named=at.named) if at.given else Interval(end=_ZERO)
    if operator == ">=":
        return Interval(at.start, named=at.named)
    if operator == "<=":
        return Interval(end=_after(at), named=at.named)
    return Interval((*at.triple, at.tag) if at.given == 3 else at.start, _after(at), at.named)


@dataclass(frozen=True, slots=True)
class _Partial:
    """A version of which only the first `given` numbers are there."""

    given: int
    triple: Triple
    tag: tuple[Word, ...]

    @property
    def start(self) -> Version:
        # npm reads >=0.0.0 as *, prereleases of 0.0.0 included.
        return _ZERO if (self.triple, self.tag) == ((0, 0, 0), RELEASE) else (*self.triple, self.tag)

    @property
    def bottom(self) -> Version:
        """What `<` stops at: `<1.2` leaves out the prereleases of 1.2.0 too."""
        return (*self.triple, self.tag if self.given == 3 else LEAST)

    @property
    def named(self) -> frozenset[Triple]:
        return frozenset({self.triple} if self.given == 3 and self.tag != RELEASE else ())


def _numbers(groups: Iterable[str | None]) -> _Partial:
    major, minor, patch, tag = groups
    numbers = []
    for part in (major, minor, patch):
        if part is None or part in "xX*":
            break
        if int(part) > _LARGEST:
            raise ValueError(f"{part} is too large a number for a version")
        numbers.append(int(part))
    filled = [*numbers, 0, 0, 0]
    return _Partial(len(numbers), (filled[0], filled[1], filled[2]), _tag(tag))


def _tag(text: str | None) -> tuple[Word, ...]:
    if not text:
        return RELEASE
    return tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in text.split("."))


def _next(triple: Triple, place: int) -> Version:
    """The lowest version after all that share the first `place` + 1 numbers."""
    major, minor, patch = triple
    if place == 0:
        return (major + 1, 0, 0, LEAST)
    return (major, minor + 1, 0, LEAST) if place == 1 else (major, minor, patch + 1, LEAST)


def _after(at: _Partial) -> Version:
    """The version right after at (1.2.3: 1.2.4-0; 1.2.3-a: 1.2.3-a.0), or after all that a partial one means."""
    if at.given == 0:
        return _END
    if at.given == 3 and at.tag != RELEASE:
        return (*at.triple, at.tag + LEAST)
    return _next(at.triple, at.given - 1)


def _above(at: _Partial) -> Version:
    """Where `>` begins: above a partial version with the next release, `>1.2` being `>=1.3.0`."""
    after = _after(at)
    return after if at.given == 3 else (*after[:3], RELEASE)


def _compatible(at: _Partial, *, caret: bool) -> Interval:
    """`^` keeps the first number that is not zero, `~` the minor one (the major one when it stands alone)."""
    if at.given == 0:
        return Interval()
    if caret:
        # Unnamed numbers are no zeros: ^0.0 is 0.0.x and ^0 is 0.x.
        place = next((i for i in range(at.given) if at.triple[i]), at.given - 1)
    else:
        place = min(at.given, 2) - 1
    return Interval(at.start, _next(at.triple, place), at.named)


def _all_of(pieces: list[Interval]) -> Interval:
    named = frozenset[Triple]().union(*(piece.named for piece in pieces))
    start = max((piece.start for piece in pieces), default=_ZERO)
    return Interval(start, min((piece.end for piece in pieces), default=_END), named)
