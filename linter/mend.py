"""One file from its first bytes to its last: fixes are applied and the result is read again until none is left."""

from __future__ import annotations

from collections.abc import Sequence

from .about import About
from .datatype import dataclass, field, replace
from .edit import Fix, Safety, apply, compatible
from .engine import Identity, Target, check_file
from .finding import Finding, Gated
from .meter import phase
from .proof import proved
from .rule import Rule

_PASSES = 20


@dataclass(frozen=True, slots=True)
class Examined:
    """What is found in one file as it is."""

    findings: list[Finding]
    gated: list[Gated] = field(default_factory=list)
    unproved: list[Finding] = field(default_factory=list)  # findings whose fix did not hold when it was tried out


@dataclass(frozen=True, slots=True)
class Mended:
    """What a file becomes. `waiting`: fixes that never got their turn, because others kept touching them."""

    after: bytes
    rules: tuple[str, ...] = ()
    waiting: tuple[Finding, ...] = ()


def examine(rules: Sequence[Rule], about: About, target: Target, who: Identity) -> Examined:
    """The findings of a file, with fixes that were tried out: each parses and silences its rule.

    A rule with `unless` asks for one thing anywhere in a package, so only its first finding in a file is given.
    Raises BudgetExceededError.
    """
    findings, gated = check_file(rules, about, target, who)
    once = {rule.id for rule in rules if rule.unless}
    seen: set[str] = set()
    kept = [f for f in findings if f.rule not in once or not (f.rule in seen or seen.add(f.rule))]  # type: ignore[func-returns-value]
    with phase("prove"):
        good, bad = proved(kept, rules, about, target, who)
    return Examined(good, gated, bad)


def mended(rules: Sequence[Rule], about: About, target: Target, who: Identity, level: Safety) -> Mended:
    """The file with every fix up to that level of safety applied. Raises BudgetExceededError."""
    applied: set[str] = set()
    current = about
    for _ in range(_PASSES):
        due = [f for f in examine(rules, current, target, who).findings if f.fix is not None and f.fix.safety <= level]
        chosen, waiting = compatible(f.fix for f in due if f.fix is not None)
        if not chosen:
            return Mended(current.source.data, tuple(sorted(applied)), _of(waiting, due))
        applied.update(f.rule for f in due if f.fix in chosen)
        edits = sorted({edit for fix in chosen for edit in fix.edits})
        fresh = About.of(current.source.edited(apply(current.source.data, edits), edits))
        current = replace(fresh, package=about.package)
    return Mended(current.source.data, tuple(sorted(applied)), tuple(due))


def _of(fixes: Sequence[Fix], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.fix in fixes)
