"""The examples in docs/reports.md, run: `python -m tests.report_docs` writes what they print today into the page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.npm import ROOT

PAGE = ROOT / "docs" / "reports.md"
EXAMPLE = re.compile(
    r"^(?P<fence>`{3,})console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)
# What differs from run to run, or from release to release.
_UNSTEADY = re.compile(
    r"(?<= in )\d+\.\d(?= s)|(?<=\"seconds\":)[\d.]+|(?<=\"nodemend\",\"version\":\")[^\"]+"
    r"|(?<=<testsuites name=\"nodemend\" time=\")[\d.]+"
    r"|(?<= in )\d+\\?\.\d(?= s)"
)
_CODE = """\
var server = require('http').createServer();
var open = [];

server.on('upgrade', function (req, socket, head) {
  req.head = head;
  open.push(req);
});
"""


def project(folder: Path) -> None:
    """The project that the page tells of."""
    package = folder / "node_modules" / "kept"
    package.mkdir(parents=True)
    about = {"name": "kept", "version": "1.0.0"}
    (package / "package.json").write_text(json.dumps(about))
    (package / "index.js").write_text(_CODE)
    (folder / ".gitignore").write_text("node_modules\n")
    (folder / "package.json").write_text('{"name": "app", "dependencies": {"kept": "^1.0.0"}}\n')
    lock = {"name": "app", "lockfileVersion": 3, "packages": {"": {}, "node_modules/kept": {"version": "1.0.0"}}}
    (folder / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n")
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)


def printed(command: str, folder: Path) -> str:
    """What the command prints in that folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def examples() -> list[tuple[str, str]]:
    """The commands on the page, each with what it is said to print."""
    return [(found["command"], found["output"]) for found in EXAMPLE.finditer(PAGE.read_text(encoding="utf8"))]


def steady(text: str) -> str:
    return _UNSTEADY.sub("N", text)


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project(Path(folder))
        text = PAGE.read_text(encoding="utf8")
        PAGE.write_text(EXAMPLE.sub(lambda example: _filled(example, Path(folder)), text), encoding="utf8")


def _filled(example: re.Match[str], folder: Path) -> str:
    fence, command = example["fence"], example["command"]
    return f"{fence}console\n$ {command}\n{printed(command, folder)}{fence}"


if __name__ == "__main__":
    _write()
