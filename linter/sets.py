"""Sets of rules by name: `recommended`, `all`, a category, or the id of one rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .datatype import replace
from .errors import ConfigError
from .finding import Severity
from .rule import SETS, Rule

DEFAULT = ("recommended",)


def selected(rules: Sequence[Rule], select: Iterable[str], ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules in any of the sets selected (none: the recommended ones) and in none of those ignored.

    A category stands for all its rules, recommended or not. A text may name several sets, with commas between.
    Raises ConfigError for a name that is none.
    """
    wanted, unwanted = words(select) or [*DEFAULT], words(ignore)
    known = names(rules)
    for word in wanted + unwanted:
        if word not in known:
            raise ConfigError(f"no rule, category or set named {word!r}", hint=nearest(word, known))
    return tuple(rule for rule in rules if _names(rule) & {*wanted} and not _names(rule) & {*unwanted})


def weighed(rules: Sequence[Rule], severity: Iterable[tuple[str, Severity]]) -> tuple[Rule, ...]:
    """The rules with the severities that a project gives them, by id or by category; the id says more.

    What a rule says of Nodes outside of its range keeps the severity of its own.
    """
    own = dict(severity)
    return tuple(replace(rule, severity=own.get(rule.id, own.get(rule.category, rule.severity))) for rule in rules)


def names(rules: Sequence[Rule]) -> list[str]:
    """Every name by which one or several of the rules can be selected."""
    return [*(rule.id for rule in rules), *sorted({rule.category for rule in rules if rule.category}), *SETS]


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint: the name that was probably meant."""
    from difflib import get_close_matches  # for mistakes only

    near = get_close_matches(word, known, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else "`nodemend rules` lists them"


def words(given: Iterable[str]) -> list[str]:
    """The names in texts that may each hold several, with commas between."""
    return [word.strip() for text in given for word in text.split(",") if word.strip()]


def _names(rule: Rule) -> set[str]:
    """Every name by which the rule can be selected."""
    return {rule.id, rule.category, "all", *(["recommended"] if rule.recommended else [])} - {""}
