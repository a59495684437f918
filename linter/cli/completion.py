"""`nodemend completion`: the script with which a shell completes commands, options and rules."""

from __future__ import annotations

from typing import Literal

import click
from click.shell_completion import get_completion_class

from .outcome import emit

Shell = Literal["bash", "zsh", "fish"]
_PROGRAM = "nodemend"
_EXAMPLES = """\b
Examples:
  source <(nodemend completion bash)  for this shell only
  nodemend completion fish > ~/.config/fish/completions/nodemend.fish
  nodemend completion zsh > ~/.zfunc/_nodemend

\b
To have it always: for bash put the first line into ~/.bashrc; for zsh put
fpath+=~/.zfunc before compinit in ~/.zshrc.
"""


@click.command(short_help="Print a completion script.", epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: Shell) -> None:
    """Print the script with which SHELL completes nodemend's commands, options, choices and rule ids.

    bash has to be 4.4 or later.
    """
    made = get_completion_class(shell)
    assert made is not None, "click has a class for each choice"
    # The variable is the one that click's main looks at.
    script = made(context.find_root().command, {}, _PROGRAM, "_NODEMEND_COMPLETE").source()
    emit(f"{script.rstrip()}\n".encode())
