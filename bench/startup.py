"""python -m bench.startup [ROUNDS]: what one short run of nodemend costs beside a start of Python with click imported.

Prints processor seconds, user and system, of whole processes: the medians of the rounds (default 15), each of which
runs every command once, one after the other, and the medians of the ratios to Python with click in the same round. A
round that is not counted comes first, so that bytecode is there, as it is after an installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

_CLEAN = "exports.add = function (a, b) {\n  return a + b;\n};\n"
_LEAKING = "exports.frame = function (size) {\n  output = new Buffer(size);\n  return output;\n};\n"
_BASE = "python -c 'import click'"


def main(arguments: Sequence[str]) -> int:
    rounds = int(arguments[0]) if arguments else 15
    with tempfile.TemporaryDirectory() as folder:
        for name, code in (("clean.js", _CLEAN), ("leaking.js", _LEAKING)):
            Path(folder, name).write_text(code, encoding="utf8")
        nodemend = [sys.executable, "-m", "linter"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            _BASE: [sys.executable, "-c", "import click"],
            "nodemend --version": [*nodemend, "--version"],
            "nodemend --help": [*nodemend, "--help"],
            "nodemend check --no-cache clean.js": [*nodemend, "check", "--no-cache", "clean.js"],
            "nodemend check --no-cache leaking.js": [*nodemend, "check", "--no-cache", "leaking.js"],
            # The round that is not counted fills it: this is what a file costs that is as it was.
            "nodemend check --cache DIR leaking.js": [*nodemend, "check", "--cache", "kept", "leaking.js"],
        }
        taken = [{name: _seconds(command, folder) for name, command in commands.items()} for _ in range(rounds + 1)]
    _table(taken[1:])
    return 0


def _seconds(command: Sequence[str], folder: str) -> float:
    """The processor seconds of a process. CalledProcessError when it says more than that there are findings."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = getrusage(RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    after = getrusage(RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        done.check_returncode()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _table(taken: Sequence[Mapping[str, float]]) -> None:
    print(f"| command | seconds | times `{_BASE}` | least | most |\n|---|---|---|---|---|")
    for name in taken[0]:
        ratios = [row[name] / row[_BASE] for row in taken]
        seconds = median(row[name] for row in taken)
        print(f"| `{name}` | {seconds:.3f} | {median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
