"""The formats a report can be printed in, each one function from a Report to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from ..finding import Report
from ..formats import NAMES
from .view import Page, View

__all__ = ["FORMATS", "Format", "Page", "View"]


class Format(Protocol):
    """Renders a report. The same report and view give the same bytes."""

    def __call__(self, report: Report, view: View) -> bytes: ...


def _format(name: str) -> Format:
    """The format of the module of this name, which is imported when a report is printed in it."""

    def render(report: Report, view: View) -> bytes:
        form: Format = import_module(f".{name}", __name__).render
        return form(report, view)

    return render


FORMATS: Mapping[str, Format] = {name: _format(name) for name in NAMES}
