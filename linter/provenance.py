"""What is known of a finding beyond its file: how its package came in, and whether a newer copy here is free of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from .datatype import replace
from .finding import Finding
from .packages import Package
from .semver.ranges import Version, parse_version

if TYPE_CHECKING:
    from .dependencies import Dependencies
    from .work import Work

Done: TypeAlias = "tuple[Package, Work]"


def told(done: Sequence[Done], dependencies: Dependencies, unsure: Iterable[str] | None) -> Iterator[Finding]:
    """The findings with chain, needed and fixed_in.

    `unsure` are the paths that were skipped, so that their packages cannot be said to be free of anything; None when
    that can be said of no package.
    """
    newer = _Newer([] if unsure is None else done, list(unsure or ()))
    for package, work in done:
        by = dependencies.of(package.root) if work.findings else None
        for f in work.findings:
            free = newer.than(f)
            yield replace(f, chain=by.chain, needed=by.needed, fixed_in=free) if by else replace(f, fixed_in=free)


class _Newer:
    """The copies of each package, as far as all of it was looked at."""

    def __init__(self, done: Sequence[Done], skipped: Sequence[str]) -> None:
        self._copies: dict[str, list[tuple[Version, str, Work]]] = defaultdict(list)
        names = [package.name for package, work in done if work.findings]
        for package, work in done:
            version = parse_version(package.version)
            if version is None or package.name not in names or work.skipped:
                continue
            if not any(path.startswith(f"{package.path}/") for path in skipped):
                self._copies[package.name].append((version, package.version, work))

    def than(self, finding: Finding) -> str:
        """The least version above the finding's in which its rule finds nothing; "" when none is known."""
        own = parse_version(finding.version)
        if own is None:
            return ""
        clean = [
            (version, text)
            for version, text, work in self._copies.get(finding.package, ())
            if version > own and finding.rule not in {*(f.rule for f in work.findings), *(g.rule for g in work.gated)}
        ]
        return min(clean)[1] if clean else ""
