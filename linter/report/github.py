"""The report as workflow commands of GitHub Actions, which become annotations of a run and of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..finding import SEVERITIES, Finding, Report, Severity
from ..terminal import Paint, visible
from .anchor import anchored
from .copies import command, grouped, named, provenance
from .summary import summary
from .view import View

# A step shows ten annotations of a level, and the first one is the summary: docs.github.com, "Workflow commands".
MOST = 9
_LEVELS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, view: View) -> bytes:
    """One command that counts, then the first nine findings of each level; installed copies of one finding are one."""
    groups = _annotated(report.findings, view)
    shown = [group for severity in SEVERITIES for group in _of(groups, severity)[:MOST]]
    lines = [_counted(report, groups, view), *(_annotation(copies, view) for copies in shown)]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _annotated(findings: Sequence[Finding], view: View) -> list[list[Finding]]:
    """Copies together, but for files of the repository itself: each of them is in a diff of its own."""
    groups: list[list[Finding]] = []
    for copies in grouped(findings):
        away = [copy for copy in copies if anchored(copy, view).elsewhere]
        groups += [[copy] for copy in copies if copy not in away]
        groups += [away] if away else []
    return groups


def _of(groups: Sequence[Sequence[Finding]], severity: Severity) -> list[Sequence[Finding]]:
    return [group for group in groups if group[0].severity == severity]


def _counted(report: Report, groups: Sequence[Sequence[Finding]], view: View) -> str:
    """The summary, at the level of the worst finding; it says what is not shown."""
    *others, count = [visible(line) for line in summary(report, view, Paint(False)) if line]
    counts: Counter[Severity] = Counter(group[0].severity for group in groups)
    hidden = sum(max(0, count - MOST) for count in counts.values())
    more = [f"{hidden} more have no annotation: GitHub shows ten of a level and step"] if hidden else []
    worst: Severity = next((severity for severity in SEVERITIES if counts[severity]), "note")
    return _command(_LEVELS[worst], {"title": "nodemend"}, "\n".join([count, *more, *others]))


def _annotation(copies: Sequence[Finding], view: View) -> str:
    finding = copies[0]
    anchor = anchored(finding, view)
    place: dict[str, str] = {}
    if not anchor.path.startswith("/"):  # what lies outside of the repository cannot be annotated in it
        place = {"file": visible(anchor.path), "line": str(anchor.line), "endLine": str(anchor.end_line)}
        if anchor.line == anchor.end_line:  # columns are for one line only
            place |= {"col": str(anchor.column), "endColumn": str(anchor.end_column)}
    lines = [finding.message, f"{finding.path}:{finding.span.line}:{finding.span.column}"]
    if finding.package:
        lines[1] = f"{named(finding)}: {lines[1]}"
    lines += provenance(finding)
    lines += [f"also in {copy.path}:{copy.span.line}" for copy in copies[1:]]
    lines += [f"fix: {fix}"] if (fix := command(copies)) else []
    place["title"] = visible(finding.rule)
    return _command(_LEVELS[finding.severity], place, "\n".join(visible(line) for line in lines))


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    """Escaped as the runner expects it: %, CR and LF, so that no text can begin a command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
