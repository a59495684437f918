"""The report as SARIF 2.1.0, within what GitHub code scanning takes; the words are those of the OASIS standard."""

from __future__ import annotations

from collections import Counter

from .. import __version__
from ..finding import SEVERITIES, Finding, Hop, Report, Skipped, Span
from .json import Json, dump
from .regions import location, region, replacement
from .view import Page, View

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub refuses a whole file with more: docs.github.com, "SARIF support for code scanning", validating your file.
MOST_RESULTS = 25_000


def render(report: Report, view: View) -> bytes:
    """One run with all findings, ASCII only; of over 25,000 the mildest are left out, which a notification says."""
    findings = sorted(report.findings, key=lambda f: (SEVERITIES.index(f.severity), f.path, f.span.start, f.rule))
    kept = findings[:MOST_RESULTS]
    rules = sorted({f.rule for f in kept})
    seen: Counter[str] = Counter()
    results: list[Json] = []
    for finding in kept:
        results.append(_result(finding, rules.index(finding.rule), seen[finding.fingerprint], view))
        seen[finding.fingerprint] += 1
    notifications = [_notification(s, view) for s in report.skipped] + _left_out(len(findings) - len(kept))
    run: Json = {
        "tool": {"driver": {
            "name": "nodemend",
            "version": __version__,
            "semanticVersion": __version__,
            "rules": [_rule(name, view.rule(name)) for name in rules],
        }},
        "automationDetails": {"id": "nodemend/"},
        "columnKind": "utf16CodeUnits",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": results,
    }  # fmt: skip
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(name: str, page: Page | None) -> Json:
    if page is None:
        return {"id": name, "shortDescription": {"text": name}}
    summary = page.summary or page.title or name
    return {
        "id": name,
        "name": name,
        "shortDescription": {"text": page.title or name},
        "fullDescription": {"text": summary},
        "help": {"text": summary, "markdown": page.page or summary},
        "defaultConfiguration": {"level": page.severity},
        "properties": {"tags": [page.category] if page.category else [], "node": page.node},
    }


def _result(finding: Finding, index: int, ordinal: int, view: View) -> Json:
    made: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [_located(finding, view)],
        # The second key is the one GitHub tells alerts apart by; copies of one package share the first.
        "partialFingerprints": {
            "nodemend/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:{ordinal + 1}",
        },
        "properties": {"package": finding.package, "version": finding.version, "node": finding.node},
    }
    if finding.trace:
        steps: list[Json] = [_step(hop, order, view) for order, hop in enumerate(finding.trace, 1)]
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    fixes = _fixes(finding, view)
    return {**made, "fixes": fixes} if fixes else made


def _located(finding: Finding, view: View) -> Json:
    place: dict[str, Json] = {"physicalLocation": _physical(finding.path, finding.span, view)}
    if finding.symbol:
        place["logicalLocations"] = [{"name": finding.symbol, "kind": "function"}]
    return place


def _physical(path: str, span: Span, view: View) -> Json:
    return {"artifactLocation": location(path, view), "region": region(span)}


def _step(hop: Hop, order: int, view: View) -> Json:
    place: Json = {"physicalLocation": _physical(hop.path, hop.span, view), "message": {"text": hop.text}}
    return {"executionOrder": order, "kinds": [hop.role], "location": place}


def _fixes(finding: Finding, view: View) -> list[Json]:
    """What a viewer may offer to apply: nothing where the fix is only shown."""
    fix = finding.fix
    if fix is None or str(fix.safety) == "shown":
        return []
    data = view.read(finding.path)
    change: Json = {
        "artifactLocation": location(finding.path, view),
        "replacements": [replacement(edit, data) for edit in sorted(fix.edits)],
    }
    words = f"{fix.safety}: {fix.why}" if fix.why else str(fix.safety)
    return [{"description": {"text": words}, "artifactChanges": [change]}]


def _notification(skipped: Skipped, view: View) -> Json:
    return {
        "descriptor": {"id": skipped.reason},
        "level": "error" if skipped.reason == "crash" else "note",
        "message": {"text": skipped.detail or skipped.reason},
        "locations": [{"physicalLocation": {"artifactLocation": location(skipped.path, view)}}],
    }


def _left_out(count: int) -> list[Json]:
    if count <= 0:
        return []
    text = f"{count} findings are left out, the mildest ones: GitHub takes {MOST_RESULTS} at most"
    return [{"descriptor": {"id": "left-out"}, "level": "warning", "message": {"text": text}}]
