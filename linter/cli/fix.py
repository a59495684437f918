"""`nodemend fix`: the diff that mends, printed or applied in place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from ..edit import Safety
from ..errors import ConfigError, InputError
from ..finding import Report
from .in_place import Place, journal_option
from .interactive import answered, demand_terminal
from .job import job, view
from .options import Asked, scan_options
from .outcome import CLEAN, FINDINGS, complain, emit, remark, worst

if TYPE_CHECKING:
    from ..report import View

_EXAMPLES = """\b
Examples:
  nodemend fix | git apply             apply what is safe
  nodemend fix --suggestions lib/      print what a human should look at, too
  nodemend fix --write vendor/         apply in place
  nodemend fix -i vendor/              show one after the other, and ask
  nodemend fix --write --exit-code $@  for a hook: 1 when a file was written

\b
Exit codes: 0 when it did what was asked, whatever was found; 1 only with
--exit-code, when there was something to mend; 2 when a path could not be
taken or written.
"""


@click.command(epilog=_EXAMPLES, short_help="Print the diff that mends it, or apply it.")
@scan_options
@click.option("--suggestions", is_flag=True, help="Also what is probably right; look at it.")
@click.option("--write", is_flag=True, help="Apply it in place; all files or none.")
@click.option("-i", "--interactive", is_flag=True, help="Show each fix and ask; then apply those taken.")
@journal_option
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there was something to mend.")
@click.pass_context
def fix(
    context: click.Context,
    suggestions: bool,
    write: bool,
    interactive: bool,
    journal: Path | None,
    exit_code: bool,
    **asked: Unpack[Asked],
) -> None:
    """Print one unified diff for each PATH's safe fixes on stdout, and one line that counts on stderr.

    Names in the diff start at the current folder. With --write nothing is printed on stdout. With -i suggestions are
    asked about, too, and nothing is written before the last answer.
    """
    from .. import scan

    if interactive:
        demand_terminal()
    work = job(asked, suggestions=suggestions or interactive)
    if (write or interactive) and "-" in work.paths:
        raise ConfigError("stdin cannot be written in place", hint="leave out --write to print the diff")
    place = Place.of(work.paths, journal) if write or interactive else None
    if place:
        place.recover()
    report, errors = work.run(scan.fix)
    shown = view(work, asked)
    if interactive:
        report = answered(report, shown)
    if place:
        errors += place.write(report.patches, quiet=work.quiet)
    else:
        errors += _print(report, shown)
    if not work.quiet:
        remark(_summary(report, suggestions=suggestions or interactive, write=place is not None))
    for error in errors:
        complain(str(error))
    context.exit(worst(errors) if errors else FINDINGS if exit_code and report.patches else CLEAN)


def _print(report: Report, shown: View) -> list[InputError]:
    """Prints the diffs; an error for each file that no diff can name."""
    from ..report import diff

    emit(diff.render(report, shown))
    for folder in filter(None, diff.folders(report.patches, shown)):
        remark(f"note: names are relative to {folder}; apply the diff there")
    return unnamed(diff.refused(report.patches, shown))


def unnamed(paths: Sequence[str]) -> list[InputError]:
    """One error for each path that no diff can name."""
    hint = "rename it, or use --write"
    return [InputError(f"{path}: a diff cannot name what is not UTF-8", hint=hint) for path in paths]


def _summary(report: Report, *, suggestions: bool, write: bool) -> str:
    count, findings = len(report.patches), report.findings
    if not findings:
        return f"nothing to mend in {report.stats.files} files"
    suggested = sum(1 for f in findings if f.fix and f.fix.safety is Safety.SUGGESTED)
    unfixed = sum(1 for f in findings if not f.fix or f.fix.safety is Safety.SHOWN)
    parts = [f"{count} {'file' if count == 1 else 'files'} {'mended' if write else 'to mend'}, {len(findings)} found"]
    if suggested and not suggestions:
        parts.append(f"{suggested} more with --suggestions")
    if unfixed:
        parts.append(f"{unfixed} for a human (`nodemend check` shows them)")
    if count and not write:
        parts.append("--write applies it")
    return "; ".join(parts)
