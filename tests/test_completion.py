"""The completion scripts, in each shell that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.rule import load_rules
from tests.conftest import Run

# Each asks its shell as a user would who types the words and presses Tab.
ASK = {
    "bash": (
        'eval "$(nodemend completion bash)"; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); '
        '_nodemend_completion nodemend; printf "%s\\n" "${{COMPREPLY[@]}}"'
    ),
    "fish": "nodemend completion fish | source; complete --do-complete '{line}'",
    # What zsh shows cannot be had without a terminal: the script is read, and asked as zsh's own code asks it.
    "zsh": (
        'autoload -U compinit; compinit -D -u; eval "$(nodemend completion zsh)"; '
        "(( $+functions[_nodemend_completion] )) && "
        "env COMP_WORDS='{line}' COMP_CWORD={number} _NODEMEND_COMPLETE=zsh_complete nodemend"
    ),
}


@pytest.mark.parametrize("shell", ASK)
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        pytest.param(["nodemend", "comp"], ["completion"], id="command"),
        pytest.param(["nodemend", "check", "--fail-on", "n"], ["note", "never"], id="choice"),
        pytest.param(["nodemend", "explain", "upgrade-head-r"], ["upgrade-head-retained"], id="rule"),
        pytest.param(["nodemend", "check", "--select", "recomm"], ["recommended"], id="set"),
        pytest.param(["nodemend", "baseline", "p"], ["prune"], id="command of a command"),
    ],
)
def test_completes(
    environment: Mapping[str, str], tmp_path: Path, shell: str, words: list[str], offered: list[str]
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    script = ASK[shell].format(words=" ".join(words), line=" ".join(words), number=len(words) - 1)
    start = {"bash": ["--noprofile", "--norc"], "fish": ["--no-config"], "zsh": ["-f"]}[shell]
    there = {**environment, "HOME": str(tmp_path), "TERM": os.environ.get("TERM", "dumb")}
    done = subprocess.run(
        [shell, *start, "-c", script], cwd=tmp_path, env=there, capture_output=True, text=True, timeout=120
    )
    assert done.stderr == ""
    said = [line.split("\t")[0] for line in done.stdout.split("\n")]
    assert sorted({*said} & {*offered}) == sorted(offered)
    assert not any(rule.id in said for rule in load_rules() if rule.id not in offered)


def test_no_other_shell(nodemend: Run) -> None:
    done = nodemend("completion", "tcsh")
    assert done.returncode == 2
    assert b"'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr
