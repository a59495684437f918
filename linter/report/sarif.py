"""The report as SARIF 2.1.0, within what GitHub code scanning takes; the words are those of the OASIS standard."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from .. import __version__
from ..finding import SEVERITIES, Finding, Report, Suppressed
from .json import Json, dump
from .marks import marked
from .notifications import left_out, notification, trimmed
from .results import MOST_STEPS, result
from .view import Page, View

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub refuses a whole file with more: docs.github.com, "SARIF support for code scanning", validating your file.
MOST_RESULTS = 25_000
MOST_BYTES = 10_000_000  # compressed
# Where a rule is about security, GitHub sorts by a number as CVSS has it; no page says more than its severity does.
_SECURITY = {"error": "8.0", "warning": "5.5", "note": "2.0"}


def render(report: Report, view: View) -> bytes:
    """One run with all findings, ASCII only; what is over a limit of GitHub's is left out, the mildest first.

    A notification says how many. Findings that the project has answered are in it only with `view.suppressed`.
    """
    answers = {id(one.finding): _answer(one) for one in report.suppressed} if view.suppressed else {}
    answered = [one.finding for one in report.suppressed if id(one.finding) in answers]
    whole = [*marked(report.findings), *marked(answered)]
    whole.sort(key=lambda one: (id(one[0]) in answers, SEVERITIES.index(one[0].severity)))  # else as it was: by path
    kept = whole[:MOST_RESULTS]
    while True:
        data = _document(kept, len(whole), report, view, answers)
        if len(kept) < 2 or len(data) < MOST_BYTES or len(gzip.compress(data, 6)) <= MOST_BYTES:
            return data
        kept = kept[: len(kept) * 3 // 4]


def _answer(one: Suppressed) -> str:
    until = f" (until {one.until})" if one.until else ""
    return f"{one.by}: {one.reason}{until}" if one.reason else one.by + until


def _document(
    kept: Sequence[tuple[Finding, str]], whole: int, report: Report, view: View, answers: dict[int, str]
) -> bytes:
    rules = sorted({finding.rule for finding, _ in kept})
    cut = sum(len(finding.trace) > MOST_STEPS for finding, _ in kept)
    run: Json = {
        "tool": {"driver": {
            "name": "nodemend",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": [_rule(name, view.rule(name)) for name in rules],
        }},
        "automationDetails": {"id": "nodemend/"},
        "columnKind": "utf16CodeUnits",
        "invocations": [{
            "executionSuccessful": True,
            "toolExecutionNotifications": [
                *(notification(skipped, view) for skipped in report.skipped),
                *left_out(len(kept), whole),
                *trimmed(cut, MOST_STEPS),
            ],
        }],
        "results": [
            result(finding, rules.index(finding.rule), mark, view, answers.get(id(finding))) for finding, mark in kept
        ],
    }  # fmt: skip
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, page: Page | None) -> Json:
    if page is None:
        return {"id": name, "shortDescription": {"text": name}}
    summary = page.summary or page.title or name
    properties: dict[str, Json] = {
        "tags": [page.category] if page.category else [],
        "node": page.node,
        "precision": "high" if page.recommended else "medium",
        "problem.severity": {"note": "recommendation"}.get(page.severity, page.severity),
    }
    if page.category == "security":
        properties["security-severity"] = _SECURITY[page.severity]
    return {
        "id": name,
        "name": name,
        "shortDescription": {"text": page.title or name},
        "fullDescription": {"text": summary},
        "help": {"text": summary, "markdown": page.page or summary},
        "defaultConfiguration": {"level": page.severity},
        "properties": properties,
    }
