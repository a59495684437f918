"""One finding as an entry that unfolds: source, trace with its graph, diff, and the command that mends it."""

from __future__ import annotations

from collections.abc import Sequence

from ...finding import Finding
from ..anchor import anchored
from ..copies import command, named, provenance
from ..diff import of_finding
from ..view import View
from .graph import graph
from .listing import compared, only, source
from .markup import Markup, deferred, element, prose

_AT_ONCE = 200  # entries that are elements from the start; a thousand more would take seconds to load
_COPIES = 20  # places of copies that are named


class Sources:
    """The lines of files, the last one kept: findings come file by file."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._path: str | None = None
        self._lines: list[str] | None = None

    def lines(self, path: str) -> list[str] | None:
        """The lines of a file without their ends; None when it cannot be read."""
        if path != self._path:
            data = self._view.read(path)
            text = None if data is None else data.decode("utf-8-sig", "surrogateescape")
            self._path, self._lines = path, None if text is None else [t.removesuffix("\r") for t in text.split("\n")]
        return self._lines


def article(number: int, copies: Sequence[Finding], sources: Sources, view: View) -> Markup:
    """The entry. `data-` attributes are what the page's filter looks at."""
    finding = copies[0]
    head = element(
        "summary", None,
        element("span", {"class": f"badge {finding.severity}"}, finding.severity),
        element("span", {"class": "what"}, prose(finding.message)),
        element("span", {"class": "where"}, _where(finding, len(copies))),
    )  # fmt: skip
    body = element(
        "div", {"class": "body"}, _facts(copies, view), _source(finding, sources), _trace(finding), _fix(copies, view),
    )  # fmt: skip
    about = {
        "id": f"f{number}", "data-severity": finding.severity, "data-rule": finding.rule,
        "data-package": finding.package or "(no package)",
    }  # fmt: skip
    return element("article", about, element("details", None, head, body if number <= _AT_ONCE else deferred(body)))


def _where(finding: Finding, copies: int) -> str:
    more = f", {copies} copies" if copies > 1 else ""
    place = f"{finding.file}:{finding.span.line}"
    return " · ".join([finding.rule, *([named(finding)] if finding.package else []), place + more])


def _facts(copies: Sequence[Finding], view: View) -> Markup:
    finding = copies[0]
    anchor = anchored(finding, view)
    places = [f"{copy.path}:{copy.span.line}:{copy.span.column}" for copy in copies]
    rows: list[tuple[str, list[Markup]]] = [("Where", [element("code", None, place) for place in places[:_COPIES]])]
    if len(places) > _COPIES:
        rows[0][1].append(element("span", None, f"and {len(places) - _COPIES} more"))
    if anchor.elsewhere:
        rows.append(("Brought in by", [element("code", None, f"{anchor.path}:{anchor.line}")]))
    if lines := provenance(finding):
        rows.append(("Package", [element("code", None, line) for line in lines]))
    if finding.symbol:
        rows.append(("In function", [element("code", None, finding.symbol)]))
    if finding.node not in ("", "*"):
        rows.append(("Node", [element("code", None, finding.node)]))
    page = view.rule(finding.rule)
    if page is not None and page.summary:
        rows.append(("Why", [element("p", None, prose(" ".join(page.summary.split())))]))
    return element("dl", None, [[element("dt", None, name), element("dd", None, what)] for name, what in rows])


def _source(finding: Finding, sources: Sources) -> Markup:
    lines = sources.lines(finding.path)
    span = finding.span
    # The file may have changed since: then the line that the report has is the one to show.
    same = lines is not None and span.line <= len(lines) and lines[span.line - 1] == finding.snippet.removesuffix("\r")
    shown = source(lines, span) if lines is not None and same else only(finding.snippet, span)
    return element("section", None, element("h3", None, "Source"), shown)


def _trace(finding: Finding) -> Markup | None:
    if not finding.trace:
        return None
    steps = [
        element(
            "li", None, element("b", None, hop.role), " ", prose(hop.text), " ",
            element("code", {"class": "place"}, f"{hop.path}:{hop.span.line}"),
        )
        for hop in finding.trace
    ]  # fmt: skip
    both = element("div", {"class": "trace"}, graph(finding.trace), element("ol", None, steps))
    return element("section", None, element("h3", None, "How the value is kept"), both)


def _fix(copies: Sequence[Finding], view: View) -> Markup:
    fix = copies[0].fix
    if fix is None:
        explain = element("code", None, f"nodemend explain {copies[0].rule}")
        words = element("p", None, "No fix is known. ", explain, " says what to do.")
        return element("section", None, element("h3", None, "Fix"), words)
    typed = command(copies)
    parts: list[Markup] = [
        element("p", None, element("span", {"class": f"badge {fix.safety}"}, str(fix.safety)), " ", prose(fix.why)),
    ]
    if typed:
        copy = element("button", {"type": "button", "class": "copy", "aria-label": f"Copy the command {typed}"}, "Copy")
        parts.append(element("p", {"class": "command"}, element("code", None, typed), copy))
    diff = of_finding(copies[0], view)
    if diff is not None:
        parts.append(compared(diff.decode("utf-8", "surrogateescape")))
    return element("section", None, element("h3", None, "Fix"), parts)
