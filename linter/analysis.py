"""The analysis of one package: a pure function of its contents, the rules and the settings."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence

from .about import About
from .datatype import dataclass, field
from .dialect import dialect_of
from .edit import Safety
from .engine import Identity, Target
from .finding import Finding, Patch, Skipped
from .focus import LARGE, Focus
from .mend import Mended, examine, mended
from .meter import of_file, passed, phase
from .outline import Extent
from .packages import File, Package
from .regexes import regex
from .rule import Rule
from .sought import Sought
from .source import BudgetExceededError, HiddenError, Source, TooDeepError
from .values import Values
from .work import STDIN, Settings, Work, target_of

_DROPPED = 1 << 18  # bytes of a file from which on its tree is dropped when the file has been done
# Scopes and their names refer to each other, and so keep their tree until the collector of such cycles comes by, which
# knows nothing of the size of trees: some 80 times that of the code.
_LITTER = 1 << 20
_HELD = 4 << 20  # bytes of large files that were parsed as a whole for the sake of others
_ASIDE = frozenset({
    "test", "tests", "__tests__", "spec", "specs", "bench", "benches", "benchmark", "benchmarks", "example", "examples",
    "demo", "demos", "fixtures",
})  # fmt: skip
_TESTS = regex(r"[._-](tests?|spec|test-d|bench)\.[cm]?[jt]sx?$")


@dataclass(slots=True)
class PackageWork:
    """The analysis of one package."""

    package: Package
    files: MutableMapping[File, bytes]
    due: Mapping[File, Sequence[Rule]]
    settings: Settings
    mends: bool
    tell: Callable[[str], None] = lambda _path: None
    _read: dict[File, tuple[Source, Values]] = field(default_factory=dict)
    _parsed: set[File] = field(default_factory=set)
    _hopeless: set[File] = field(default_factory=set)
    _focus: dict[File, Focus | None] = field(default_factory=dict)  # of large files; None: parsed as a whole
    _seen: tuple[File, Source] | None = None  # a file that is looked at again, with more of it parsed
    _litter: int = 0  # bytes of large files parsed since there was a look at what is not needed any more
    _current: str = ""  # the path of the file whose turn it is
    _sought: Sought = field(init=False)
    memory: dict[str, object] = field(default_factory=dict)  # what kinds found out about the files as they are

    def __post_init__(self) -> None:
        self._sought = Sought(self.files)

    def done(self) -> Work:
        # What is shipped to run comes first: a package-wide setting belongs there and not in its tests.
        order = sorted(self.due, key=lambda file: (not is_shipped(file.file), file.file))
        works = [self._timed(file) for file in order]
        self.memory.clear()  # it knows of this, and this of it
        return Work(
            tuple(f for w in works for f in w.findings), tuple(p for w in works for p in w.patches),
            tuple(s for w in works for s in w.skipped), tuple(g for w in works for g in w.gated), len(self._parsed),
        )  # fmt: skip

    def view(self, file: File) -> About:
        """What a rule may ask about a file of the package."""
        return About(*self._about(file), _Others(self, file))

    def sources(
        self, current: File, words: Sequence[bytes], admits: Callable[[bytes], bool] | None, *, shipped: bool
    ) -> Iterable[tuple[Source, Values]]:
        """The other files of the package as Census has it, but for those that cannot be parsed in time."""
        for file in self._sought.of(words, admits):
            if file != current and (is_shipped(file.file) or not shipped) and self._has_tree(file):
                yield self._about(file)

    def at(self, current: File, wanted: Callable[[str], bool]) -> Iterable[tuple[Source, Values]]:
        """The other files whose paths are as wanted, but for those that cannot be parsed in time."""
        for file in self.files:
            if file != current and wanted(file.path) and self._has_tree(file):
                yield self._about(file)

    def _has_tree(self, file: File) -> bool:
        if file in self._read and "tree" in vars(self._read[file][0]):
            return True
        if file not in self._hopeless:
            self.tell(file.path)  # what goes wrong from here on is not due to the file that asks
            try:
                return bool(self._about(file)[0].tree)
            except BudgetExceededError:
                self._hopeless.add(file)
            finally:
                self.tell(self._current)
        return False

    def _about(self, file: File) -> tuple[Source, Values]:
        if file not in self._read:
            source = self._source(file)
            self._read[file] = source, Values(source)
        return self._read[file]

    def _source(self, file: File) -> Source:
        data, dialect = self.files[file], dialect_of(self.settings.stdin_name if file.path == STDIN else file.file)
        hidden: tuple[Extent, ...] = ()
        if len(data) >= LARGE and dialect == "javascript":
            with phase("parse"):
                if file not in self._focus:
                    self._focus[file] = Focus.of(data, self.due.get(file, ()))
                focus = self._focus[file]
                hidden = focus.hidden() if focus is not None else ()
        size = len(data) - sum(end - start for start, end in hidden)
        if file not in self._parsed:
            self._parsed.add(file)
            passed("parsed", size)
        self._litter += size if len(data) >= LARGE else 0
        seen, self._seen = self._seen, None
        if seen is None or seen[0] != file:
            return Source(file.path, data, dialect, hidden=hidden)
        before, counted = seen[1].tree, seen[1].occurrences
        return Source(file.path, data, dialect, hidden=hidden, before=before, counted=counted)

    def _timed(self, file: File) -> Work:
        size = len(self.files[file])
        with of_file(file.path):
            work = self._file(file, self.due[file])
        if work.findings:
            passed("findings", size)
        return work

    def _file(self, file: File, rules: Sequence[Rule]) -> Work:
        self._current = file.path
        self.tell(file.path)
        while True:
            try:
                return self._looked_at(file, rules)
            except HiddenError as error:
                self._widen(error)

    def _widen(self, error: HiddenError) -> None:
        """Has more of a file parsed from now on."""
        file = next(file for file in self._focus if file.path == error.path)
        focus = self._focus[file]
        self._focus[file] = focus.wider(error.at) if focus is not None else None
        source, _ = self._read.pop(file)
        self._seen = (file, source) if "tree" in vars(source) else None
        self.memory.clear()
        self._tidy()

    def _looked_at(self, file: File, rules: Sequence[Rule]) -> Work:
        target = target_of(self.package, self.settings)
        who = Identity(self.package.name, self.package.version, file.file)
        try:
            about = self.view(file)
            source = about.source
            if source.root.type == "ERROR":
                return Work(skipped=tuple(self._passed_over(source, found=False)))
            seen = examine(rules, about, target, who)
            done = self._mended(file, rules, about, target, who) if self.mends and seen.findings else None
        except (TooDeepError, RecursionError):
            return Work(skipped=(Skipped(file.path, "too-deep"),))
        except BudgetExceededError:
            return Work(skipped=(Skipped(file.path, "too-slow"),))
        self._let_go(file)
        return Work(
            tuple(seen.findings),
            self._patches(file, about, done) if done is not None else (),
            (
                *self._passed_over(source, found=bool(seen.findings)),
                *_listed("unsafe-fix", seen.unproved),
                *_listed("waiting", done.waiting if done else ()),
            ),
            tuple(seen.gated),
        )

    def _let_go(self, done: File) -> None:
        """Drops trees, which are many times as large as what was parsed: that of a large file when it has been done."""
        if len(self.files[done]) > _DROPPED:
            self._read.pop(done, None)
        whole = [file for file, (source, _) in self._read.items() if len(source.data) > _DROPPED and not source.hidden]
        if sum(len(self.files[file]) for file in whole) > _HELD:
            for file in whole:
                del self._read[file]
            self.memory.clear()  # which may have nodes of theirs
        self._tidy()

    def _tidy(self) -> None:
        if self._litter > _LITTER:
            self._litter = 0
            gc.collect()

    def _mended(self, file: File, rules: Sequence[Rule], about: About, target: Target, who: Identity) -> Mended:
        level = Safety.SUGGESTED if self.settings.suggestions else Safety.SAFE
        done = mended(rules, about, target, who, level)
        if done.after != about.source.data:
            # What other files are told from here on: a setting made in this file is made for the package.
            self.files[file] = done.after
            self._sought.changed(file)
            self._focus.pop(file, None)
            self._read.pop(file, None)
            self.memory.clear()
        return done

    def _patches(self, file: File, about: About, done: Mended) -> tuple[Patch, ...]:
        before, package = about.source.data, self.package
        if done.after == before:
            return ()
        return (Patch(file.path, file.file, package.name, package.version, before, done.after, done.rules),)

    def _passed_over(self, source: Source, *, found: bool) -> Iterator[Skipped]:
        if source.root.type == "ERROR":
            yield Skipped(source.path, "unparsable")
        elif source.errors:
            start, end = source.errors[0]
            place = f"line {source.line_of(start)}" if start else "from its beginning"
            share = sum(b - a for a, b in source.errors) / max(1, len(source.data))
            reason = "unparsable" if share > 0.5 else "partial"
            yield Skipped(source.path, reason, f"first at {place}" if end else "")
        if found and not source.valid_utf8:
            yield Skipped(source.path, "encoding")


def is_shipped(file: str) -> bool:
    """Whether a file of a package is there to run, rather than to test, measure or show it."""
    *folders, name = file.split("/")
    return _ASIDE.isdisjoint(folders) and _TESTS.search(name) is None


@dataclass(frozen=True, slots=True)
class _Others:
    """The package as one of its files sees it."""

    work: PackageWork
    current: File

    def sources(
        self, *words: bytes, shipped: bool = False, admits: Callable[[bytes], bool] | None = None
    ) -> Iterable[tuple[Source, Values]]:
        return self.work.sources(self.current, words, admits, shipped=shipped)

    @property
    def memory(self) -> dict[str, object]:
        return self.work.memory

    @property
    def shipped(self) -> bool:
        return is_shipped(self.current.file)

    def file(self, path: str) -> tuple[Source, Values] | None:
        return next(iter(self.work.at(self.current, path.__eq__)), None)

    def below(self, prefix: str) -> Iterable[tuple[Source, Values]]:
        return self.work.at(self.current, lambda path: path.startswith(prefix) and "/" not in path[len(prefix) :])


def _listed(reason: str, findings: Iterable[Finding]) -> Iterator[Skipped]:
    for finding in findings:
        yield Skipped(finding.path, reason, f"{finding.rule} at line {finding.span.line}")
