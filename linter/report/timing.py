"""Where the time of a scan went, as text for people: phases, gates, the slowest files and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..meter import Profile
from ..terminal import visible

_MEANING = {
    "read": "JavaScript files read",
    "words": "in which some rule's words occur",
    "once": "of those, not in a copy of a package",
    "parsed": "parsed, for a rule or what it asked of others",
    "findings": "with findings",
}
_REUSE = {
    "unchanged": "with nothing changed, not read",
    "known": "read, whose contents were known",
    "analysed": "analysed",
}


def render(profile: Profile, rest: float = 0.0) -> str:
    """The profile in lines; `rest` are the seconds that went into the report since it was made."""
    return "".join(f"{line}\n" for line in _lines(profile, rest))


def _lines(profile: Profile, rest: float) -> Iterator[str]:
    seconds = {**profile.seconds, "report": profile.seconds.get("report", 0.0) + rest}
    total = sum(seconds.values())
    where = "one process" if profile.processes == 1 else f"{profile.processes} processes, added up"
    yield f"time: {total:.2f} s in {where}"
    for phase, spent in seconds.items():
        yield f"  {phase:<8} {spent:>9.3f} s {spent / total if total else 0:>5.0%}"
    yield "gates:"
    for gauge in profile.gates:
        yield f"  {gauge.files:>8,} files {gauge.bytes:>14,} bytes  {_MEANING[gauge.gate]}"
    if profile.reuse:
        yield "cache:"
        for name, meaning in _REUSE.items():
            yield f"  {getattr(profile.reuse, name):>8,} packages  {meaning}"
    yield from _slowest("slowest files:", profile.files)
    yield from _slowest("slowest rules (to match and to prove):", profile.rules)


def _slowest(title: str, named: Iterable[tuple[str, float]]) -> Iterator[str]:
    lines = [f"  {seconds:>8.3f} s  {visible(name)}" for name, seconds in named]
    if lines:
        yield title
        yield from lines
