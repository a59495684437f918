"""The report in the Diagnostic Format of reviewdog: one JSON object, columns in bytes, fixes as suggestions."""

from __future__ import annotations

from collections.abc import Mapping

from ..edit import Safety
from ..finding import Finding, Report, Severity, Span
from .anchor import Anchor, anchored
from .copies import named
from .json import Json, dump
from .marks import ordered
from .view import View

_SEVERITIES: Mapping[Severity, str] = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report, view: View) -> bytes:
    """The object, ASCII only. Lines and columns count from 1, columns in bytes of UTF-8, ends exclusive."""
    return dump({
        "source": {"name": "nodemend"},
        "diagnostics": [_diagnostic(finding, view) for finding in ordered(report.findings)],
    })  # fmt: skip


def _diagnostic(finding: Finding, view: View) -> Json:
    anchor = anchored(finding, view)
    data = None if anchor.elsewhere else view.read(finding.path)
    where = f" ({named(finding)}: {finding.path}:{finding.span.line})" if anchor.elsewhere else ""
    made: dict[str, Json] = {
        "message": finding.message + where,
        "location": {"path": anchor.path, "range": _range(finding.span, anchor, data)},
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.rule},
    }
    suggestion = None if data is None else _suggestion(finding, data)
    return {**made, "suggestions": [suggestion]} if suggestion else made


def _range(span: Span, anchor: Anchor, data: bytes | None) -> Json:
    """In bytes where the file is at hand, else whole lines."""
    if data is None or span.end > len(data):
        return {"start": {"line": anchor.line}, "end": {"line": anchor.end_line}}
    return {"start": _position(data, span.start), "end": _position(data, span.end)}


def _position(data: bytes, offset: int) -> Json:
    return {"line": data.count(b"\n", 0, offset) + 1, "column": offset - data.rfind(b"\n", 0, offset)}


def _suggestion(finding: Finding, data: bytes) -> Json:
    """The fix as one replacement: suggestions are taken one by one, and its edits make sense only together."""
    fix = finding.fix
    if fix is None or fix.safety is Safety.SHOWN or not fix.edits:
        return None
    edits = sorted(fix.edits)
    start, end = edits[0].start, max(edit.end for edit in edits)
    if end > len(data):  # the file has changed since it was scanned
        return None
    text, at = b"", start
    for edit in edits:
        text += data[at : edit.start] + edit.text
        at = edit.end
    try:
        return {"range": {"start": _position(data, start), "end": _position(data, end)}, "text": text.decode()}
    except UnicodeDecodeError:
        return None
