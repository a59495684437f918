"""`why`: the first item of a rule that failed at a line, and the path that was tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.errors import InputError
from linter.explain import why
from linter.scan import Settings
from tests.pages import rule

RELEASE = """ function $F(...) {
   ...
   $O.head = $H
   ... when != delete $O.head
+  delete $O.head;
 }"""
AFTER = " a()\n ... when != c()\n*b()"
RULE = "a-rule.md"  # the rule of a page begins on its line 9


def answer(folder: Path, fence: str, code: str, line: int, *, front: str = "", settings: Settings | None = None) -> str:
    it = rule(folder, *fence.split("\n---\n"), front=front)
    path = folder / "file.js"
    path.write_text(code, encoding="utf8")
    return why(it, str(path), line, settings or Settings()).replace(f"{folder}/", "")


ANSWERS: dict[str, tuple[str, str, int, list[str]]] = {
    "there is nothing to make of what was matched": (
        "@@ $R: separator, $L: linear_form $R @@\n-x.split($R)\n+x.split($L)",
        "x.split(/ *?,/);\n",
        1,
        [
            "a-rule says nothing about file.js:1.",
            f"{RULE}:9",
            "  It matches at line 1, but there is no `$L` there: "
            "the same expression, one that begins a run only at its first character.",
        ],
    ),
    "it does report the line": (
        RELEASE,
        "function f(o, h) {\n  o.head = h;\n}\n",
        2,
        ["a-rule does report file.js:2: found"],
    ),
    "what `when !=` forbids is on every path": (
        RELEASE,
        "function f(o, h) {\n  o.head = h;\n  delete o.head;\n}\n",
        2,
        [
            "a-rule says nothing about file.js:2.",
            f"{RULE}:9",
            "  line 11 `$O.head = $H`: met at line 2.",
            "  line 12 `... when != delete $O.head`: every path to a way out passes `delete o.head` (line 3).",
            "  path tried: 2 > 3",
        ],
    ),
    "no way out": (
        RELEASE,
        "function f(o, h) {\n  o.head = h;\n  throw h;\n}\n",
        2,
        [
            "a-rule says nothing about file.js:2.",
            f"{RULE}:9",
            "  line 11 `$O.head = $H`: met at line 2.",
            "  line 12 `... when != delete $O.head`: no path leads on from here.",
            "  path tried: 2 > 3",
        ],
    ),
    "nothing there looks like it": (
        RELEASE,
        "function f(o, h) {\n  head = h;\n}\n",
        2,
        [
            "a-rule says nothing about file.js:2.",
            f"{RULE}:9",
            "  line 11 `$O.head = $H`: nothing on this line has this shape.",
            "  path tried: 2",
        ],
    ),
    "a word is missing": (
        RELEASE,
        "function f(o, h) {\n  o.body = h;\n}\n",
        2,
        [
            "a-rule says nothing about file.js:2.",
            f"{RULE}:9",
            "  It needs the word `head`, which is nowhere in the file.",
        ],
    ),
    "no function": (
        RELEASE,
        "o.head = 1\n",
        1,
        [
            "a-rule says nothing about file.js:1.",
            f"{RULE}:9",
            "  No function around this line is of the kind the rule asks for.",
        ],
    ),
    "the second line is not met": (
        AFTER,
        "a();\nc();\nb();\n",
        3,
        [
            "a-rule says nothing about file.js:3.",
            f"{RULE}:9",
            "  line 9 `a()`: met at line 1.",
            "  line 11 `*b()`: not met after that. `c()` (line 2) ends the paths before it.",
            "  path tried: 1 > 2",
        ],
    ),
    "another place is reported": (
        AFTER,
        "a();\nb();\n",
        1,
        [
            "a-rule says nothing about file.js:1.",
            f"{RULE}:9",
            "  It comes true in this function, but reports another place, or an earlier fence speaks for it.",
        ],
    ),
    "another kind": (
        "@@ $X: number @@\n*f($X)",
        "f('x')\n",
        1,
        [
            "a-rule says nothing about file.js:1.",
            f"{RULE}:9",
            "  line 10 `*f($X)`: has the shape, but `'x'` is not of the kind `$X: number`.",
        ],
    ),
    "another line": (
        "*f($X)",
        "f(1)\ng(2)\n",
        2,
        [
            "a-rule says nothing about file.js:2.",
            f"{RULE}:9",
            "  line 9 `*f($X)`: nothing on this line has this shape.",
        ],
    ),
    "an alternative exempts it": (
        "(\n f(1)\n|\n*f($X)\n)",
        "f(1)\n",
        1,
        [
            "a-rule says nothing about file.js:1.",
            f"{RULE}:9",
            "  line 10 `f(1)`: matches here, but an earlier fence or `unless` speaks for this place.",
            f"{RULE}:9",
            "  line 12 `*f($X)`: matches here, but an earlier fence or `unless` speaks for this place.",
        ],
    ),
    "a fence for another Node": (
        "fix-node=>=4\n*f($X)",
        "f(1)\n",
        1,
        ["a-rule says nothing about file.js:1.", f"{RULE}:9", "  This fence is for Node >=4; the target is not known."],
    ),
    "each fence in turn": (
        "*f($X)\n---\n*gone($X)",
        "g(1)\n",
        1,
        [
            "a-rule says nothing about file.js:1.",
            f"{RULE}:9",
            "  line 9 `*f($X)`: nothing on this line has this shape.",
            f"{RULE}:13",
            "  It needs the word `gone`, which is nowhere in the file.",
        ],
    ),
}


@pytest.mark.parametrize(("fence", "code", "line", "lines"), ANSWERS.values(), ids=ANSWERS)
def test_why(fence: str, code: str, line: int, lines: list[str], tmp_path: Path) -> None:
    assert answer(tmp_path, fence, code, line).split("\n") == lines


def test_gate_of_node(tmp_path: Path) -> None:
    told = answer(tmp_path, "*f($X)", "f(1)\n", 1, front="node: '<1'\n", settings=Settings(node="4"))
    assert told.split("\n")[1:] == ["  It is about Node <1, the target is 4 (--node all shows it)."]


def test_gate_of_node_that_is_switched_off(tmp_path: Path) -> None:
    told = answer(tmp_path, "*f($X)", "f(1)\n", 1, front="node: '<1'\n", settings=Settings(node="all"))
    assert told == "a-rule does report file.js:1: found"


def test_gate_of_package(tmp_path: Path) -> None:
    told = answer(tmp_path, "*f($X)", "f(1)\n", 1, front="package: foo@1\n")
    assert told.split("\n")[1:] == ["  It is about the package foo@1, this is no package."]


def test_unless(tmp_path: Path) -> None:
    told = answer(tmp_path, "*f($X)", "f(1); settled()\n", 1, front="unless: settled()\n")
    assert "an earlier fence or `unless` speaks for this place" in told


def test_other_files_of_the_package_are_seen(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "p", "version": "1.0.0"}', encoding="utf8")
    told = answer(tmp_path, "*f($X)", "f(1)\n", 1, front="package: p@1\n")
    assert told == "a-rule does report file.js:1: found"


@pytest.mark.parametrize("line", [0, -1, 3, 10_000])
def test_line_that_does_not_exist(line: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"has no line {line}.*its last line is 2"):
        answer(tmp_path, "*f($X)", "f(1)\ng()\n", line)


def test_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        why(rule(tmp_path, "*f($X)"), str(tmp_path / "none.js"), 1, Settings())
