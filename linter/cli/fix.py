"""`nodemend fix`: the diff that mends, printed or applied in place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

import click

from ..edit import Safety
from ..errors import ConfigError, InputError
from ..finding import Patch, Report
from .job import job, view
from .options import Asked, scan_options
from .outcome import CLEAN, FINDINGS, USAGE, complain, emit, remark

_EXAMPLES = """\b
Examples:
  nodemend fix | git apply             apply what is safe
  nodemend fix --suggestions lib/      print what a human should look at, too
  nodemend fix --write vendor/         apply in place
  nodemend fix --write --exit-code $@  for a hook: 1 when a file was written

\b
Exit codes: 0 when it did what was asked, whatever was found; 1 only with --exit-code,
when there was something to mend; 2 when a path could not be taken or written.
"""


@click.command(epilog=_EXAMPLES, short_help="Print the diff that mends it, or apply it.")
@scan_options
@click.option("--suggestions", is_flag=True, help="Also what is probably right; look at it.")
@click.option("--write", is_flag=True, help="Apply it in place; all files or none.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there was something to mend.")
@click.pass_context
def fix(context: click.Context, suggestions: bool, write: bool, exit_code: bool, **asked: Unpack[Asked]) -> None:
    """Print one unified diff for each PATH's safe fixes on stdout, and one line that counts on stderr.

    Names in the diff start at the current folder. With --write nothing is printed on stdout.
    """
    from .. import scan

    work = job(asked, suggestions=suggestions)
    if write and "-" in work.paths:
        raise ConfigError("stdin cannot be written in place", hint="leave out --write to print the diff")
    report, errors = work.run(scan.fix)
    if write:
        errors += _write(report.patches, quiet=work.quiet)
    else:
        from ..report import diff

        shown = view(work, asked)
        emit(diff.render(report, shown))
        errors += unnamed(diff.refused(report.patches, shown))
        for folder in filter(None, diff.folders(report.patches, shown)):
            remark(f"note: names are relative to {folder}; apply the diff there")
    if not work.quiet:
        remark(_summary(report, suggestions=suggestions, write=write))
    for error in errors:
        complain(str(error))
    context.exit(USAGE if errors else FINDINGS if exit_code and report.patches else CLEAN)


def _write(patches: Sequence[Patch], *, quiet: bool) -> list[InputError]:
    """Applies what can be applied, all or nothing; one error for members of archives, which cannot be."""
    from ..replace import Change, write_all

    here = [patch for patch in patches if Path(patch.path).is_file()]
    write_all([Change(Path(patch.path), patch.before, patch.after) for patch in here])
    for patch in here if not quiet else ():
        remark(f"mended {patch.path} ({', '.join(patch.rules)})")
    away = [patch.path for patch in patches if patch not in here]
    if not away:
        return []
    more = f" (nor {len(away) - 1} others)" if len(away) > 1 else ""
    hint = "leave out --write to print the diff, or unpack the archive"
    return [InputError(f"{away[0]} cannot be written in place{more}", hint=hint)]


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
