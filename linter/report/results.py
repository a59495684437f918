"""One finding as a result of SARIF: where the repository shows it, where it really is, its trace and its fix."""

from __future__ import annotations

from ..finding import Finding, Hop, Span
from .anchor import Anchor, anchored
from .copies import named
from .json import Json
from .regions import artifact, location, region, replacement
from .view import View

MOST_STEPS = 1_000  # of a trace: GitHub shows no more
_LONGEST = 400  # characters of a source line: minified ones have millions


def result(finding: Finding, index: int, mark: str, view: View, answer: str | None = None) -> Json:
    """The result. `mark` is unique in the run; `answer` is why the project has suppressed it, None when it has not."""
    anchor = anchored(finding, view)
    made: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": _message(finding, anchor)},
        "locations": [_located(finding, anchor)],
        # The second key is the one GitHub tells alerts apart by; copies of one package share the first.
        "partialFingerprints": {
            "nodemend/v1": finding.fingerprint,
            "primaryLocationLineHash": mark if ":" in mark else f"{mark}:1",
        },
        "properties": _about(finding),
    }
    if anchor.elsewhere:
        text = f"{finding.path}:{finding.span.line}"
        made["relatedLocations"] = [{"id": 1, **_place(finding.path, finding.span, finding.snippet, text, view)}]
    if finding.trace:
        steps: list[Json] = [_step(hop, order, view) for order, hop in enumerate(finding.trace[:MOST_STEPS], 1)]
        made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if answer is not None:
        made["suppressions"] = [{"kind": "external", "justification": answer}]
    fixes = _fixes(finding, view)
    return {**made, "fixes": fixes} if fixes else made


def _about(finding: Finding) -> Json:
    about: dict[str, Json] = {"package": finding.package, "version": finding.version, "node": finding.node}
    if finding.chain:
        about |= {"chain": [*finding.chain], "needed": finding.needed}
    return {**about, "fixedIn": finding.fixed_in} if finding.fixed_in else about


def _message(finding: Finding, anchor: Anchor) -> str:
    """The message; where the result points elsewhere, with a link to the first related location."""
    text = _plain(finding.message)
    if not anchor.elsewhere:
        return text
    return f"{text} (in {_plain(named(finding) or 'a file')}: [{_linked(finding.file)}:{finding.span.line}](1))"


def _plain(text: str) -> str:
    """Text in which nothing is a link: `[x](1)` would be one."""
    return text.replace("](", "] (")


def _linked(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _located(finding: Finding, anchor: Anchor) -> Json:
    shown: Json = {
        "startLine": anchor.line, "startColumn": anchor.column,
        "endLine": anchor.end_line, "endColumn": anchor.end_column,
    }  # fmt: skip
    place: dict[str, Json] = {"physicalLocation": {"artifactLocation": artifact(anchor.path), "region": shown}}
    if finding.symbol:
        place["logicalLocations"] = [{"name": finding.symbol, "kind": "function"}]
    return place


def _place(path: str, span: Span, snippet: str, text: str, view: View) -> dict[str, Json]:
    """A location with its source line, for a viewer that cannot have the file."""
    shown = region(span)
    physical: Json = {"artifactLocation": location(path, view), "region": shown}
    if len(snippet) <= _LONGEST:
        shown["snippet"] = {"text": snippet}
    return {"physicalLocation": physical, "message": {"text": text}}


def _step(hop: Hop, order: int, view: View) -> Json:
    return {
        "executionOrder": order,
        "kinds": [hop.role],
        "location": _place(hop.path, hop.span, hop.snippet, _plain(hop.text), view),
    }


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
