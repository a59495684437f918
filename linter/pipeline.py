"""One package after the other: what was found in one holds for each copy of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .finding import Finding, Skipped
from .meter import passed, phase, timed
from .packages import File, Package, contents
from .rule import Rule, due
from .work import Settings, Work, target_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one package, and of its files on the way there."""

    work: Work
    skipped: tuple[Skipped, ...] = ()  # what could not be read
    files: int = 0
    bytes: int = 0
    duplicates: int = 0  # files of a package that was a copy of one before
    omitted: int = 0  # files whose findings the settings do not ask for


@dataclass(slots=True)
class Pipeline:
    """The analysis of many packages. `tell` is called with the path of each file before it is worked on."""

    rules: Sequence[Rule]
    settings: Settings
    mends: bool
    tell: Callable[[str], None] = lambda _path: None
    _known: dict[str, tuple[Work, Mapping[str, str]]] = field(default_factory=dict)

    def of(self, package: Package, without: Collection[str] = ()) -> Outcome:
        """The outcome for a package as it lies there; `without` has the paths of files to pass over."""
        skipped: list[Skipped] = []
        asked = replace(package, files=tuple(f for f in package.files if f.path not in without)) if without else package
        files = dict(timed("read", contents(asked, skipped.append)))
        return replace(self.on(asked, files), skipped=tuple(skipped))

    def on(self, package: Package, files: dict[File, bytes]) -> Outcome:
        """The outcome for a package whose files have been read."""
        for data in files.values():
            passed("read", len(data))
        size = sum(map(len, files.values()))
        with phase("gate"):
            asked = [file for file in files if self.settings.scope.has(file)]
            tried = self._due(package, files, asked)
            key = self._key(package, files, tried) if tried else ""
        for file in tried:
            passed("words", len(files[file]))
        count, omitted = len(files), len(files) - len(asked)
        if not tried:
            return Outcome(Work(), (), count, size, 0, omitted)
        paths = {file.file: file.path for file in files}
        if key in self._known:
            work, first = self._known[key]
            moved = _elsewhere(work, {first[file]: path for file, path in paths.items()})
            return Outcome(moved, (), count, size, count, omitted)
        for file in tried:
            passed("once", len(files[file]))
        from .analysis import PackageWork  # only now, for it brings the parser

        work = PackageWork(package, files, tried, self.settings, mends=self.mends, tell=self.tell).done()
        self._known[key] = work, paths
        return Outcome(work, (), count, size, 0, omitted)

    def _due(self, package: Package, files: Mapping[File, bytes], asked: Collection[File]) -> dict[File, list[Rule]]:
        """The rules to be tried on the files that are asked about: the others are there for what these say of them."""
        found = due(self.rules, files, asked)
        if not self.mends:
            return found
        # What is to be lived with is not mended either; for a report it has to be found to be counted.
        unsuppressed = ((file, self.settings.scope.unsuppressed(rules, package, file)) for file, rules in found.items())
        return {file: rules for file, rules in unsuppressed if rules}

    def _key(self, package: Package, files: Mapping[File, bytes], due: Mapping[File, Sequence[Rule]]) -> str:
        import hashlib

        digest = hashlib.sha256(repr((package.name, package.version, target_of(package, self.settings))).encode())
        for file in sorted(files, key=lambda file: file.file):
            digest.update(file.file.encode("utf8", "surrogateescape") + b"\0")
            digest.update(hashlib.sha256(files[file]).digest())
            digest.update(repr([rule.id for rule in due.get(file, ())]).encode())
        return digest.hexdigest()


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
