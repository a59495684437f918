"""Fixes are tried out before they are offered: the result parses, and the rule is silent there."""

from __future__ import annotations

from collections.abc import Sequence

from .about import About
from .datatype import replace
from .edit import Fix, apply, compatible
from .engine import Identity, Target, check_file
from .finding import Finding
from .rule import Rule
from .source import Source


def proved(
    findings: Sequence[Finding], rules: Sequence[Rule], about: About, target: Target, who: Identity
) -> tuple[list[Finding], list[Finding]]:
    """The same findings, and those whose fix was taken away: it broke the syntax or did not silence its rule."""
    chosen, _ = compatible(finding.fix for finding in findings if finding.fix is not None)
    if not chosen or _holds(chosen, findings, rules, about, target, who):
        return list(findings), []
    bad = [f for f in findings if f.fix is not None and not _holds([f.fix], findings, rules, about, target, who)]
    return [replace(f, fix=None) if f in bad else f for f in findings], bad


def _holds(
    fixes: Sequence[Fix], before: Sequence[Finding], rules: Sequence[Rule], about: About, target: Target, who: Identity
) -> bool:
    """Whether the fixed file has no new syntax error and as many findings less as there are fixes, or fewer."""
    source = about.source
    edits = sorted({e for f in fixes for e in f.edits})
    after = source.edited(apply(source.data, edits), edits)
    if len(after.errors) > len(source.errors):
        return False
    fixed = {f.rule for f in before if f.fix in fixes}
    again, _ = check_file([r for r in rules if r.id in fixed], _like(about, after), target, who)
    left = {f.fingerprint for f in before if f.rule in fixed and f.fix not in fixes}
    return len(again) <= len(left) or {f.fingerprint for f in again} <= left


def _like(about: About, source: Source) -> About:
    fresh = About.of(source)
    return About(source, fresh.values, about.package)
