"""`nodemend check`: the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from ..config import FailOn
from ..datatype import replace
from ..errors import InputError
from ..finding import SEVERITIES, Report
from ..formats import NAMES
from .cache import cache_options, kept_in, tell_of_trouble
from .job import Job, job, view
from .options import Asked, scan_options
from .outcome import CLEAN, FINDINGS, complain, emit, worst

if TYPE_CHECKING:
    from ..report import View

_HOW = f"How: {', '.join(NAMES)}.  [default: text]"
_EXAMPLES = """\b
Examples:
  nodemend check                             this folder and its node_modules
  nodemend check --select buffer lib/ a.tgz  only rules of one category
  nodemend check --format sarif --output nodemend.sarif
  curl -s URL | nodemend check -             code from stdin
"""


@click.command(epilog=_EXAMPLES, short_help="Report what is risky.")
@scan_options
@click.option("--format", "form", type=click.Choice(NAMES), default="text", metavar="FORMAT", help=_HOW)
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Where, if not stdout.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    help="The mildest severity that gives exit code 1.  [default: warning]",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Findings in this file, which `nodemend baseline write` makes, do not count.",
)
@click.option("--no-baseline", is_flag=True, help="Every finding counts, whatever the configuration says.")
@cache_options
@click.option("--show-suppressed", is_flag=True, help="SARIF: also the findings that do not count, marked as such.")
@click.pass_context
def check(
    context: click.Context,
    form: str,
    output: Path | None,
    fail_on: FailOn | None,
    baseline: Path | None,
    no_baseline: bool,
    cache: Path | None,
    no_cache: bool,
    show_suppressed: bool,
    **asked: Unpack[Asked],
) -> None:
    """Report on each PATH: a folder with its node_modules, a file, a tarball, or `-` for stdin. Default: `.`

    The format `diff` is the diff that `nodemend fix` prints.
    """
    from .. import scan
    from ..report import FORMATS

    work = job(asked)
    compare = _comparison(work, None if no_baseline else baseline or work.config.baseline)
    kept = kept_in(work.config, cache, off=no_cache)
    report, errors = work.run(scan.fix if form == "diff" else partial(scan.check, cache=kept))
    tell_of_trouble(kept, quiet=work.quiet)
    report = compare(report)
    shown = replace(view(work, asked, to_file=output is not None), suppressed=show_suppressed)
    _deliver(FORMATS[form](report, shown), output)
    if form == "diff":
        errors += _unnamed(report, shown)
    for error in errors:
        complain(str(error))
    context.exit(worst(errors) if errors else exit_code(report, fail_on or work.config.fail_on))


def _comparison(work: Job, path: Path | None) -> Callable[[Report], Report]:
    if path is None:
        return lambda report: report
    from .baseline import comparison

    return comparison(work, path)


def _unnamed(report: Report, shown: View) -> Sequence[InputError]:
    from ..report.diff import refused
    from .fix import unnamed

    return unnamed(refused(report.patches, shown))


def _deliver(data: bytes, output: Path | None) -> None:
    if output is None:
        emit(data)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise InputError(f"cannot write {output}: {error.strerror or error}", hint="choose another --output") from None


def exit_code(report: Report, fail_on: FailOn) -> int:
    """1 when a finding is as bad as fail_on or worse, else 0."""
    if fail_on == "never":
        return CLEAN
    bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return FINDINGS if any(finding.severity in bad for finding in report.findings) else CLEAN
