"""Which rules are on: the shipped ones and the user's, less what --select and --ignore say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import Config
from ..errors import ConfigError, RuleError

if TYPE_CHECKING:
    from ..rule import Rule


def loaded(
    folders: Sequence[Path], config: Config, broken: Callable[[RuleError], None] | None = None
) -> tuple[Rule, ...]:
    """All rules there are; folders of the command line come after those of the configuration.

    Pages with mistakes go to `broken`; without one the first is raised.
    """
    from ..rule import load_rules

    wanted = dict.fromkeys([*config.rules, *folders])
    for folder in wanted:
        if not folder.is_dir():
            raise ConfigError(f"no folder of rules at {folder}", hint="--rules takes a folder of Markdown pages")
    return load_rules(tuple(wanted), broken)


def selected(rules: Sequence[Rule], select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that are on: of the ids and categories selected (none: all), without those ignored."""
    wanted, unwanted = _words(select), _words(ignore)
    known = [rule.id for rule in rules] + sorted({rule.category for rule in rules})
    for word in wanted + unwanted:
        if word not in known:
            raise ConfigError(f"no rule or category named {word!r}", hint=_nearest(word, known))
    return tuple(
        rule
        for rule in rules
        if (not wanted or {rule.id, rule.category} & set(wanted)) and not {rule.id, rule.category} & set(unwanted)
    )


def named(rules: Sequence[Rule], name: str) -> Rule:
    """The rule of this id. Raises ConfigError with the nearest one."""
    found = next((rule for rule in rules if rule.id == name), None)
    if found is None:
        raise ConfigError(f"no rule named {name!r}", hint=_nearest(name, [rule.id for rule in rules]))
    return found


def _words(given: Iterable[str]) -> list[str]:
    return [word.strip() for text in given for word in text.split(",") if word.strip()]


def _nearest(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else "`nodemend rules` lists them"
