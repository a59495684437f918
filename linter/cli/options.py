"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypedDict, TypeVar

import click

from ..config import Release
from .selection import rules_like

P = ParamSpec("P")
R = TypeVar("R")

FOLDER = click.Path(file_okay=False, path_type=Path)


class Asked(TypedDict):
    """What the command line says of a scan; empty where it says nothing."""

    paths: tuple[str, ...]
    node: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    rules: tuple[Path, ...]
    release: Release | None
    stdin_name: str
    production: bool
    jobs: int | None
    stats: bool
    quiet: bool
    verbose: bool


def rules_option(command: Callable[P, R]) -> Callable[P, R]:
    words = "Also use the rule pages in DIR (repeatable)."
    return click.option("--rules", type=FOLDER, metavar="DIR", multiple=True, help=words)(command)


def node_option(command: Callable[P, R]) -> Callable[P, R]:
    words = "The Node versions to judge for; `all` keeps every finding.  [default: what engines.node says]"
    return click.option("--node", metavar="RANGE|all", help=words)(command)


def release_option(command: Callable[P, R]) -> Callable[P, R]:
    words = "How a fix lets go of a property.  [default: delete]"
    return click.option("--release", type=click.Choice(["delete", "null"]), help=words)(command)


def scan_options(command: Callable[P, R]) -> Callable[P, R]:
    """The argument and options of Asked, in the order in which --help shows them."""
    select = "Only these: ids, categories, recommended, all (repeatable, or a,b).  [default: recommended]"
    ignore = "Leave these out (repeatable, or a,b)."
    jobs = "How many processes scan.  [default: as many as processors, 1 for little]"
    name = "What to call the code read from stdin (for PATH `-`).  [default: stdin.js]"
    for add in (
        click.option("-v", "--verbose", is_flag=True, help="Name every skipped file."),
        click.option("-q", "--quiet", is_flag=True, help="Say no more than is needed."),
        click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help=jobs),
        click.option("--stats", is_flag=True, help="Say on stderr where the time went."),
        click.option("--production", is_flag=True, help="Leave out packages that only development needs."),
        click.option("--stdin-name", metavar="NAME", default="stdin.js", help=name),
        release_option,
        rules_option,
        click.option("--ignore", metavar="RULE|SET", multiple=True, help=ignore, shell_complete=rules_like),
        click.option("--select", metavar="RULE|SET", multiple=True, help=select, shell_complete=rules_like),
        node_option,
        click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path()),
    ):
        command = add(command)
    return command
