"""The formats a report can be printed in, each one function from a Report to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from ..finding import Report
from ..formats import NAMES
from ..on_demand import OnDemand
from .view import Page, View

__all__ = ["FORMATS", "Format", "Page", "View"]


class Format(Protocol):
    """Renders a report. The same report and view give the same bytes."""

    def __call__(self, report: Report, view: View) -> bytes: ...


def _format(name: str) -> Format:
    form: Format = import_module(f".{name}", __name__).render
    return form


FORMATS: Mapping[str, Format] = OnDemand(NAMES, _format)
