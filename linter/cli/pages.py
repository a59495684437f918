"""Reading about rules: the table, one page, and why a rule says nothing about a line."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..config import Release, load
from ..errors import ConfigError
from ..terminal import visible
from .job import checked
from .options import node_option, release_option, rules_option
from .outcome import emit
from .selection import loaded, named, rule_like

if TYPE_CHECKING:
    from ..report.json import Json
    from ..rule import Rule

_COLUMNS = 80
_MOST_DIGITS = 20
TAB = "\t"


@click.command(short_help="Show a rule's page.", epilog="Example: nodemend explain upgrade-head-retained")
@click.argument("rule", shell_complete=rule_like)
@rules_option
def explain(rule: str, rules: tuple[Path, ...]) -> None:
    """Show the page of RULE: what is wrong, what the fix does, and the examples that test it."""
    text = printable(named(loaded(rules, load()), rule).page)
    if sys.stdout.isatty():
        click.echo_via_pager(text)
    else:
        emit(text.encode(errors="backslashreplace"))


def printable(page: str) -> str:
    """A rule's page as a terminal may have it."""
    return "".join(f"{visible(line.replace(TAB, '    '))}\n" for line in page.rstrip("\r\n").split("\n"))


@click.command(short_help="List the rules.", epilog="Example: nodemend rules --format json")
@rules_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How.")
def rules(rules: tuple[Path, ...], form: str) -> None:
    """List every rule: its severity, category, how safe its fix can be, and whether it is recommended."""
    known = sorted(loaded(rules, load()), key=lambda rule: rule.id)
    if form == "text":
        emit("".join(f"{line}\n" for line in table(known)).encode(errors="backslashreplace"))
        return
    from ..report.json import dump

    emit(dump([_entry(rule) for rule in known]))


def table(known: Sequence[Rule]) -> list[str]:
    """The rules in lines of at most 80 columns: one of facts for each, its Node range and its message below."""
    widest = max([len(rule.id) for rule in known] + [4])
    lines = [f"{'RULE':{widest}}  SEVERITY  CATEGORY   FIX        SET"]
    for rule in known:
        ours = "recommended" if rule.recommended else "all"
        lines.append(visible(f"{rule.id:{widest}}  {rule.severity:8}  {rule.category:9}  {rule.safety:9}  {ours}"))
        message = visible(f"{rule.message}  [Node {rule.node}]" if rule.node != "*" else rule.message)
        lines += textwrap.wrap(message, _COLUMNS, initial_indent="    ", subsequent_indent="    ")
    return lines


def _entry(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "message": rule.message,
        "severity": rule.severity,
        "category": rule.category,
        "recommended": rule.recommended,
        "node": rule.node,
        "safety": rule.safety,
    }


@click.command(short_help="Say why a rule is silent about a line.")
@click.argument("rule", shell_complete=rule_like)
@click.argument("place", metavar="FILE:LINE")
@rules_option
@node_option
@release_option
def why(rule: str, place: str, rules: tuple[Path, ...], node: str | None, release: Release | None) -> None:
    """Say which item of RULE failed at FILE:LINE, and on which path.

    Example: nodemend why upgrade-head-retained lib/manager.js:617
    """
    path, line = where(place)
    config = load((path,))
    found = named(loaded(rules, config), rule)
    from ..explain import why as explanation
    from ..scan import Settings

    settings = Settings(checked(config.node if node is None else node), release or config.release, suggestions=False)
    text = explanation(found, path, line, settings).rstrip("\n")
    emit("".join(f"{visible(part)}\n" for part in text.split("\n")).encode(errors="backslashreplace"))


def where(place: str) -> tuple[str, int]:
    """FILE and LINE of `FILE:LINE`; a column behind them, as reports have it, is passed over."""
    path, _, last = place.rpartition(":")
    before, _, number = path.rpartition(":")
    if before and _number(number) and _number(last) and not Path(path).exists():
        path, last = before, number
    if not path or not _number(last):
        shown = place if len(place) <= _COLUMNS else f"{place[:_COLUMNS]}…"
        raise ConfigError(f"{shown!r} is not FILE:LINE", hint="for example lib/manager.js:617")
    return path, _number(last)


def _number(digits: str) -> int:
    """The line that these digits say, 0 when they say none that a file can have."""
    return int(digits) if digits.isdecimal() and len(digits) < _MOST_DIGITS else 0
