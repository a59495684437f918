"""The sessions in the guides of docs/, run: `python -m tests.guides` writes what they print today into the pages.

A fence ```console holds commands and what they print; one with a file name behind its language (```toml nodemend.toml)
is written to that file. Each page is one session in a project of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.npm import ROOT

PAGES = ("quick-start.md", "configuration.md", "ci.md")
FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_KEEPS = """\
function Manager(server) {
  var self = this;
  server.on('upgrade', function (req, socket, head) {
    self.handleUpgrade(req, socket, head);
  });
}

Manager.prototype.handleUpgrade = function (req, socket, head) {
  req.head = head;
  this.handleClient(req);
};
"""
_COPIES = "exports.frame = function (size) {\n  return new Buffer(size);\n};\n"
_TREE: dict[str, tuple[dict[str, object], str]] = {
    ".": (
        {"name": "app", "engines": {"node": "0.10"}, "dependencies": {"chat": "2"}, "devDependencies": {"load": "1"}},
        "",
    ),
    "node_modules/chat": ({"name": "chat", "version": "2.1.0", "dependencies": {"sockets": "1"}}, ""),
    "node_modules/sockets": ({"name": "sockets", "version": "1.4.2"}, _KEEPS),
    "node_modules/load": ({"name": "load", "version": "1.0.0"}, _COPIES),
}


def project(folder: Path) -> Path:
    """The project that the guides tell of, made in this folder."""
    for place, (manifest, code) in _TREE.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / place / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
        if code:
            (folder / place / "index.js").write_text(code)
    return folder


def today(page: str, folder: Path) -> str:
    """The page as it would be if its sessions were written today."""
    project(folder)

    def fresh(fence: re.Match[str]) -> str:
        if fence["file"]:
            target = folder / fence["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(fence["body"])
        if fence["language"] != "console":
            return fence[0]
        session = "".join(f"$ {line}\n{_printed(line, folder)}" for line in _commands(fence["body"]))
        return f"```console\n{session}```"

    return FENCE.sub(fresh, text(page))


def text(page: str) -> str:
    return (ROOT / "docs" / page).read_text("utf8")


def steady(said: str) -> str:
    """The text without what differs from run to run."""
    return re.sub(r" in \d+\.\d s\.", " in N s.", said)


def _commands(session: str) -> Iterator[str]:
    yield from (line.removeprefix("$ ") for line in session.split("\n") if line.startswith("$ "))


def _printed(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout.decode().replace(f"{folder}/", "")


def main() -> None:
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            written = today(page, Path(folder).resolve())
        (ROOT / "docs" / page).write_text(written, "utf8")


if __name__ == "__main__":
    main()
