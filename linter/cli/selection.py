"""Which rules there are for a command: the shipped ones, and the user's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def named(rules: Sequence[Rule], name: str) -> Rule:
    """The rule of this id. Raises ConfigError with the nearest one."""
    found = next((rule for rule in rules if rule.id == name), None)
    if found is None:
        from ..sets import nearest

        raise ConfigError(f"no rule named {name!r}", hint=nearest(name, [rule.id for rule in rules]))
    return found


def rules_like(_context: object, _parameter: object, begun: str) -> list[str]:
    """The ids of shipped rules, and the sets, that a shell may complete to: names of files, so that no page is read."""
    from ..rule import CATEGORIES, SETS, shipped

    ids = sorted(page.stem for page in shipped().glob("*.md") if page.name != "README.md")
    return [name for name in (*ids, *SETS, *CATEGORIES) if name.startswith(begun)]


def rule_like(context: object, parameter: object, begun: str) -> list[str]:
    """The same without the sets."""
    from ..rule import CATEGORIES, SETS

    return [name for name in rules_like(context, parameter, begun) if name not in (*SETS, *CATEGORIES)]


def check_names(config: Config, known: Sequence[Rule]) -> None:
    """Raises ConfigError for a rule, category or set that a configuration file names and that is not there."""
    from ..rule import SETS
    from ..sets import names, nearest, words

    rules = names(known)
    listed = [("select", config.select, rules), ("ignore", config.ignore, rules)]
    severities = [name for name, _ in config.severity]
    one = [name for name in rules if name not in SETS]
    places = [(config.place.below(key), word, ok) for key, given, ok in listed for word in words(given)]
    places += [(config.place.below("severity", name), name, one) for name in severities]
    places += [(config.place.below("suppress", at, "rule"), s.rule, one) for at, s in enumerate(config.suppress)]
    for place, word, ok in places:
        if word not in ok:
            raise place.error(f"no rule or category named {word!r}", hint=nearest(word, ok))
