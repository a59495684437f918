"""The formats a report can be printed in, each one function from a Report to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..finding import Report
from . import diff, github, gitlab, html, json, jsonl, junit, markdown, rdjson, sarif, text
from .view import Page, View

__all__ = ["FORMATS", "Format", "Page", "View"]


class Format(Protocol):
    """Renders a report. The same report and view give the same bytes."""

    def __call__(self, report: Report, view: View) -> bytes: ...


FORMATS: Mapping[str, Format] = {
    "text": text.render,
    "json": json.render,
    "jsonl": jsonl.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "html": html.render,
    "markdown": markdown.render,
    "rdjson": rdjson.render,
    "diff": diff.render,
}
