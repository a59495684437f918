"""`nodemend baseline`: the findings that are known already, written down, pruned and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar, Unpack

import click

from ..config import Config, load
from ..errors import InputError, NodemendError
from ..terminal import visible
from .job import Job, job
from .options import Asked, scan_options
from .outcome import CLEAN, FINDINGS, complain, emit, remark, worst

if TYPE_CHECKING:
    from ..baseline import Entry
    from ..finding import Report

P = ParamSpec("P")
R = TypeVar("R")
_EXAMPLES = """\b
Examples:
  nodemend baseline write --reason "before we looked"
  nodemend check --baseline nodemend-baseline.json
  nodemend baseline show
  nodemend baseline prune
"""


def baseline_option(command: Callable[P, R]) -> Callable[P, R]:
    words = "The file.  [default: `baseline` of the configuration, else nodemend-baseline.json beside it]"
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--baseline", "file", metavar="FILE", type=path, help=words)(command)


@click.group(short_help="Accept what is found now, and see what is new.", epilog=_EXAMPLES)
def baseline() -> None:
    """Keep a file of the findings that are known, so that `nodemend check` fails for new ones only.

    A finding is known by its rule, package, file, function and code: it stays known when lines move, when the package
    gets another version, and in further copies of the package. `nodemend fix` mends known findings, too.
    """


@baseline.command(epilog='Example: nodemend baseline write --reason "before we looked"')
@scan_options
@baseline_option
@click.option("--reason", metavar="TEXT", default="", help="Why the new entries may stay.")
@click.pass_context
def write(context: click.Context, file: Path | None, reason: str, **asked: Unpack[Asked]) -> None:
    """Write down every finding at each PATH. Default: `.`

    Entries that are there keep their reasons; stale ones go. Exit code 0, whatever is found.
    """
    from ..baseline import entries

    work = job(asked)
    path, known, report, errors = _scanned(work, file)
    gone = _stale(work, path, known, report) if not errors else ()
    new = entries(report.findings, known, reason)
    left = [entry for entry in known if entry not in gone and entry.fingerprint not in {e.fingerprint for e in new}]
    fresh = {entry.fingerprint for entry in new} - {entry.fingerprint for entry in known}
    _write(path, [*new, *left])
    remark(f"wrote {path}: {_count(len(new) + len(left))}, {len(fresh)} new, {len(gone)} stale taken out")
    context.exit(worst(errors) if errors else CLEAN)


@baseline.command(epilog="Example: nodemend baseline prune --check  # in CI: fail when there is something to prune")
@scan_options
@baseline_option
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when an entry is stale.")
@click.pass_context
def prune(context: click.Context, file: Path | None, check: bool, **asked: Unpack[Asked]) -> None:
    """Take out the entries that stand for nothing any more, and name them.

    That takes a scan of the whole project. An entry whose rule is not selected, or does not apply to the targeted Node,
    stays.
    """
    from ..baseline import covers, read

    work = job(asked)
    path = place(work.config, file)
    read(path)
    if not covers(work.paths, path):
        raise InputError(f"{path} is outside of what is scanned", hint="give the folder of the whole project")
    path, known, report, errors = _scanned(work, file)
    gone = _stale(work, path, known, report) if not errors else ()
    emit("".join(f"{_line(entry)}\n" for entry in gone).encode(errors="backslashreplace"))
    if gone and not check:
        _write(path, [entry for entry in known if entry not in gone])
    if not work.quiet:
        done = "stale" if check else "stale taken out"
        remark(f"{path}: {len(gone)} {done}, {_count(len(known) - len(gone))} left")
    context.exit(worst(errors) if errors else FINDINGS if gone and check else CLEAN)


@baseline.command(epilog="Example: nodemend baseline show --json")
@baseline_option
@click.option("--json", "as_json", is_flag=True, help="The file's entries as a JSON list.")
def show(file: Path | None, as_json: bool) -> None:
    """Show what is in the file, with the reasons. Nothing is scanned."""
    from dataclasses import asdict

    from ..baseline import read

    known = sorted(read(place(load(), file)))
    if as_json:
        from ..report.json import dump

        emit(dump([asdict(entry) for entry in known]))
        return
    emit("".join(f"{_line(entry)}\n" for entry in known).encode(errors="backslashreplace"))


def place(config: Config, file: Path | None) -> Path:
    """Where the baseline is: as asked, else as configured, else beside the configuration."""
    from ..baseline import NAME

    folder = config.path.parent if config.path else Path.cwd()
    found = file or config.baseline or folder / NAME
    return found.relative_to(Path.cwd()) if found.is_absolute() and found.is_relative_to(Path.cwd()) else found


def comparison(work: Job, file: Path) -> Callable[[Report], Report]:
    """What takes the known findings out of a report, and tells of stale entries. Raises ConfigError at once."""
    from ..baseline import parted, read

    path, known = place(work.config, file), read(file)

    def compare(report: Report) -> Report:
        gone = _stale(work, path, known, report)
        if gone and not work.quiet:
            noun, verb, them = ("entry", "is", "it") if len(gone) == 1 else ("entries", "are", "them")
            remark(f"{len(gone)} {noun} of {path} {verb} stale: `nodemend baseline prune` takes {them} out")
        return parted(report, known)

    return compare


def _scanned(work: Job, file: Path | None) -> tuple[Path, tuple[Entry, ...], Report, Sequence[NodemendError]]:
    """The file, what it holds (nothing when it is not there yet), the report, and what went wrong."""
    from .. import scan
    from ..baseline import read

    path = place(work.config, file)
    known = read(path) if path.exists() else ()
    report, errors = work.run(scan.check)
    for error in errors:
        complain(str(error))
    return path, known, report, errors


def _stale(work: Job, path: Path, known: Sequence[Entry], report: Report) -> tuple[Entry, ...]:
    from ..baseline import covers, stale

    # What only development needs was not looked at.
    if work.settings.scope.production or not covers(work.paths, path):
        return ()
    return stale(known, report, [rule.id for rule in work.rules])


def _write(path: Path, entries: Sequence[Entry]) -> None:
    from ..baseline import rendered

    try:
        path.write_bytes(rendered(entries))
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}", hint="choose another --baseline") from None


def _line(entry: Entry) -> str:
    where = ": ".join(filter(None, (entry.package, entry.file)))
    symbol = f" in {entry.symbol}" if entry.symbol else ""
    return visible(f"{where}{symbol}: {entry.rule}{f' ({entry.reason})' if entry.reason else ''}")


def _count(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
