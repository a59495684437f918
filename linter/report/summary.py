"""The end of a text report: what was skipped and why, what a gate removed, and one line that counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..finding import REASONS, SEVERITIES, Finding, Gated, Omitted, Report, Skipped, Stats, Suppressed
from ..safety import Safety
from ..terminal import Paint, visible
from .view import View

_BY: Mapping[str, str] = {"configuration": "suppressed by the configuration", "baseline": "in the baseline"}
_OMITS: Mapping[str, str] = {
    "packages": "`packages` of the configuration",
    "paths": "`paths` of the configuration",
    "production": "--production, as only development needs them",
}
_NAMED = 3  # so many paths of each reason are named; --verbose names them all


def summary(report: Report, view: View, paint: Paint) -> list[str]:
    """The lines that close a text report."""
    return [
        *_skipped(report.skipped, view, paint),
        *[_gated(gated) for gated in _by_range(report.gated)],
        *[f"  {visible(g.rule)}: {visible(g.outside)}" for g in report.gated if g.outside and g.count],
        *_suppressed(report.suppressed, view, paint),
        *[_omitted(omitted) for omitted in report.omitted],
        f"{_found(report, paint)} {_scanned(report.stats, len(report.skipped))}",
    ]


def _skipped(skipped: Sequence[Skipped], view: View, paint: Paint) -> list[str]:
    if not skipped:
        return []
    lines: list[str] = []
    for reason in sorted({s.reason for s in skipped}, key=_order):
        these = sorted((s for s in skipped if s.reason == reason), key=lambda s: (s.path, s.detail))
        lines.append(f"skipped {len(these)}: {REASONS.get(reason, visible(reason))}")
        named = these if view.verbose else these[:_NAMED]
        lines += [paint("dim", f"  {visible(s.path)}{f': {visible(s.detail)}' if s.detail else ''}") for s in named]
        if len(named) < len(these):
            lines.append(paint("dim", f"  ... and {len(these) - len(named)} more; --verbose names them all"))
    return [*lines, ""]


def _order(reason: str) -> tuple[int, str]:
    known = list(REASONS)
    return (known.index(reason) if reason in known else len(known), reason)


def _by_range(gated: Iterable[Gated]) -> list[Gated]:
    """One entry for each Node range, whatever the rule, in the order of the ranges' text."""
    counts: Counter[str] = Counter()
    for one in gated:
        counts[one.node] += one.count
    return [Gated("", node, count) for node, count in sorted(counts.items()) if count]


def _gated(gated: Gated) -> str:
    verb = "applies" if gated.count == 1 else "apply"
    return f"{gated.count} more {verb} only to Node {visible(gated.node)}; --node all shows them"


def _suppressed(suppressed: Sequence[Suppressed], view: View, paint: Paint) -> Iterator[str]:
    for by, words in _BY.items():
        these = [s for s in suppressed if s.by == by]
        if these:
            more = "" if view.verbose else "; --verbose names them"
            yield f"{_count(len(these), 'more finding')} {words}{more}"
        for s in these if view.verbose else ():
            until = f" (until {visible(s.until)})" if s.until else ""
            why = f": {visible(s.reason)}{until}" if s.reason else ""
            yield paint("dim", f"  {visible(s.finding.path)}:{s.finding.span.line}: {visible(s.finding.rule)}{why}")


def _omitted(omitted: Omitted) -> str:
    noun = "file" if omitted.by == "paths" else "package"
    return f"{_count(omitted.count, noun)} left out by {_OMITS[omitted.by]}"


def _found(report: Report, paint: Paint) -> str:
    findings = report.findings
    if not findings:
        return paint("good", "Nothing found that counts." if report.suppressed else "Nothing found.")
    severities = Counter(f.severity for f in findings)
    each = ", ".join(paint(s, _count(severities[s], s)) for s in SEVERITIES if severities[s])
    return f"{_count(len(findings), 'finding')} ({each}), {_fixable(findings)}."


def _fixable(findings: Sequence[Finding]) -> str:
    safety = Counter(f.fix.safety for f in findings if f.fix)
    safe, suggested = safety[Safety.SAFE], safety[Safety.SUGGESTED]
    if not safe + suggested:
        return "none fixable"
    return f"{safe + suggested} fixable ({safe} safe, {suggested} suggested)"


def _scanned(stats: Stats, skipped: int) -> str:
    copies = f", {stats.duplicates} the same as another" if stats.duplicates else ""
    passed = f"; {skipped} skipped or partly so" if skipped else ""
    where = f"{_count(stats.files, 'file')} of {_count(stats.packages, 'package')}"
    return f"Scanned {where} ({stats.parsed} parsed{copies}) in {stats.seconds:.1f} s{passed}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
