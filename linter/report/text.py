"""The report for people: each finding with its line, its trace and the command that mends it; then the numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ..finding import Finding, Hop, Report
from ..safety import Safety
from ..terminal import Paint, cut, visible, wrapped
from .copies import chain, command, grouped, named, provenance
from .excerpt import excerpt
from .summary import summary
from .view import View

TAB = "\t"


def render(report: Report, view: View) -> bytes:
    """The findings, copies of one package together, then what was skipped and one line that counts.

    With `view.quiet` there is only one line for each finding.
    """
    paint = Paint(view.colour)
    if view.quiet:
        lines = [_headline(finding, paint) for finding in report.findings]
    else:
        blocks = [_block(copies, view, paint) for copies in grouped(report.findings)]
        lines = [line for block in blocks for line in [*block, ""]]
        lines += [fit for line in summary(report, view, paint) for fit in _fitted(line, view, 4)]
    return "".join(f"{line.rstrip()}\n" for line in lines).encode(view.encoding, "backslashreplace")


def alone(finding: Finding, view: View) -> list[str]:
    """The lines of one finding, but for how it can be mended."""
    paint = Paint(view.colour)
    return [
        *_fitted(_headline(finding, paint), view),
        *_identity(finding, paint),
        *[fit for line in provenance(finding) for fit in _fitted(f"  {visible(line)}", view, 4)],
        *_source(finding, view, paint),
        *_trace(finding.trace, view, paint),
        *_why(finding, view),
    ]


def _block(copies: Sequence[Finding], view: View, paint: Paint) -> list[str]:
    finding = copies[0]
    return [
        *alone(finding, view),
        *_mend(copies, view, paint),
        *[f"  also in {_place(copy.path, copy.span.line, copy.span.column)}{_by(copy)}" for copy in copies[1:]],
    ]


def _fitted(line: str, view: View, indent: int = 2) -> list[str]:
    """A sentence in lines that fit on a terminal; code and commands are left alone, for people copy them."""
    return wrapped(line, view.columns, " " * indent) if view.wraps else [line]


def _headline(finding: Finding, paint: Paint) -> str:
    place = paint("bold", _place(finding.path, finding.span.line, finding.span.column))
    severity = paint(finding.severity, finding.severity)
    return f"{place}: {severity} {visible(finding.rule)}: {visible(finding.message)}"


def _place(path: str, line: int, column: int) -> str:
    return f"{visible(path)}:{line}:{column}"


def _identity(finding: Finding, paint: Paint) -> list[str]:
    symbol = f"in {finding.symbol}" if finding.symbol else ""
    node = f"Node {finding.node}" if finding.node not in ("", "*") else ""
    words = ", ".join(visible(part) for part in (named(finding), symbol, node) if part)
    return [paint("dim", f"  {words}")] if words else []


def _by(copy: Finding) -> str:
    return f", by {visible(chain(copy))}" if copy.chain else ""


def _source(finding: Finding, view: View, paint: Paint) -> list[str]:
    span, number = finding.span, str(finding.span.line)
    whole = len(finding.snippet.encode("utf-16-le", "surrogatepass")) // 2 + 1
    end = span.end_column if span.end_line == span.line else whole
    line, carets = excerpt(finding.snippet, span.column, end, _room(view, len(number) + 5))
    return [f"  {number} | {line}", f"  {' ' * len(number)} | {paint(finding.severity, carets)}"]


def _trace(hops: Sequence[Hop], view: View, paint: Paint) -> list[str]:
    lines: list[str] = []
    last = ""
    for number, hop in enumerate(hops, 1):
        step = f"  {number}. {hop.role}: {visible(hop.path)}:{hop.span.line}: {visible(hop.text)}"
        lines += _fitted(step, view, 5)
        code = excerpt(hop.snippet, hop.span.column, hop.span.column + 1, _room(view, 7))[0].strip()
        if code != last:
            lines.append(paint("dim", f"       {code}"))
        last = code
    return lines


def _room(view: View, used: int) -> int:
    return max(view.columns - used, 20)


def _why(finding: Finding, view: View) -> list[str]:
    rule = view.rule(finding.rule)
    first = rule.summary.replace("\n", " ").split(". ")[0].rstrip(". ") if rule else ""
    return _fitted(f"  why: {visible(first)}", view, 7) if first else []


def _mend(copies: Sequence[Finding], view: View, paint: Paint) -> list[str]:
    """How safe the fix is and what to type; a fix that is never applied is shown here, for there is no other place."""
    finding, fix = copies[0], copies[0].fix
    if fix is None:
        return [f"  fix: none; `nodemend explain {visible(finding.rule)}` says what to do"]
    reason = f" ({visible(fix.why)})" if fix.why else ""
    if fix.safety is Safety.SHOWN:
        return [f"  fix: shown only{reason}", *_shown(finding, view, paint)]
    return [f"  fix: {paint('good', str(fix.safety))}{reason}: {command(copies)}"]


def _shown(finding: Finding, view: View, paint: Paint) -> list[str]:
    from .diff import of_finding  # few reports hold a fix of that sort

    lines = (of_finding(finding, view, "the file") or b"").decode("utf8", "replace").split("\n")[:-1]
    hunks = next((lines[at:] for at, line in enumerate(lines) if line.startswith("@@")), [])
    return [paint("dim", cut(f"    {visible(line.replace(TAB, '    '))}", view.columns)) for line in hunks]
