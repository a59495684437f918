"""One package after the other: what was found in one holds for each copy of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from .datatype import dataclass, field, replace
from .digest import sha256
from .finding import Finding, Skipped
from .meter import passed, phase, timed
from .packages import File, Held, Package, contents
from .rule import Due, Rule
from .work import Settings, Work, Works, target_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one package, and of its files on the way there."""

    work: Work
    skipped: tuple[Skipped, ...] = ()  # what could not be read
    files: int = 0
    bytes: int = 0
    duplicates: int = 0  # files of a package that was a copy of one before
    omitted: int = 0  # files whose findings the settings do not ask for
    key: str = ""  # the same for packages of the same contents; "" when there was nothing to analyse
    record: str = ""  # the work as it is to be remembered; empty when it is, or cannot be


_NOTHING = Work()  # of most packages, so there is but one


@dataclass(slots=True)
class Pipeline:
    """The analysis of many packages. `tell` is called with the path of each file before it is worked on."""

    rules: Sequence[Rule]
    settings: Settings
    mends: bool
    tell: Callable[[str], None] = lambda _path: None
    works: Works | None = None
    _known: dict[str, tuple[Work, Package]] = field(default_factory=dict)

    def of(self, package: Package, without: Collection[str] = ()) -> Outcome:
        """The outcome for a package as it lies there; `without` has the paths of files to pass over."""
        skipped: list[Skipped] = []
        asked = replace(package, files=tuple(f for f in package.files if f.path not in without)) if without else package
        outcome = self.on(asked, timed("read", contents(asked, skipped.append)))
        return replace(outcome, skipped=tuple(skipped)) if skipped else outcome

    def on(self, package: Package, read: Iterable[tuple[File, bytes]]) -> Outcome:
        """The outcome for a package whose files are read like this: each is gated as it comes, not all are held."""
        files, due, size, omitted = Held(), Due[File](self.rules), 0, 0
        for file, data in read:
            files.add(file, data)
            size += len(data)
            passed("read", len(data))
            with phase("gate"):
                asked = self.settings.scope.has(file)
                omitted += not asked
                due.look(file, data, asked=asked)
        done = Outcome(_NOTHING, (), len(files), size, 0, omitted)
        with phase("gate"):
            tried = self._unsuppressed(package, due.found())
            key = self._key(package, files, tried) if tried else ""
        if not tried:
            return done
        for file in tried:
            passed("words", files.size(file))
        if key in self._known:
            work, first = self._known[key]
            return replace(done, work=_elsewhere(work, first, files), duplicates=len(files), key=key)
        if self.works is not None and (before := self.works.work(key, files)) is not None:
            self._known[key] = before, package
            return replace(done, work=before, key=key)
        for file in tried:
            passed("once", files.size(file))
        from .analysis import PackageWork  # only now, for it brings the parser

        work = PackageWork(package, files, tried, self.settings, mends=self.mends, tell=self.tell).done()
        self._known[key] = work, package
        record = self.works.record(work, package.files) if self.works else ""
        return replace(done, work=work, key=key, record=record)

    def _unsuppressed(self, package: Package, due: Mapping[File, list[Rule]]) -> dict[File, list[Rule]]:
        """What is to be lived with is not mended either; for a report it has to be found to be counted."""
        if not self.mends:
            return dict(due)
        left = ((file, self.settings.scope.unsuppressed(rules, package, file)) for file, rules in due.items())
        return {file: rules for file, rules in left if rules}

    def _key(self, package: Package, files: Mapping[File, bytes], due: Mapping[File, Sequence[Rule]]) -> str:
        digest = sha256(repr((package.name, package.version, target_of(package, self.settings))).encode())
        for file in sorted(files, key=lambda file: file.file):
            digest.update(file.file.encode("utf8", "surrogateescape") + b"\0")
            digest.update(sha256(files[file]).digest())
            digest.update(repr([rule.id for rule in due.get(file, ())]).encode())
        return digest.hexdigest()


def _elsewhere(work: Work, first: Package, copies: Iterable[File]) -> Work:
    """The same result for another copy of the package: for these files instead of those of the first."""
    shown = {file.file: file.path for file in copies}
    paths = {file.path: shown[file.file] for file in first.files if file.file in shown}
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
