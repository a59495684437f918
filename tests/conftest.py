"""What many tests share: the command line as a user runs it, and the real packages that it is tried on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests import npm

# The commands that tests start keep their bytecode, also where this is set: thousands of starts would compile it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

Done = subprocess.CompletedProcess[bytes]


class Run(Protocol):
    """Runs a command to its end and returns it, whatever its exit code. Its output stays bytes."""

    def __call__(self, *arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"") -> Done: ...


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a command: that of the tests, less what could make a run depend on who runs it."""
    personal = ("GIT_", "PRE_COMMIT", "NODEMEND", "NODE_OPTIONS", "FORCE_COLOR", "NO_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(personal)}
    scripts = Path(sys.executable).parent
    return kept | {
        "PATH": f"{scripts}{os.pathsep}{kept.get('PATH', '')}",
        "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("caches")),  # what one test keeps is there for the others
        # A temporary folder may lie in somebody's git work tree; what is tried outside of one must not see it.
        "GIT_CEILING_DIRECTORIES": str(tmp_path_factory.getbasetemp()),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "test", "GIT_AUTHOR_EMAIL": "test@example.invalid",
        "GIT_COMMITTER_NAME": "test", "GIT_COMMITTER_EMAIL": "test@example.invalid",
    }  # fmt: skip


@pytest.fixture(scope="session")
def run(environment: Mapping[str, str]) -> Run:
    """Runs a program."""

    def run(*arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"") -> Done:
        line = [str(argument) for argument in arguments]
        return subprocess.run(line, cwd=cwd, input=stdin, capture_output=True, env=environment, timeout=600)

    return run


@pytest.fixture(scope="session")
def nodemend(run: Run) -> Run:
    """Runs nodemend in a process of its own."""

    def nodemend(*arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"") -> Done:
        return run(sys.executable, "-m", "linter", *arguments, cwd=cwd, stdin=stdin)

    return nodemend


@pytest.fixture(scope="session")
def socket_io_tree() -> Path:
    """Socket.IO 0.9.13 installed with its dependencies. Shared: only for reading."""
    return npm.tree("socket.io-0.9.13")


@pytest.fixture
def socket_io_copy(socket_io_tree: Path, tmp_path: Path) -> Path:
    """A copy of that tree, to change."""
    return Path(shutil.copytree(socket_io_tree, tmp_path / "project", symlinks=True))
