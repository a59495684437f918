"""What the proofs start is asked, answers, and is gone afterwards, whatever happens in between."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from proof import ProofError
from proof.nodes import current, node
from proof.process import running

ECHO = "process.stdin.on('data', (line) => process.stdout.write('noise\\n' + line)).on('end', () => process.exit())"


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet reaped by whoever inherits it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_answer_is_a_line_of_json_among_what_else_is_printed() -> None:
    with running("echo", [current(), "-e", ECHO], seconds=30) as child:
        assert child.ask(a=1) == {"a": 1}
        assert child.ask(b=[2]) == {"b": [2]}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("console.error('no such thing'); process.exit(3)", r"it ended, .*:\nno such thing$", id="it-ends"),
        pytest.param("setInterval(() => {}, 1000)", r"it ended, or took more than 2 s$", id="it-hangs"),
        pytest.param("console.log('{\"error\": \"refused\"}')", r"^it: refused$", id="it-says-what-is-wrong"),
    ],
)
def test_a_program_that_does_not_answer_is_one_clear_failure(script: str, words: str) -> None:
    with running("it", [current(), "-e", script], seconds=2) as child, pytest.raises(ProofError, match=words):
        child.ask()


def test_its_own_children_end_with_it() -> None:
    script = (
        "const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);"
        "console.log(JSON.stringify({ pid: child.pid })); setInterval(() => {}, 1000)"
    )
    with running("it", [current(), "-e", script], seconds=30) as child:
        pid = child.hear()["pid"]
        assert isinstance(pid, int)
        assert alive(pid)
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


@pytest.mark.parametrize(
    "version", [pytest.param("0.8.21", id="archive-in-an-archive"), pytest.param("0.10.48", id="plain")]
)
def test_an_old_node_runs_and_is_the_one_asked_for(version: str) -> None:
    executable = node(version)
    assert os.access(executable, os.X_OK)
    script = "console.log(JSON.stringify({ version: process.version }))"
    with running("node", [executable, "-e", script], seconds=30) as child:
        assert child.hear() == {"version": f"v{version}"}
