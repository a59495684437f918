"""What a terminal may be sent: nothing that it obeys, colour only where wanted, progress only when it is slow."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import TextIO

import pytest

from linter.terminal import Paint, ProgressLine, cut, quoted, visible, wants_colour, width, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("lib/a.js", "lib/a.js", id="plain text stays"),
        pytest.param("\x1b[31mred", "\\x1b[31mred", id="an escape sequence is C0"),
        pytest.param("a\nb\rc\td\0", "a\\nb\\rc\\td\\x00", id="line ends, tab and NUL"),
        pytest.param("\x7f", "\\x7f", id="DEL"),
        pytest.param("\x9b31m", "\\u009b31m", id="C1 has a one-character escape introducer"),
        pytest.param("a\u202eb\u2066c", "a\\u202eb\\u2066c", id="bidi overrides and isolates"),
        pytest.param("a\u200bb\ufeff", "a\\u200bb\\ufeff", id="zero-width characters"),
        pytest.param("a\u2028b", "a\\u2028b", id="line separator"),
        pytest.param("a\U000e0041", "a\\U000e0041", id="tag characters"),
        pytest.param("a\udcff.js", "a\\xff.js", id="a byte that was not UTF-8"),
        pytest.param("a\ud800", "a\\ud800", id="half a surrogate pair"),
        pytest.param("größe 漢字 😀", "größe 漢字 😀", id="letters of the world stay"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    visible(text).encode()  # can be written anywhere


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param("abc", 3, id="ASCII"),
        pytest.param("漢字", 4, id="wide"),
        pytest.param("e\u0301", 1, id="a combining accent takes no room"),
        pytest.param("ü", 1, id="narrow letter"),
    ],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        pytest.param("abcd", 4, "abcd", id="fits"),
        pytest.param("abcde", 4, "abc…", id="too long"),
        pytest.param("漢字漢", 4, "漢…", id="half a wide character does not fit"),
    ],
)
def test_cut(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown
    assert width(shown) <= columns


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("lib/a.js", id="plain"),
        pytest.param("a b/it's.js", id="blank and quote"),
        pytest.param("$(id)`id`;&.js", id="shell characters"),
        pytest.param("line\nfeed\x1b[0m\\'.js", id="control characters, backslash and quote"),
        pytest.param("größe.js", id="letters"),
        pytest.param("a\u202eb.js", id="bidi override"),
    ],
)
def test_quoted_means_the_path_to_a_shell(path: str) -> None:
    command = ["bash", "-c", f"printf %s {quoted(path)}"]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.stdout.decode() == path
    assert visible(quoted(path)) == quoted(path)


def test_quoted_path_is_never_an_option() -> None:
    assert quoted("-rf.js") == "./-rf.js"
    assert quoted("-") == "-"


@pytest.mark.parametrize(
    ("tty", "environ", "wanted"),
    [
        pytest.param(True, {}, True, id="a terminal"),
        pytest.param(False, {}, False, id="a pipe"),
        pytest.param(True, {"NO_COLOR": "1"}, False, id="NO_COLOR forbids"),
        pytest.param(True, {"NO_COLOR": ""}, True, id="an empty NO_COLOR says nothing"),
        pytest.param(False, {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR demands"),
        pytest.param(False, {"FORCE_COLOR": "0"}, False, id="FORCE_COLOR=0 demands nothing"),
        pytest.param(False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR is stronger"),
        pytest.param(True, {"TERM": "dumb"}, False, id="a dumb terminal"),
    ],
)
def test_wants_colour(tty: bool, environ: dict[str, str], wanted: bool) -> None:
    assert wants_colour(tty, environ) is wanted


def test_paint() -> None:
    assert Paint(True)("error", "bad") == "\x1b[1;31mbad\x1b[0m"
    assert Paint(False)("error", "bad") == "bad"


class Clock:
    """A clock that is set by hand, so that no test asserts a real time."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pty() -> Iterator[tuple[int, TextIO]]:
    """A real terminal: the end to read from, and the stream that a program writes to."""
    master, slave = os.openpty()
    with open(slave, "w", encoding="utf8") as stream:
        yield master, stream
    os.close(master)


def test_progress_waits_a_second_and_clears(pty: tuple[int, TextIO]) -> None:
    master, stream = pty
    clock = Clock()
    line = ProgressLine(stream, columns=12, clock=clock)
    line.show("too early")
    clock.now = 1.5
    line.show("scanning\x1b[2J")
    clock.now = 1.51
    line.show("too soon again")
    line.clear()
    line.clear()
    assert os.read(master, 1000).decode() == "\r\x1b[Kscanning\\x…\r\x1b[K"


def test_progress_says_nothing_to_a_pipe() -> None:
    read, write = os.pipe()
    clock = Clock()
    with open(write, "w", encoding="utf8") as stream:
        line = ProgressLine(stream, clock=clock)
        clock.now = 5.0
        line.show("scanning")
        line.clear()
    with open(read, "rb") as end:
        assert end.read() == b""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("one two three", ["one two", "  three"], id="at a blank"),
        pytest.param("one two", ["one two"], id="as wide as allowed"),
        pytest.param("  one two", ["  one", "  two"], id="its own indentation"),
        pytest.param("a/path/that/is/long x", ["a/path/that/is/long", "  x"], id="a long word stays whole"),
        pytest.param("\x1b[1;31mone\x1b[0m two 3", ["\x1b[1;31mone\x1b[0m two", "  3"], id="colours take no room"),
        pytest.param("一二 三四", ["一二", "  三四"], id="wide characters"),
        pytest.param("", [""], id="nothing"),
    ],
)
def test_wrapped(text: str, lines: list[str]) -> None:
    assert wrapped(text, 7, "  ") == lines
