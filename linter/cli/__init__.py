"""The command line: click commands, and the one place where what goes wrong becomes an exit code."""

from __future__ import annotations

import gc
import sys
from collections.abc import MutableMapping
from importlib import import_module
from typing import cast

import click

from .. import __version__
from ..on_demand import OnDemand
from .outcome import outcome, with_streams

# The module of each command, which is imported when the command is asked for.
_MODULES = {
    "check": "check", "fix": "fix", "apply": "apply",
    "patch": "upkeep", "verify": "upkeep", "update": "upkeep", "revert": "upkeep",
    "baseline": "baseline", "explain": "pages", "rules": "pages", "why": "pages", "config": "settings",
    "completion": "completion", "cache": "cache", "test": "authoring", "new": "authoring",
}  # fmt: skip
_EXAMPLES = """\b
Examples:
  nodemend check                      this project and its node_modules
  nodemend check --node 0.10 lib.tgz  a tarball, as if for Node 0.10
  nodemend fix | git apply            apply what is safe
  nodemend fix --write vendor/        the same, in place
  nodemend apply fix.patch            apply a patch file, all of it or nothing
  nodemend patch                      keep fixes where the manager keeps them
  nodemend explain new-buffer         why it matters, and what the fix does
  nodemend COMMAND --help             options and examples of a command

\b
Settings are read from the nearest of these at or above what is scanned:
  nodemend.toml, [tool.nodemend] in pyproject.toml, "nodemend" in package.json

\b
Environment:
  NO_COLOR     no colour, whatever the terminal can do
  FORCE_COLOR  colour, even where there is no terminal
  NODEMEND_CACHE  the folder for results of scans; off: none are kept

\b
Exit codes:
  0    nothing found, or done
  1    findings at or above --fail-on; failed examples; fix --exit-code:
       something was mended
  2    usage, configuration or input: one line on stderr
  3    a bug in nodemend
  130  interrupted
"""


def _command(name: str) -> click.Command:
    command: click.Command = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    return command


@click.group(
    commands=cast("MutableMapping[str, click.Command]", OnDemand(_MODULES, _command)),  # click only reads it
    invoke_without_command=True,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def nodemend(context: click.Context) -> None:
    """Finds risky patterns in the JavaScript you depend on, and answers with the diff that mends them."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(2)


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    with_streams()
    code = outcome(lambda: nodemend.main(prog_name="nodemend", standalone_mode=False))
    gc.freeze()  # the process ends: nothing is gained by looking once more for what could be let go
    sys.exit(code)
