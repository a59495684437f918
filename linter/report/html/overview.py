"""The overview by package and by rule, the filter above the findings, and what was not analysed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ...finding import REASONS, SEVERITIES, Finding, Report, Suppressed
from ..view import View
from .markup import Markup, element, prose, scrolling

_MOST = 500  # rows of skipped files
_NAMELESS = "(no package)"

Groups = Sequence[Sequence[Finding]]


def overview(groups: Groups, view: View) -> Markup | None:
    """Two tables with a button in each row that shows only its findings."""
    if not groups:
        return None

    def titled(rule: str) -> Markup | None:
        page = view.rule(rule)
        return element("span", {"class": "title"}, prose(page.title)) if page and page.title != rule else None

    tables = [
        _table("By package", "package", groups, lambda f: f.package or _NAMELESS, lambda _: None),
        _table("By rule", "rule", groups, lambda f: f.rule, titled),
    ]
    return element("section", {"class": "overview", "aria-label": "Overview"}, tables)


def _table(
    title: str, key: str, groups: Groups, of: Callable[[Finding], str], more: Callable[[str], Markup | None]
) -> Markup:
    counts: dict[str, Counter[str]] = {}
    for group in groups:
        counts.setdefault(of(group[0]), Counter())[group[0].severity] += 1
    rows = sorted(counts.items(), key=lambda item: (*(-item[1][s] for s in SEVERITIES), item[0]))
    head = element("tr", None, [element("th", {"scope": "col"}, name) for name in (key, *SEVERITIES)])
    body = [
        element(
            "tr", None,
            element(
                "th", {"scope": "row"},
                element("button", {"type": "button", "class": "only", "data-key": key, "data-value": name}, name),
                more(name),
            ),
            [element("td", None, str(count[severity] or "")) for severity in SEVERITIES],
        )
        for name, count in rows
    ]  # fmt: skip
    table = element("table", None, element("thead", None, head), element("tbody", None, body))
    return element("div", None, element("h2", None, title), scrolling(title, table))


def controls(groups: Groups) -> Markup | None:
    """The filter. It does nothing without scripts, so it is shown by the script."""
    if not groups:
        return None
    firsts = [group[0] for group in groups]
    severities = [severity for severity in SEVERITIES if any(f.severity == severity for f in firsts)]
    fields = [
        element(
            "label", None, "Search ", element("input", {"type": "search", "id": "search", "autocomplete": "off"}),
        ),
        _choice("severity", severities),
        _choice("rule", sorted({f.rule for f in firsts})),
        _choice("package", sorted({f.package or _NAMELESS for f in firsts})),
        element("button", {"type": "button", "id": "reset"}, "Show all"),
        element("button", {"type": "button", "id": "unfold"}, "Unfold"),
        element("p", {"id": "shown", "role": "status"}),
    ]  # fmt: skip
    return element("section", {"class": "filter", "aria-label": "Filter", "hidden": True}, fields)


def _choice(name: str, values: Iterable[str]) -> Markup:
    options = [element("option", {"value": ""}, "any"), *(element("option", {"value": v}, v) for v in values)]
    return element("label", None, f"{name.capitalize()} ", element("select", {"id": name, "data-key": name}, options))


def skipped(report: Report) -> Markup | None:
    """What was passed over, and what applies only to other Nodes."""
    gated = [
        element("li", None, f"{g.count} of ", element("code", None, g.rule), " only on Node ",
                element("code", None, g.node), f": {g.outside}" if g.outside else "")
        for g in report.gated
    ]  # fmt: skip
    rows = [
        element("tr", None, element("td", None, element("code", None, s.path)),
                element("td", None, REASONS.get(s.reason, s.reason)), element("td", None, s.detail))
        for s in report.skipped[:_MOST]
    ]  # fmt: skip
    answered = [_answered(one) for one in report.suppressed[:_MOST]]
    if not gated and not rows and not answered:
        return None
    more = len(report.skipped) - _MOST
    parts = [element("ul", None, items) for items in (answered, gated) if items]
    if rows:
        parts.append(scrolling("Files", element("table", None, element("tbody", None, rows))))
    if more > 0:
        parts.append(element("p", None, f"and {more} more"))
    known = f"{len(report.suppressed)} suppressed or in the baseline, " if answered else ""
    words = f"Not reported: {known}{len(report.skipped)} skipped or partly so, {len(gated)} gated"
    title = element("summary", None, words)
    return element("details", {"class": "skipped"}, title, parts)


def _answered(one: Suppressed) -> Markup:
    place = element("code", None, f"{one.finding.path}:{one.finding.span.line}")
    why = f": {one.reason}" if one.reason else ""
    until = f" (until {one.until})" if one.until else ""
    return element("li", None, element("code", None, one.finding.rule), " at ", place, f", {one.by}{why}{until}")
