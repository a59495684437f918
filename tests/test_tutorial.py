"""The tutorial is what happens: each transcript is run, and each change of the page made, in the order of the text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from linter.patch import applied, read
from tests.npm import ROOT, unpacked

TUTORIAL = (ROOT / "docs" / "write-a-rule.md").read_text(encoding="utf8")
STEPS = re.findall(r"^(`{3,4})(console|diff)\n(.*?)^\1$", TUTORIAL, re.MULTILINE | re.DOTALL)


def commands(transcript: str) -> Iterator[tuple[str, str]]:
    """Each command with the output below it."""
    for part in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the preparation in the text makes: both releases, side by side."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name, version in (("old", "4.19.2"), ("new", "4.19.4")):
        (folder / name).symlink_to(unpacked("ioredis", version))
    return folder


def test_the_tutorial(folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    ran = changed = 0
    for _, kind, text in STEPS:
        if kind == "diff":
            (patch,) = read(text.encode())
            page = folder / patch.name
            page.write_bytes(applied(patch, page.read_bytes()))
            changed += 1
            continue
        for command, output in commands(text):
            done = subprocess.run(
                command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            assert done.stdout.decode() == output, command
            ran += 1
    assert (ran, changed) == (7, 1)
