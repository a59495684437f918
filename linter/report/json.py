"""The report as JSON, for programs; docs/json.md documents it and docs/report.schema.json is its schema."""

from __future__ import annotations

import base64
import json
from typing import TypeAlias

from .. import __version__
from ..edit import Edit
from ..finding import Finding, Gated, Hop, Omitted, Report, Skipped, Span, Stats, Suppressed
from ..meter import Profile
from .diff import of_finding
from .marks import ordered
from .view import View, raw

SCHEMA = "nodemend/1"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def render(report: Report, view: View) -> bytes:
    """The report as one JSON object, ASCII only, sorted by path, position and rule, with a line feed at the end."""
    findings = ordered(report.findings)
    skipped = sorted(report.skipped, key=lambda s: (s.path, s.reason, s.detail))
    gated = sorted(report.gated, key=lambda g: (g.rule, g.node))
    return dump({
        "schema": SCHEMA,
        "tool": {"name": "nodemend", "version": __version__},
        "findings": [finding_record(finding, view) for finding in findings],
        "skipped": [skipped_record(one) for one in skipped],
        "gated": [gated_record(one) for one in gated],
        "suppressed": [suppressed_record(one) for one in report.suppressed],
        "omitted": [omitted_record(one) for one in report.omitted],
        "stats": stats_record(report.stats),
    })  # fmt: skip


def dump(value: Json) -> bytes:
    """The value as indented ASCII. Half a surrogate pair becomes U+FFFD: strict readers refuse it."""
    return json.dumps(clean(value), indent=2, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


def clean(value: Json) -> Json:
    """The value without halves of surrogate pairs."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [clean(item) for item in value]
    return {key: clean(item) for key, item in value.items()} if isinstance(value, dict) else value


def finding_record(finding: Finding, view: View) -> dict[str, Json]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "category": finding.category,
        "message": finding.message,
        "package": finding.package,
        "version": finding.version,
        **_path(finding.path),
        "file": finding.file,
        **_place(finding.span),
        "symbol": finding.symbol,
        "node": finding.node,
        "fingerprint": finding.fingerprint,
        "chain": [*finding.chain],
        "needed": finding.needed,
        "fixed_in": finding.fixed_in,
        "trace": [_hop(hop) for hop in finding.trace],
        "fix": _fix(finding, view),
    }


def skipped_record(skipped: Skipped) -> dict[str, Json]:
    return {**_path(skipped.path), "reason": skipped.reason, "detail": skipped.detail}


def gated_record(gated: Gated) -> dict[str, Json]:
    return {"rule": gated.rule, "node": gated.node, "count": gated.count, "outside": gated.outside}


def stats_record(stats: Stats) -> dict[str, Json]:
    return {
        "packages": stats.packages,
        "files": stats.files,
        "bytes": stats.bytes,
        "parsed": stats.parsed,
        "duplicates": stats.duplicates,
        "seconds": round(stats.seconds, 3),
        **({"profile": _profile(stats.profile)} if stats.profile else {}),
    }


def _profile(profile: Profile) -> Json:
    reuse = profile.reuse
    figures: Json = {"unchanged": reuse.unchanged, "known": reuse.known, "analysed": reuse.analysed} if reuse else None
    return {
        "processes": profile.processes,
        "cache": figures,
        "seconds": {phase: round(seconds, 6) for phase, seconds in profile.seconds.items()},
        "gates": [{"gate": one.gate, "files": one.files, "bytes": one.bytes} for one in profile.gates],
        "slowest_files": [{**_path(path), "seconds": round(seconds, 6)} for path, seconds in profile.files],
        "slowest_rules": [{"rule": rule, "seconds": round(seconds, 6)} for rule, seconds in profile.rules],
    }


def _path(path: str) -> dict[str, Json]:
    """The path, and its bytes where they are not UTF-8 and the text alone could not name the file."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return {"path": path, "path_base64": base64.b64encode(raw(path)).decode()}
    return {"path": path}


def _place(span: Span) -> dict[str, Json]:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def omitted_record(omitted: Omitted) -> dict[str, Json]:
    return {"by": omitted.by, "count": omitted.count}


def suppressed_record(suppressed: Suppressed) -> dict[str, Json]:
    f = suppressed.finding
    return {
        "rule": f.rule,
        "severity": f.severity,
        "package": f.package,
        "version": f.version,
        **_path(f.path),
        "line": f.span.line,
        "fingerprint": f.fingerprint,
        "by": suppressed.by,
        "reason": suppressed.reason,
        "until": suppressed.until,
    }


def _hop(hop: Hop) -> Json:
    return {"role": hop.role, "text": hop.text, **_path(hop.path), **_place(hop.span)}


def _fix(finding: Finding, view: View) -> Json:
    if finding.fix is None:
        return None
    diff = of_finding(finding, view)
    return {
        "safety": str(finding.fix.safety),
        "why": finding.fix.why,
        "edits": [_edit(edit) for edit in sorted(finding.fix.edits)],
        "diff": None if diff is None else _text(diff),
    }


def _edit(edit: Edit) -> Json:
    written = _text(edit.text)
    place: dict[str, Json] = {"start": edit.start, "end": edit.end, "text": written}
    return place if written is not None else {**place, "text_base64": base64.b64encode(edit.text).decode()}


def _text(data: bytes) -> str | None:
    """The bytes as text, None where that would lose any."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
