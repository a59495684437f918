"""The report as one HTML file for people who would rather look: nothing is fetched, and only our script runs."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from ... import __version__
from ...finding import SEVERITIES, Report
from ...terminal import Paint
from ..copies import grouped
from ..marks import ordered
from ..summary import summary
from ..view import View
from .findings import Sources, article
from .markup import Markup, element, join
from .overview import controls, overview, skipped


def render(report: Report, view: View) -> bytes:
    """The page, in UTF-8. Copies of one finding are one entry; the worst come first."""
    groups = grouped(ordered(report.findings))
    groups.sort(key=lambda group: SEVERITIES.index(group[0].severity))
    sources = Sources(view)
    entries = [article(number, copies, sources, view) for number, copies in enumerate(groups, 1)]
    *_, count = summary(report, view, Paint(False))
    body = [
        element("a", {"class": "skip", "href": "#findings"}, "Skip to the findings"),
        element("header", None, element("h1", None, "nodemend report"), element("p", {"class": "count"}, count)),
        element(
            "main", None, overview(groups, view), controls(groups),
            element("section", {"id": "findings", "aria-labelledby": "findings-title"},
                    element("h2", {"id": "findings-title"}, "Findings"), _entries(entries)),
            skipped(report),
        ),
        element("footer", None, f"nodemend {__version__}"),
        element("p", {"id": "said", "class": "unseen", "role": "status", "aria-live": "polite"}),
    ]  # fmt: skip
    return _document(join(body)).encode("utf-8", "replace")


def _entries(entries: list[Markup]) -> Markup:
    return join(entries) if entries else element("p", {"class": "nothing"}, "Nothing found.")


def _document(body: Markup) -> str:
    style, script = _part("style.css"), _part("script.js")
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; "
        "form-action 'none'"
    )
    head = [
        element("meta", {"charset": "utf-8"}),
        # Before anything that it governs. Only these very bytes of style and script are let run.
        element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("meta", {"name": "referrer", "content": "no-referrer"}),
        element("title", None, "nodemend report"),
        element("style", None, style),
    ]
    page = [element("head", None, *head), element("body", None, body, element("script", None, script))]
    return f"<!DOCTYPE html>\n{element('html', {'lang': 'en'}, *page)}\n"


@cache
def _part(name: str) -> Markup:
    """A file of the page's own. It is Markup, for it is ours and holds no end tag."""
    return Markup(files(__package__).joinpath(name).read_text("utf-8"))


def _digest(part: Markup) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
