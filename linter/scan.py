"""Many files: package by package, each content once, every installed copy reported."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from .finding import Finding, Gated, Omitted, Report, Skipped, Stats
from .packages import File, Package, contents, discover, unfit
from .repository import below_root
from .rule import Rule, wanted
from .work import STDIN, Settings, Work, target_of

if TYPE_CHECKING:
    from .dependencies import Dependencies

__all__ = ["STDIN", "Progress", "Settings", "check", "fix"]


@dataclass(frozen=True, slots=True)
class Progress:
    files: int
    packages: int
    findings: int
    path: str


def check(
    paths: Sequence[str],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    stdin: Callable[[], bytes],
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """What the rules find at these paths. Raises InputError for a path that cannot be scanned at all."""
    return _Scan(rules, settings, progress, mends=False).report(paths, stdin)


def fix(
    paths: Sequence[str],
    rules: Sequence[Rule],
    settings: Settings,
    *,
    stdin: Callable[[], bytes],
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """The same findings, and the patches that mend them: nothing is written. Raises InputError."""
    return _Scan(rules, settings, progress, mends=True).report(paths, stdin)


class _Scan:
    def __init__(
        self, rules: Sequence[Rule], settings: Settings, progress: Callable[[Progress], None] | None, *, mends: bool
    ) -> None:
        self.rules, self.settings, self.progress, self.mends = rules, settings, progress, mends
        self.skipped: list[Skipped] = []
        self.works: list[Work] = []
        self.done: list[tuple[Package, Work]] = []
        self.known: dict[str, tuple[Work, Mapping[str, str]]] = {}
        self.packages = self.files = self.bytes = self.duplicates = 0
        self.omitted: Counter[Literal["packages", "production", "paths"]] = Counter()

    def report(self, paths: Sequence[str], stdin: Callable[[], bytes]) -> Report:
        start = time.monotonic()
        for package, files in self._packages(paths, stdin):
            self.packages += 1
            self.files += len(files)
            self.bytes += sum(len(data) for data in files.values())
            self._tell(package.path)
            work = self._one(package, files)
            self.works.append(work)
            self.done.append((package, work))
        stats = Stats(
            self.packages, self.files, self.bytes, sum(w.parsed for w in self.works), self.duplicates,
            time.monotonic() - start,
        )  # fmt: skip
        kept, suppressed = self.settings.scope.parted(sorted(map(_placed, self._told()), key=_order))
        return Report(
            findings=tuple(kept),
            patches=tuple(sorted((p for w in self.works for p in w.patches), key=lambda p: p.path)),
            skipped=tuple(sorted((*self.skipped, *(s for w in self.works for s in w.skipped)), key=lambda s: s.path)),
            gated=tuple(_summed(g for w in self.works for g in w.gated)),
            suppressed=tuple(suppressed),
            omitted=tuple(Omitted(by, count) for by, count in sorted(self.omitted.items())),
            stats=stats,
        )

    @cached_property
    def dependencies(self) -> Dependencies:
        from .dependencies import Dependencies  # a scan that finds nothing asks about none

        return Dependencies()

    def _told(self) -> Iterator[Finding]:
        if not any(work.findings for work in self.works):
            return iter(())
        from .provenance import told

        scope = self.settings.scope
        whole = not scope.paths and not (self.mends and scope.suppress)  # whether each package was looked at as a whole
        return told(self.done, self.dependencies, [s.path for s in self.skipped] if whole else None)

    def _packages(
        self, paths: Sequence[str], stdin: Callable[[], bytes]
    ) -> Iterator[tuple[Package, dict[File, bytes]]]:
        if STDIN in paths:
            file, data = File(STDIN, STDIN, None), stdin()
            if (why := unfit(STDIN, data)) is not None:
                self.skipped.append(why)
            else:
                yield Package("", "", STDIN, "", (file,)), {file: data}
        given = [path for path in paths if path != STDIN]
        for package in discover(given, self.skipped.append) if given else ():
            if by := self.settings.scope.omits(package, lambda: self.dependencies):
                self.omitted[by] += 1
            else:
                yield package, dict(contents(package, self.skipped.append))

    def _one(self, package: Package, files: dict[File, bytes]) -> Work:
        due = {file: rules for file, data in files.items() if (rules := self._due(package, file, data))}
        if not due:
            return Work()
        key = self._key(package, files, due)
        paths = {file.file: file.path for file in files}
        if key in self.known:
            self.duplicates += len(files)
            work, first = self.known[key]
            return _elsewhere(work, {first[file]: path for file, path in paths.items()})
        from .analysis import PackageWork  # only now, for it brings the parser

        work = PackageWork(package, files, due, self.settings, mends=self.mends, tell=self._tell).done()
        self.known[key] = work, paths
        return work

    def _due(self, package: Package, file: File, data: bytes) -> list[Rule]:
        """The rules to be tried on a file: all the others of its package are there to be asked about all the same."""
        scope = self.settings.scope
        if not scope.has(file):
            self.omitted["paths"] += 1
            return []
        rules = [rule for rule in self.rules if wanted(rule, data)]
        # What is to be lived with is not mended either; for a report it has to be found to be counted.
        return scope.unsuppressed(rules, package, file) if self.mends and rules else rules

    def _key(self, package: Package, files: Mapping[File, bytes], due: Mapping[File, Sequence[Rule]]) -> str:
        import hashlib

        digest = hashlib.sha256(repr((package.name, package.version, target_of(package, self.settings))).encode())
        for file in sorted(files, key=lambda file: file.file):
            digest.update(file.file.encode("utf8", "surrogateescape") + b"\0")
            digest.update(hashlib.sha256(files[file]).digest())
            digest.update(repr([rule.id for rule in due.get(file, ())]).encode())
        return digest.hexdigest()

    def _tell(self, path: str) -> None:
        if self.progress is not None:
            found = sum(len(work.findings) for work in self.works)
            self.progress(Progress(self.files, self.packages, found, path))


def _elsewhere(work: Work, paths: Mapping[str, str]) -> Work:
    """The same result for another copy of the package."""
    return replace(
        work,
        findings=tuple(_moved(finding, paths) for finding in work.findings),
        patches=tuple(replace(patch, path=paths[patch.path]) for patch in work.patches),
        skipped=tuple(replace(skipped, path=paths.get(skipped.path, skipped.path)) for skipped in work.skipped),
        parsed=0,
    )


def _moved(finding: Finding, paths: Mapping[str, str]) -> Finding:
    trace = tuple(replace(hop, path=paths.get(hop.path, hop.path)) for hop in finding.trace)
    return replace(finding, path=paths[finding.path], trace=trace)


def _placed(finding: Finding) -> Finding:
    """A file of no package is told apart by its place in the repository, from wherever the scan began."""
    if finding.package or finding.path == STDIN:
        return finding
    from .fingerprint import fingerprint

    place = below_root(finding.path) or finding.file
    return replace(finding, fingerprint=fingerprint(finding.fingerprint, place))


def _summed(gated: Iterable[Gated]) -> Iterator[Gated]:
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in gated:
        counts[one.rule, one.node, one.outside] += one.count
    for (rule, node, outside), count in sorted(counts.items()):
        yield Gated(rule, node, count, outside)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.path, finding.span.start, finding.span.end, finding.rule
