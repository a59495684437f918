"""The report as JSON lines: what the JSON report has, one record a line, to be read as it comes."""

from __future__ import annotations

import json

from .. import __version__
from ..finding import Report
from .json import (
    SCHEMA,
    Json,
    clean,
    finding_record,
    gated_record,
    omitted_record,
    skipped_record,
    stats_record,
    suppressed_record,
)  # fmt: skip
from .marks import ordered
from .view import View


def render(report: Report, view: View) -> bytes:
    """A line `start`, one for each `finding`, `skipped`, `gated`, `suppressed` and `omitted`, and `end`.

    Without that last line the report was cut off.
    """
    skipped = sorted(report.skipped, key=lambda s: (s.path, s.reason, s.detail))
    gated = sorted(report.gated, key=lambda g: (g.rule, g.node))
    records = [
        _line("start", {"schema": SCHEMA, "tool": {"name": "nodemend", "version": __version__}}),
        *(_line("finding", finding_record(finding, view)) for finding in ordered(report.findings)),
        *(_line("skipped", skipped_record(one)) for one in skipped),
        *(_line("gated", gated_record(one)) for one in gated),
        *(_line("suppressed", suppressed_record(one)) for one in report.suppressed),
        *(_line("omitted", omitted_record(one)) for one in report.omitted),
        _line("end", {"findings": len(report.findings), "stats": stats_record(report.stats)}),
    ]
    return b"".join(records)


def _line(record: str, members: dict[str, Json]) -> bytes:
    """One line of ASCII; a reader tells records apart by their first member."""
    whole = clean({"record": record, **members})
    return json.dumps(whole, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
