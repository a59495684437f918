"""`nodemend fix -i` on a real terminal: what is asked, what the answers do, and that nobody else is asked."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.cli.interactive import chosen
from linter.edit import Edit, Fix, Safety
from linter.finding import Finding, Span
from tests.conftest import Run

PROMPT = re.compile(rb"\((\d+) of (\d+)\) Mend it\? \[y,n,a,q,p,\?\] $")
LEAK = """\
Manager.prototype.handleUpgrade = function (req, socket, head) {
  req.head = head;
  this.handleClient(data, req);
};
"""
MENDED = LEAK.replace("req);\n};", "req);\n  delete req.head;\n};")
OLD = "new Buffer('abc');\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("a.js", "b.js", "c.js"):
        (tmp_path / name).write_text(LEAK)
    (tmp_path / "package.json").write_text('{"name": "p", "version": "1.0.0", "engines": {"node": "0.10"}}')
    return tmp_path


class Terminal:
    """nodemend with a terminal of its own, as a human has it."""

    def __init__(self, *arguments: str, cwd: Path, environment: Mapping[str, str]) -> None:
        self.ours, theirs = pty.openpty()
        line = [sys.executable, "-m", "linter", "fix", "-i", "--select", "upgrade-head-retained", *arguments]
        self.process = subprocess.Popen(
            line, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C reaches it
            env={**environment, "PAGER": "cat", "TERM": "dumb", "NODEMEND": "", "COLUMNS": "200"},
        )  # fmt: skip
        os.close(theirs)

    def read(self) -> bytes:
        """What it says until it asks or ends."""
        said, end = b"", time.monotonic() + 300
        while not PROMPT.search(said) and time.monotonic() < end:
            if not select.select([self.ours], [], [], 1)[0]:
                continue
            try:
                more = os.read(self.ours, 4096)
            except OSError:  # Linux says so when the other side is closed
                break
            if not more:
                break
            said += more
        return said.replace(b"\r\n", b"\n")

    def answer(self, keys: str) -> bytes:
        os.write(self.ours, keys.encode() + b"\n")
        return self.read()

    def end(self) -> int:
        os.close(self.ours)
        return self.process.wait(60)


def contents(project: Path) -> list[bool]:
    """Which files are mended."""
    texts = [(project / name).read_text() for name in ("a.js", "b.js", "c.js")]
    assert {*texts} <= {LEAK, MENDED}
    return [text == MENDED for text in texts]


@pytest.mark.parametrize(
    ("answers", "mended", "code"),
    [
        pytest.param("yny", [True, False, True], 0, id="yes and no"),
        pytest.param("na", [False, True, True], 0, id="all that is left of the rule"),
        pytest.param("yq", [True, False, False], 0, id="quit keeps what was taken"),
        pytest.param("y\x03", [False, False, False], 130, id="interrupted"),
        pytest.param("y\x04", [True, False, False], 0, id="end of input"),
    ],
)
def test_answers(project: Path, environment: Mapping[str, str], answers: str, mended: list[bool], code: int) -> None:
    terminal = Terminal(cwd=project, environment=environment)
    said = terminal.read()
    for number, key in enumerate(answers, 1):
        asked = PROMPT.search(said)
        assert asked is not None
        assert asked.groups() == (b"%d" % number, b"3")
        assert contents(project) == [False] * 3
        said = terminal.answer(key)
    assert terminal.end() == code
    assert contents(project) == mended


def test_what_is_shown(project: Path, environment: Mapping[str, str]) -> None:
    terminal = Terminal("a.js", cwd=project, environment=environment)
    said = terminal.read().decode()
    assert "a.js:2:3: error upgrade-head-retained: " in said
    assert "  fix: safe\n--- a/a.js\n+++ b/a.js\n@@ -1,4 +1,5 @@\n" in said
    assert "+  delete req.head;\n };\n" in said
    assert "\n# upgrade-head-retained\n" in terminal.answer("p").decode()
    for key in ("?", "x", ""):
        assert "y  yes, mend it\n" in terminal.answer(key).decode()
    assert (
        "nodemend: mended a.js (upgrade-head-retained)\nnodemend: 1 file mended, 1 found"
        in terminal.answer("y").decode()
    )
    assert terminal.end() == 0


def test_a_file_that_changes_while_somebody_thinks(project: Path, environment: Mapping[str, str]) -> None:
    terminal = Terminal(cwd=project, environment=environment)
    terminal.read()
    (project / "b.js").write_text("theirs();\n")
    said = terminal.answer("a").decode()
    assert "nodemend: error: b.js has changed since it was read; nothing was changed" in said
    assert terminal.end() == 2
    assert [(project / name).read_text() for name in ("a.js", "b.js", "c.js")] == [LEAK, "theirs();\n", LEAK]


def test_without_a_terminal_nobody_is_asked(project: Path, nodemend: Run, environment: Mapping[str, str]) -> None:
    done = nodemend("fix", "-i", cwd=project, stdin=b"y\n")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(b"nodemend: error: -i asks, so stdin and stdout must be a terminal (use --write ")
    terminal, theirs = pty.openpty()
    line = [sys.executable, "-m", "linter", "fix", "-i"]
    piped = subprocess.run(line, cwd=project, stdin=theirs, capture_output=True, env=environment)
    assert (piped.returncode, piped.stdout) == (2, b"")
    os.close(terminal)
    os.close(theirs)
    assert contents(project) == [False] * 3


# -- which findings are asked about, without a terminal ----------------------------------------


def found(rule: str, at: int, safety: Safety = Safety.SAFE, path: str = "a.js") -> Finding:
    fix = Fix((Edit(at, at + 2, b"x"),), safety)
    return Finding(
        rule, "error", "retention", "m", "p", "1.0.0", path, path, Span(at, at + 2, 1, 1, 1, 3), "code", fix=fix
    )


def test_all_of_a_rule_is_all_that_is_as_safe() -> None:
    findings = [
        found("one", 0), found("two", 10), found("one", 20, Safety.SUGGESTED), found("one", 30),
        found("one", 40, Safety.SUGGESTED), found("two", 50),
    ]  # fmt: skip
    asked: list[int] = []

    def ask(finding: Finding, number: int) -> str:
        asked.append(number)
        return "aaany"[len(asked) - 1] if finding.rule == "one" else "n"

    assert [f.span.start for f in chosen(findings, ask)] == [0, 20, 30, 40]
    assert asked == [1, 2, 3, 6]


def test_a_fix_that_touches_one_that_was_taken_must_wait() -> None:
    findings = [found("one", 0), found("two", 1), found("two", 1, path="b.js"), found("three", 2)]
    assert [(f.path, f.rule) for f in chosen(findings, lambda *_: "y")] == [("a.js", "one"), ("b.js", "two")]
    assert [f.rule for f in chosen(findings, lambda f, _: "n" if f.rule == "one" else "y")] == ["two", "two"]
