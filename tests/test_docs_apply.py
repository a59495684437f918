"""What docs/apply.md shows is what happens: its transcripts are run, one after the other, in a small project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.patch import unified
from linter.replace import Change, write_all
from tests.faults import killed
from tests.npm import ROOT

PAGE = (ROOT / "docs" / "apply.md").read_text("utf8")
TRANSCRIPTS = re.findall(r"^```console(?P<state>[^\n]*)\n(?P<text>.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {
    "node_modules/ticker/index.js": (b"exports.start = start;\n", b"exports.start = start;\nexports.stop = stop;\n"),
    "node_modules/ticker/lib/late.js": (
        b"setInterval(tick, 1000);\n", b"setInterval(tick, 1000).unref();\n// not kept alive\n"
    ),
}  # fmt: skip


def laid_out(project: Path, *, cut_off: bool) -> None:
    shutil.rmtree(project, ignore_errors=True)
    for name, (before, _) in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(before)
    (project / "fix.patch").write_bytes(b"".join(unified(name, *sides) for name, sides in FILES.items()))
    if cut_off:
        assert killed(lambda: _half(project), at=0)


def _half(project: Path) -> None:
    """Writes the first file, and dies before the second."""
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(target).name == "late.js":
            os.kill(os.getpid(), 9)
        real(source, target)

    os.replace = replace  # type: ignore[assignment]
    write_all([Change(project / name, *sides) for name, sides in FILES.items()], root=project)


@pytest.mark.parametrize("number", range(len(TRANSCRIPTS)))
def test_transcripts_are_what_is_printed(tmp_path: Path, environment: Mapping[str, str], number: int) -> None:
    state, text = TRANSCRIPTS[number]
    project = tmp_path.resolve() / "project"
    laid_out(project, cut_off=state == " cut off")
    shown = ""
    for command in re.findall(r"^\$ (.*)$", text, re.MULTILINE):
        done = subprocess.run(
            command, shell=True, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        shown += f"$ {command}\n{done.stdout.decode()}"
    assert shown.replace(str(project), "PROJECT") == text


def test_there_are_transcripts() -> None:
    assert [state for state, _ in TRANSCRIPTS] == ["", "", " cut off", " cut off", " cut off", ""]
