"""`nodemend fix -i`: each fix is shown, and applied only if a human says so."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..datatype import replace
from ..edit import Safety, apply
from ..errors import ConfigError
from ..finding import Finding, Patch, Report
from ..terminal import Paint, Style, visible
from .outcome import emit
from .pages import TAB, printable

if TYPE_CHECKING:
    from ..report import View

_STYLES: Mapping[str, Style] = {"+": "good", "-": "error", "@": "dim"}
_KEYS = "y,n,a,q,p,?"
_HELP = """\
y  yes, mend it
n  no, leave it
a  yes, and all that is left of this rule and as safe
q  quit: ask no more, and mend what was taken
p  show the rule's page
?  show this
Ctrl-C ends it with nothing changed.
"""


def demand_terminal() -> None:
    """Raises ConfigError where nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        hint = "use --write to apply what is safe, or leave both out to print the diff"
        raise ConfigError("-i asks, so stdin and stdout must be a terminal", hint=hint)


def answered(report: Report, view: View) -> Report:
    """The report with the patches of those fixes that were taken, and no others."""
    before = {patch.path: patch for patch in report.patches}
    due = [f for f in report.findings if f.path in before and f.fix is not None and f.fix.safety <= Safety.SUGGESTED]
    due = [f for f in due if Path(f.path).is_file()]  # no member of an archive can be written
    taken = chosen(due, lambda finding, number: _answer(finding, f"{number} of {len(due)}", view))
    patches = [_patch(patch, [f for f in taken if f.path == path]) for path, patch in before.items()]
    # The scanned bytes are what write_all compares: a file that changes while the human thinks is refused there.
    return replace(report, patches=tuple(p for p in patches if p.after != p.before))


def chosen(findings: Sequence[Finding], ask: Callable[[Finding, int], str]) -> list[Finding]:
    """The findings to mend, as the answers (y, n, a, q) have it.

    No answer is asked for where a fix touches one that was taken: it must be looked at anew in the next run.
    """
    taken: list[Finding] = []
    always: dict[str, Safety] = {}
    for number, finding in enumerate(findings, 1):
        if finding.fix is None or _touched(finding, taken):
            continue
        if always.get(finding.rule, -1) < finding.fix.safety:
            answer = ask(finding, number)
            if answer == "q":
                break
            if answer == "n":
                continue
            if answer == "a":
                always[finding.rule] = finding.fix.safety
        taken.append(finding)
    return taken


def _touched(finding: Finding, taken: Iterable[Finding]) -> bool:
    fix = finding.fix
    others = [one.fix for one in taken if one.path == finding.path]
    return fix is not None and any(other is not None and other.touches(fix) for other in others)


def _patch(patch: Patch, taken: Sequence[Finding]) -> Patch:
    edits = sorted({edit for finding in taken if finding.fix is not None for edit in finding.fix.edits})
    rules = tuple(sorted({finding.rule for finding in taken}))
    return replace(patch, after=apply(patch.before, edits), rules=rules)


def _answer(finding: Finding, place: str, view: View) -> str:
    """y, n, a or q, after as many looks at the page as are wanted. The end of the input is a q."""
    emit("".join(f"{line}\n" for line in _shown(finding, view)).encode(view.encoding, "backslashreplace"))
    while True:
        try:
            answer = input(f"({place}) Mend it? [{_KEYS}] ").strip().lower()[:1]
        except EOFError:
            return "q"
        except OSError:  # the terminal has gone away, and with it whoever was asked
            raise click.Abort from None
        if answer and answer in "ynaq":
            return answer
        if answer == "p":
            page = view.rule(finding.rule)
            click.echo_via_pager(printable(page.page if page else ""))
        else:
            emit(_HELP.encode())


def _shown(finding: Finding, view: View) -> list[str]:
    from ..report import diff, text

    paint = Paint(view.colour)
    lines = (diff.of_finding(finding, view) or b"").decode("utf8", "backslashreplace").split("\n")[:-1]
    why = f" ({visible(finding.fix.why)})" if finding.fix and finding.fix.why else ""
    safety = str(finding.fix.safety) if finding.fix else ""
    return ["", *text.alone(finding, view), f"  fix: {safety}{why}", *(_painted(line, paint) for line in lines)]


def _painted(line: str, paint: Paint) -> str:
    clean = visible(line.replace(TAB, "    "))
    style = _STYLES.get(line[:1])
    return paint(style, clean) if style else clean
