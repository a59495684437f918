"""Pages drafted from upstream fixes: they load, their own diff tests them, and what cannot be drafted says why."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linter import examples
from linter.draft import draft
from linter.draft.generalise import Names
from linter.draft.upstream import upstream
from linter.errors import InputError, PatchError
from linter.parsing import parse
from linter.patch import unified
from linter.rule import Rule
from tests import npm
from tests.conftest import Run
from tests.evidence.pairs import Pair, pairs


def patch(before: str, after: str, name: str = "lib/a.js") -> bytes:
    return unified(name, before.encode(), after.encode())


def rule_of(page: str, folder: Path) -> Rule:
    path = folder / "a-draft.md"
    path.write_text(page, "utf8")
    return Rule.load(path)


def body(page: str) -> str:
    return page.split("```diff rule\n")[1].split("\n```")[0]


CHANGES = {
    "an argument: the call around it": (
        "f();\nvar parts = line.split(/ *, */);\n",
        "f();\nvar parts = line.split(',');\n",
        "-$LINE.split(/ *, */)\n+$LINE.split(',')",
    ),
    "a statement behind what it is about, at the way out": (
        "function on(req, head) {\n  req.head = head;\n  go(req);\n}\n",
        "function on(req, head) {\n  req.head = head;\n  go(req);\n  delete req.head;\n}\n",
        " function $FN(...) {\n   ...\n   $REQ.head = $HEAD;\n   ... when != delete $REQ.head\n+  delete"
        " $REQ.head;\n }",
    ),
    "a guard above what it guards": (
        "function f(data) {\n  first();\n  return write(new Buffer(data));\n}\n",
        "function f(data) {\n  first();\n  if (typeof data === 'number') data = String(data);\n"
        "  return write(new Buffer(data));\n}\n",
        " function $FN(...) {\n   ... when != typeof $DATA === 'number'\n"
        "+  if (typeof $DATA === 'number') $DATA = String($DATA);\n   return write(new Buffer($DATA));\n   ...\n }",
    ),
    "a module of Node is known as one": (
        "f();\nvar out = zlib.inflateSync(data);\n",
        "f();\nvar out = zlib.inflateSync(data, { maxOutputLength: 9 });\n",
        "@@ $ZLIB: module zlib @@\n-$ZLIB.inflateSync($DATA)\n+$ZLIB.inflateSync($DATA, { maxOutputLength: 9 })",
    ),
    "a statement that goes": (
        "function f(c) {\n  a();\n  c.list.push(c);\n  b();\n}\n",
        "function f(c) {\n  a();\n  b();\n}\n",
        "-$C.list.push($C);",
    ),
}


@pytest.mark.parametrize(("before", "after", "wanted"), CHANGES.values(), ids=CHANGES)
def test_a_change_becomes_a_rule_that_its_own_diff_tests(before: str, after: str, wanted: str, tmp_path: Path) -> None:
    made = draft(patch(before, after), "a-draft")
    assert made.why == ""
    assert body(made.page) == wanted
    rule = rule_of(made.page, tmp_path)
    assert [outcome.detail for outcome in examples.run(rule) if not outcome.passed] == []
    assert {example.heading for example in rule.examples} == {"Reported", "Not reported"}


IMPOSSIBLE = {
    "no JavaScript": (patch("a\nb\n", "a\nc\n", "README.md"), "the patch changes no JavaScript file"),
    "comments only": (patch("f(); // a\n", "f(); // b\n"), "changes nothing but comments and blanks"),
    "half a statement": (
        b"--- a/a.js\n+++ b/a.js\n@@ -5,3 +5,3 @@\n   one,\n-  two,\n+  three,\n   four,\n",
        "shows no whole statement",
    ),
    "far too much": (
        patch("".join(f"a{n}();\n" for n in range(90)), "".join(f"b{n}();\n" for n in range(90))),
        "is too long",
    ),
}


@pytest.mark.parametrize(("data", "why"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_generalised_says_why_in_one_line(data: bytes, why: str) -> None:
    with pytest.raises(InputError) as caught:
        draft(data, "a-draft")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_patch_at_all() -> None:
    with pytest.raises(PatchError):
        draft(b"hello\n", "a-draft")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        pytest.param(b"--- old/lib/a.js\t2012-12-13\n+++ new/lib/a.js\t2013-03-29\n", "lib/a.js", id="diff -u"),
        pytest.param(b"--- a.js.orig\n+++ a.js\n", "a.js", id="two names"),
        pytest.param(
            b"From 1 Mon Sep 17\nSubject: x\n\n---\n a.js | 2 +-\n\ndiff --git a/o.js b/a.js\nsimilarity index 90%\n"
            b"rename from o.js\nrename to a.js\nindex 1..2 100644\n--- a/o.js\n+++ b/a.js\n",
            "a.js",
            id="format-patch with a rename",
        ),
    ],
)
def test_a_patch_as_it_comes(header: bytes, name: str) -> None:
    hunk = b"@@ -1,2 +1,2 @@\n f();\n-a();\n+b();\n"
    (file,) = upstream(header + hunk + (b"-- \n2.39.2\n" if header.startswith(b"From") else b""))
    assert (file.name, len(file.hunks)) == (name, 1)


def test_tests_of_the_upstream_project_come_last() -> None:
    both = patch("a();\n", "b();\n", "test/a.js") + patch("a();\n", "b();\n", "lib/a.js")
    assert [file.name for file in upstream(both)] == ["lib/a.js", "test/a.js"]


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        pytest.param("myValue.x = other", "$MY_VALUE.x = $OTHER", id="camel case"),
        pytest.param("_a.x = $a.y", "$A.x = $A1.y", id="two names that would be one"),
        pytest.param("new Thing(process, a)", "new Thing(process, $A)", id="classes and globals stay"),
        pytest.param("a.on('x', function (e) { go(e); })", "$A.on('x', function ($E) { ... })", id="a body"),
        pytest.param("f({ a })", "f({ a: $A })", id="shorthand"),
    ],
)
def test_names(code: str, pattern: str) -> None:
    assert Names().pattern(parse(code.encode()).root_node.named_children) == pattern


def _diff(pair: Pair) -> bytes:
    """What upstream did to the pair's file, as `git diff -U8` has it."""
    bad, good = (npm.unpacked(*spec) / pair.file for spec in pair.specs)
    line = ["git", "diff", "--no-index", "-U8", str(bad), str(good)]
    return subprocess.run(line, capture_output=True).stdout


def test_the_founding_rule_can_be_drafted_from_its_upstream_fix() -> None:
    pair = next(pair for pair in pairs()[0] if pair.package == "socket.io" and pair.bad == "0.9.13")
    made = draft(_diff(pair), "a-draft")
    assert made.why == ""
    assert "+  $REQ.head = null;" in body(made.page)


@pytest.mark.slow
def test_every_pair_gives_a_page_that_loads_or_a_reason(tmp_path: Path) -> None:
    passed = 0
    for pair in pairs()[0]:
        try:
            made = draft(_diff(pair), "a-draft")
        except InputError:
            continue
        outcomes = examples.run(rule_of(made.page, tmp_path))
        assert bool(made.why) is any(not o.passed or o.heading == "Known limits" for o in outcomes), str(pair)
        passed += not made.why
    assert passed >= 50


def test_new_from_diff(nodemend: Run, tmp_path: Path) -> None:
    before, after, wanted = CHANGES["an argument: the call around it"]
    (tmp_path / "fix.patch").write_bytes(patch(before, after))
    made = nodemend("new", "slow-split", "--dir", "pages", "--from-diff", "fix.patch", cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, b"")
    assert b"wrote pages/slow-split.md; its example is the change of lib/a.js; now `nodemend test pages`" in made.stderr
    assert wanted in (tmp_path / "pages" / "slow-split.md").read_text("utf8")
    assert nodemend("test", "pages", cwd=tmp_path).returncode == 0
    again = nodemend("new", "slow-split", "--dir", "pages", "--from-diff", "fix.patch", cwd=tmp_path)
    assert (again.returncode, b"is already there" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        pytest.param("none.patch", None, b"none.patch: no such file", id="no such file"),
        pytest.param("a.patch", b"hello\n", b"error", id="no patch"),
        pytest.param("a.patch", IMPOSSIBLE["half a statement"][0], b"shows no whole statement", id="half a statement"),
    ],
)
def test_new_from_a_bad_diff_writes_nothing(
    nodemend: Run, tmp_path: Path, name: str, data: bytes | None, message: bytes
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    done = nodemend("new", "slow-split", "--dir", "pages", "--from-diff", name, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "pages").exists()


def test_watch_runs_again_after_a_change_and_ends_with_130(nodemend: Run, tmp_path: Path) -> None:
    assert nodemend("new", "my-rule", "--dir", "pages", cwd=tmp_path).returncode == 0
    page = tmp_path / "pages" / "my-rule.md"
    log = tmp_path / "log"
    with log.open("wb") as out:
        line = [sys.executable, "-m", "linter", "test", "pages", "--watch"]
        child = subprocess.Popen(line, cwd=tmp_path, stdout=out, stderr=subprocess.STDOUT)
    try:
        _await(log, b"2 of 2 examples pass", 1)
        page.write_text(page.read_text("utf8").replace("newName(2)", "oldName(2)"), "utf8")
        _await(log, b"1 of 2 examples pass", 1)
        mended = page.read_text("utf8").replace("oldName(2)", "newName(2)")
        page.write_text(mended.replace("message:", "mesage:"), "utf8")
        _await(log, b"did you mean `message`?", 1)
        page.write_text(mended, "utf8")
        _await(log, b"2 of 2 examples pass", 2)
    finally:
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 130


def _await(log: Path, words: bytes, times: int) -> None:
    deadline = time.monotonic() + 60
    while log.read_bytes().count(words) < times:
        assert time.monotonic() < deadline, log.read_text("utf8")
        time.sleep(0.05)
