"""The report as GitLab takes it for code quality: a JSON array, one entry for each finding."""

from __future__ import annotations

from collections.abc import Mapping

from ..finding import Finding, Report, Severity
from .anchor import anchored
from .copies import named
from .json import Json, dump
from .marks import marked
from .view import View

_SEVERITIES: Mapping[Severity, str] = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report, view: View) -> bytes:
    """The array. GitLab keeps one entry of each fingerprint, so each has one of its own, copies too."""
    return dump([_entry(finding, mark, view) for finding, mark in marked(report.findings)])


def _entry(finding: Finding, mark: str, view: View) -> Json:
    anchor = anchored(finding, view)
    where = f" ({named(finding)}: {finding.path}:{finding.span.line})" if anchor.elsewhere else ""
    return {
        "description": finding.message + where,
        "check_name": finding.rule,
        "fingerprint": mark,
        "severity": _SEVERITIES[finding.severity],
        # A path from the repository's root; what lies elsewhere has none, and GitLab refuses absolute ones.
        "location": {
            "path": anchor.path.lstrip("/"),
            "lines": {"begin": anchor.line, "end": anchor.end_line},
        },
    }
