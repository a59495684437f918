"""One scan as the command line asks for it: which paths, which rules, which settings, and how to show it."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from ..config import Config, load
from ..datatype import dataclass, replace
from ..errors import BugError, ConfigError, InputError, NodemendError, RuleError
from ..finding import Report
from ..terminal import ProgressLine, wants_colour
from .options import Asked
from .outcome import columns, remark
from .selection import check_names, loaded

if TYPE_CHECKING:
    from ..meter import Profile
    from ..report import View
    from ..rule import Rule
    from ..scan import Progress, Settings


class Action(Protocol):
    """check or fix of linter/scan.py."""

    def __call__(
        self,
        paths: Sequence[str],
        rules: Sequence[Rule],
        settings: Settings,
        *,
        stdin: Callable[[], bytes],
        progress: Callable[[Progress], None] | None = None,
        stats: bool = False,
        jobs: int | None = 1,
    ) -> Report: ...


@dataclass(frozen=True, slots=True)
class Job:
    paths: tuple[str, ...]
    rules: tuple[Rule, ...]
    settings: Settings
    config: Config
    stdin: Callable[[], bytes]
    quiet: bool
    broken: tuple[RuleError, ...] = ()  # the rule pages that could not be read
    stats: bool = False  # whether to say where the time went
    jobs: int | None = None

    def run(self, action: Action) -> tuple[Report, list[NodemendError]]:
        """What the action says of all paths it can take, and the errors of the others, of rule pages, and of ours.

        Raises the error when there is nothing else to say.
        """
        errors: Mapping[str, InputError] = {}
        try:
            report = self._once(action, self.paths)
        except InputError:
            if len(self.paths) == 1:
                raise
            errors = dict(self._refused())
            good = [path for path in self.paths if path not in errors]
            report = self._once(action, good) if good else Report()
        return report, [*self.broken, *errors.values(), *_bugs(report)]

    def _refused(self) -> Iterator[tuple[str, InputError]]:
        """The paths that cannot be scanned at all, each with its error."""
        from ..packages import discover

        for path in dict.fromkeys(self.paths):
            try:
                if path == "-":
                    self.stdin()
                else:
                    deque(discover([path], lambda _: None), maxlen=0)
            except InputError as error:
                yield path, error

    def _once(self, action: Action, paths: Sequence[str]) -> Report:
        line = ProgressLine(sys.stderr, columns=columns() if sys.stderr.isatty() else 80)
        shows = not self.quiet and sys.stderr.isatty()
        progress = (lambda progress: line.show(_words(progress))) if shows else None
        try:
            report = action(
                paths, self.rules, self.settings, stdin=self.stdin, progress=progress, stats=self.stats, jobs=self.jobs
            )  # fmt: skip
        finally:
            line.clear()
        if report.stats.profile:
            self._tell_at_the_end(report.stats.profile)
        return report

    def _tell_at_the_end(self, profile: Profile) -> None:
        """Says where the time went once the command is over: what it still does then is the report's writing."""
        since = time.perf_counter()
        context = click.get_current_context()

        def tell() -> None:
            from ..report.timing import render

            with suppress(OSError):  # nobody may be listening any more
                sys.stderr.write(render(profile, time.perf_counter() - since))

        context.call_on_close(tell)


def _bugs(report: Report) -> Iterator[BugError]:
    crashes = [skipped.path for skipped in report.skipped if skipped.reason == "crash"]
    if crashes:
        more = f" and {len(crashes) - 1} more" if len(crashes) > 1 else ""
        yield BugError(
            f"{crashes[0]}{more}: the analysis failed, this is a bug",
            hint="please report it to the nodemend project with the lines above",
        )


def job(asked: Asked, *, suggestions: bool = False) -> Job:
    """The job of this command line, the nearest configuration filling in what it leaves open. Raises ConfigError."""
    from ..scan import Settings
    from ..sets import selected, weighed

    paths = asked["paths"] or (".",)
    config = load(paths)
    node = config.node if asked["node"] is None else asked["node"]
    select, ignore = asked["select"] or config.select, asked["ignore"] or config.ignore
    broken: list[RuleError] = []
    known = loaded(asked["rules"], config, broken.append)
    check_names(config, known)
    scope = replace(config.scope, production=asked["production"] or config.production)
    for one in scope.expired if not asked["quiet"] else ():
        remark(f"the suppression of {one} ended on {one.until}: mend it, or decide again")
    return Job(
        paths=paths,
        rules=selected(weighed(known, config.severity), select, ignore),
        settings=Settings(checked(node), asked["release"] or config.release, suggestions, asked["stdin_name"], scope),
        config=config,
        stdin=cache(_stdin),
        quiet=asked["quiet"],
        broken=tuple(broken),
        stats=asked["stats"],
        jobs=asked["jobs"],
    )


def _stdin() -> bytes:
    """What stdin holds, as far as it is not too large to be scanned."""
    from ..packages.layout import MAX_BYTES

    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"stdin: cannot be read: {error.strerror or error}", hint="pipe code into it") from None


def checked(node: str) -> str:
    """The Node range, if it is one. Raises ConfigError."""
    if node not in ("", "all"):
        from ..semver.ranges import parse_range

        try:
            parse_range(node)
        except ValueError as error:
            raise ConfigError(f"--node: {error}", hint="for example 20, '>=18 <22', or all") from None
    return node


def view(job: Job, asked: Asked, *, to_file: bool = False) -> View:
    """How to show the job's report on stdout, or in a file."""
    from ..report import View

    tty = sys.stdout.isatty() and not to_file
    return View(
        rules=job.rules,
        read=_reader(job.stdin),
        targets=job.paths,
        cwd=os.getcwd(),
        stdin_name=asked["stdin_name"],
        colour=not to_file and wants_colour(tty, os.environ),
        verbose=asked["verbose"],
        quiet=asked["quiet"],
        columns=columns() if tty else 100,
        wraps=tty,
        encoding="utf-8" if to_file else (sys.stdout.encoding or "utf-8"),
    )


def _reader(stdin: Callable[[], bytes]) -> Callable[[str], bytes | None]:
    @lru_cache(maxsize=4)
    def read(path: str) -> bytes | None:
        if path == "-":
            return stdin()
        try:
            # Anything but a regular file (a FIFO that took the place of one) could block for ever.
            return Path(path).read_bytes() if os.path.isfile(path) else None
        except (OSError, ValueError):
            return None

    return read


def _words(progress: Progress) -> str:
    files = f"{_of(progress.files, progress.of_files)} files"
    packages = f"{_of(progress.packages, progress.of_packages)} packages"
    left = "" if progress.left is None else f", {_duration(progress.left)} left"
    return f"scanning: {files}, {packages}, {progress.findings} findings{left}: {progress.path}"


def _of(done: int, whole: int | None) -> str:
    return f"{done}" if whole is None else f"{done} of {whole}"


def _duration(seconds: float) -> str:
    """About how long, in the unit that a person would use."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
