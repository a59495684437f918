"""What a hostile or broken world hands to the command line: one clear line or a skipped entry, and the rest goes on."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from linter.finding import REASONS, Skipped
from linter.packages import contents, discover
from tests.conftest import Done

TIMEOUT = 60
HANDLER = "server.on('upgrade', function (req, socket, head) { req.head = head; go(req); })"
LEAK = f"{HANDLER};\n"
ALLOC = "var x = new Buffer(10);\n"
HEAD, BUFFER = "upgrade-head-retained", "new-buffer"
NESTS = 100_000
# What no report may write raw: every control character but the line feed (also those above 0x7f, in UTF-8).
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xaf]")


class Run(Protocol):
    """Runs nodemend to its end within a minute, and checks what always holds."""

    def __call__(self, *args: str | Path, stdin: bytes = b"") -> Done: ...


@pytest.fixture
def run(tmp_path: Path, environment: Mapping[str, str]) -> Run:
    def run(*args: str | Path, stdin: bytes = b"") -> Done:
        line = [sys.executable, "-m", "linter", *map(str, args)]
        done = subprocess.run(
            line, cwd=tmp_path, input=stdin, capture_output=True, env=dict(environment), timeout=TIMEOUT, check=False
        )
        assert done.returncode in (0, 1, 2), done.stderr.decode(errors="replace")[-2000:]
        assert b"Traceback" not in done.stderr
        assert not CONTROL.search(done.stderr)
        return done

    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one good leaking file, whose finding must survive whatever is put beside it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "good.js").write_text(LEAK)
    return folder


class Said:
    """A JSON report: what was found, and what was passed over."""

    def __init__(self, done: Done) -> None:
        report = json.loads(done.stdout)
        self.code = done.returncode
        self.found = [(row["path"], row["rule"]) for row in report["findings"]]
        self.skipped = {(row["path"], row["reason"]) for row in report["skipped"]}
        self.details = {row["path"]: row["detail"] for row in report["skipped"]}
        assert {reason for _, reason in self.skipped} <= set(REASONS) - {"crash"}


def said(run: Run, *paths: str | Path, stdin: bytes = b"") -> Said:
    return Said(run("check", "--node", "all", "--format", "json", *paths, stdin=stdin))


def one_error(done: Done, *words: str) -> None:
    """Exit code 2 and one line that says what, where and what to do."""
    assert done.returncode == 2
    text = done.stderr.decode()
    assert text.startswith("nodemend: error: ")
    assert text.count("\n") == 1
    assert text.rstrip().endswith(")"), "no hint"
    for word in words:
        assert word in text


GOOD = ("project/good.js", HEAD)


# -- paths ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("nowhere", "nowhere: no such file or folder", id="not there"),
        pytest.param("", "'': no such file or folder", id="empty"),
        pytest.param("project/good.js/x", "no such file or folder", id="below a file"),
        pytest.param("x" * 5000, "file name too long", id="too long"),
        pytest.param("a\x1b[2J\nb", "\\x1b[2J\\nb", id="escape sequences"),
        pytest.param("loop", "loop", id="a link to itself"),
        pytest.param("dangling", "no such file or folder", id="a link to nowhere"),
    ],
)
def test_a_path_that_cannot_be_scanned(run: Run, project: Path, command: str, path: str, words: str) -> None:
    (project.parent / "loop").symlink_to("loop")
    (project.parent / "dangling").symlink_to("gone")
    alone = run(command, path)
    assert alone.stdout == b""
    one_error(alone, words)
    among_others = run(command, "--node", "all", path, "project", "neither")
    assert among_others.returncode == 2
    assert b"project/good.js" in among_others.stdout
    assert among_others.stderr.count(b"nodemend: error: ") == 2


def test_a_bad_path_does_not_make_the_others_count_twice(run: Run, project: Path) -> None:
    del project
    paths = ["project", "project/good.js", "./project/good.js", "project"]
    alone, beside = run("fix", "--node", "all", *paths), run("fix", "--node", "all", "nowhere", *paths, "neither")
    assert beside.stdout == alone.stdout
    assert alone.stdout.count(b"\n@@ ") == 1
    assert (alone.returncode, beside.returncode) == (0, 2)


@pytest.fixture
def unreadable(tmp_path: Path) -> str:
    """A regular file that opens but cannot be read, for root too; else one without permission."""
    if os.geteuid() == 0:
        if not Path("/proc/self/mem").exists():
            pytest.skip("root reads every file here")
        return "/proc/self/mem"
    path = tmp_path / "locked.js"
    path.write_text(LEAK)
    path.chmod(0)
    return str(path)


@pytest.mark.usefixtures("project")
def test_an_unreadable_file(run: Run, unreadable: str) -> None:
    done = run("check", "--node", "all", "--format", "json", unreadable, "project")
    assert GOOD[0] in done.stdout.decode()
    assert b'"unreadable"' in done.stdout or b"cannot be read" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root enters every folder")
def test_a_folder_that_cannot_be_entered(run: Run, project: Path) -> None:
    (project / "locked").mkdir(mode=0)
    report = said(run, "project")
    assert report.found == [GOOD]
    assert report.skipped == {("project/locked", "unreadable")}


def test_a_current_folder_that_is_gone(tmp_path: Path, environment: Mapping[str, str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f"rmdir {gone}; exec {sys.executable} -m linter check ."
    done = subprocess.run(
        ["sh", "-c", line], cwd=gone, capture_output=True, env=dict(environment), timeout=TIMEOUT, check=False
    )
    one_error(done)


# -- what is no JavaScript file -----------------------------------------------------------------


def fifo(path: Path) -> None:
    os.mkfifo(path)


def link_loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("gone.js")


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def executable(path: Path) -> None:
    path.write_bytes(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + LEAK.encode())


def huge(path: Path) -> None:
    """20 MB on one line, with a leak at each end."""
    path.write_bytes(HANDLER.encode() + b";" + b"a=[1,2];" * 2_500_000 + LEAK.encode())


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(fifo, "special", id="FIFO"),
        pytest.param(link_loop, "loop", id="a link to itself"),
        pytest.param(dangling, "loop", id="a link to nowhere"),
        pytest.param(zeros, "special", id="a device"),
        pytest.param(executable, "binary", id="binary"),
        pytest.param(huge, "too-large", id="20 MB on one line"),
    ],
)
def test_a_file_that_is_passed_over(run: Run, project: Path, make: Callable[[Path], None], reason: str) -> None:
    make(project / "bad.js")
    report = said(run, "project")
    assert report.found == [GOOD]
    assert report.skipped == {("project/bad.js", reason)}
    assert report.code == 1
    text = run("check", "--node", "all", "project")
    assert b"project/bad.js" in text.stdout
    assert REASONS[reason].encode() in text.stdout


@pytest.mark.parametrize("make", [fifo, zeros], ids=["FIFO", "device"])
@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_special_file_as_a_path(run: Run, project: Path, command: str, make: Callable[[Path], None]) -> None:
    make(project / "bad.js")
    done = run(command, "--node", "all", "project/bad.js", "project/good.js")
    assert b"project/good.js" in done.stdout


@pytest.mark.parametrize("name", ["package.json", "nodemend.toml", "pyproject.toml", "node_modules"])
def test_a_fifo_where_something_else_is_expected(run: Run, tmp_path: Path, project: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    os.mkfifo(project / name)
    assert GOOD in said(run, "project").found


def test_folders_that_lead_round_in_circles(run: Run, project: Path) -> None:
    package = project / "node_modules" / "a"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "a", "version": "1.0.0"}')
    (package / "index.js").write_text(LEAK)
    (package / "node_modules").mkdir()
    (package / "node_modules" / "a").symlink_to("../..")
    (package / "node_modules" / "b").symlink_to("../../../..")
    (project / "self").symlink_to(".")
    report = said(run, "project")
    assert sorted(report.found) == [GOOD, ("project/node_modules/a/index.js", HEAD)]


def test_a_folder_that_is_called_like_a_file(run: Run, project: Path) -> None:
    (project / "dir.js").mkdir()
    (project / "dir.js" / "in.js").write_text(LEAK)
    assert sorted(said(run, "project").found) == [("project/dir.js/in.js", HEAD), GOOD]


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"#!/usr/bin/env node", b"\xff\xfe", b"\0"])
def test_next_to_nothing(run: Run, project: Path, data: bytes) -> None:
    (project / "bad.js").write_bytes(data)
    assert said(run, "project").found == [GOOD]
    assert run("check", "-", stdin=data).returncode == 0


def test_a_file_that_vanishes_once_it_is_listed(project: Path) -> None:
    (project / "bad.js").write_text(LEAK)
    skipped: list[Skipped] = []
    (package,) = discover([str(project)], skipped.append)
    (project / "bad.js").unlink()
    assert [file.file for file, _ in contents(package, skipped.append)] == ["good.js"]
    assert [(s.path, s.reason) for s in skipped] == [(f"{project}/bad.js", "vanished")]


def test_files_that_come_and_go_during_the_scan(project: Path, environment: Mapping[str, str]) -> None:
    for number in range(400):
        folder = project / f"d{number:03}"
        folder.mkdir()
        (folder / "a.js").write_text(LEAK)
        (folder / "package.json").write_text(json.dumps({"name": f"a{number}"}))
    command = [sys.executable, "-m", "linter", "check", "--node", "all", "--format", "json", "project"]
    process = subprocess.Popen(
        command, cwd=project.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environment)
    )
    for number in range(399, -1, -1):
        (project / f"d{number:03}" / "a.js").unlink()
        (project / f"d{number:03}" / "package.json").unlink()
        (project / f"d{number:03}").rmdir()
        time.sleep(0.001)
    out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, err) == (1, b"")
    report = json.loads(out)
    assert GOOD[0] in [row["path"] for row in report["findings"]]
    assert {row["reason"] for row in report["skipped"]} <= {"vanished"}


# -- names --------------------------------------------------------------------------------------

EVIL = ["new\nline.js", "\x1b[2J\x1b]0;owned\x07.js", "c1\x9b31m.js", "bidi\u202egpj.js", "tab\t.js", "sep\u2028.js"]


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_no_name_speaks_to_the_terminal(run: Run, project: Path, form: str) -> None:
    for name in EVIL:
        (project / name).write_text(LEAK)
        (project / f"skipped{name}").write_bytes(b"\0" + LEAK.encode())
    (project / "package.json").write_text(json.dumps({"name": "a\x1b[2J\u202e", "version": "1\n2", "engines": {}}))
    done = run("check", "--node", "all", "--verbose", "--format", form, "project")
    assert done.returncode == 1
    assert not CONTROL.search(done.stdout)
    if form == "json":
        assert sorted(path for path, _ in Said(done).found) == sorted(f"project/{name}" for name in ["good.js", *EVIL])


def test_no_code_speaks_to_the_terminal(run: Run, project: Path) -> None:
    code = (
        "server.on('upgrade', function (req, s, head) { '\x1b]0;owned\x07\x9b'; req['\x1b[2J'] = head; go(req); });\n"
    )
    (project / "good.js").write_text(code)
    done = run("check", "--node", "all", "project")
    assert HEAD.encode() in done.stdout
    assert not CONTROL.search(done.stdout)


@pytest.mark.parametrize("name", EVIL)
def test_a_file_with_such_a_name_is_mended(run: Run, tmp_path: Path, project: Path, name: str) -> None:
    (project / "good.js").rename(project / name)
    diff = run("fix", "--node", "all", "project").stdout
    assert b"+" in diff
    assert not re.search(rb"[\x00-\x08\x0b-\x1f]", diff), "git quotes such names"
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "project").mkdir()
    (copy / "project" / name).write_text(LEAK)
    ceiling = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    subprocess.run(["git", "apply", "-"], cwd=copy, input=diff, check=True, env=ceiling)
    run("fix", "--write", "--node", "all", "project")
    assert (copy / "project" / name).read_bytes() == (project / name).read_bytes() != LEAK.encode()


def test_a_name_that_is_not_utf8(run: Run, project: Path) -> None:
    name = os.fsdecode(b"latin\xe9.js")
    (project / name).write_text(LEAK)
    report = said(run, "project")
    assert len(report.found) == 2
    done = run("fix", "--node", "all", "project")
    one = [line for line in done.stderr.split(b"\n") if b"error" in line]
    assert len(one) == 1
    assert b"latin\\xe9.js" in one[0]
    assert b"project/good.js" in done.stdout
    assert run("fix", "--write", "--node", "all", "project").returncode == 0
    assert said(run, "project").found == []


# -- contents -----------------------------------------------------------------------------------

# What opens and closes a nest of code that stays JavaScript around an expression.
SHAPES = {
    "[": ("[", "]"), "(": ("(", ")"), "{": ("{", "}"), "a(": ("a(", ")"), "if(x)": ("if(x)", ""),
    "function": ("function a(){", "}"), "callbacks": ("f(function(){", "})"), "x=>": ("x=>", ""), "!": ("!", ""),
    "a?b:": ("a?b:", ""), "a?:c": ("a?", ":c"), "a.b.": ("a.b.", ""), ".a": ("", ".a"), '"a"+': ('"a"+', ""),
    "+a": ("", "+a"), "`${": ("`${", "}`"), "{a:": ("({a:", "})"), "block label": ("{a:", "}"),
    "else if": ("if(x);else ", ""),
    "a=": ("a=", ""), "a,": ("a,", ""), "calls": ("", "()"), "&&": ("a&&", ""), "jsx": ("<a>", "</a>"),
    "try": ("try{", "}catch(e){}"), "class": ("class A{static{", "}}"), "new": ("new ", ""),
    "switch": ("switch(x){case 1:", "}"),
    "regex": ("/[/]/+", ""), "unclosed": ("[{(", ""), "comments": ("/*", "*/"), "destructuring": ("var {a:", "}"),
}  # fmt: skip
INNER = {"handler": HANDLER, "statement": LEAK, "alloc": "x = new Buffer(10)", "nothing": "x"}


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("shape", SHAPES)
def test_code_that_nests_too_deeply(run: Run, project: Path, shape: str, inner: str) -> None:
    opening, closing = SHAPES[shape]
    (project / "deep.js").write_text(opening * NESTS + INNER[inner] + closing * NESTS)
    report = said(run, "project")
    assert GOOD in report.found
    others = {reason for path, reason in report.skipped if path == "project/deep.js"}
    assert others <= {"too-deep", "too-slow", "unparsable", "partial"}
    if inner == "nothing":
        assert not others, "no rule asks for it, so it is not parsed"
    else:  # either it was analysed, or it is said that it was not
        assert others or [path for path, _ in report.found] != ["project/good.js"] or shape in SILENT


# Where what is nested is no code at all, or means something else.
SILENT = frozenset({"comments", "a.b.", "`${", "new", "jsx", ".a", "calls"})


@pytest.mark.parametrize("shape", ["[", "a(", "function", "callbacks", "{a:", '"a"+'])
def test_generated_code_nests_deeply_and_is_read(run: Run, project: Path, shape: str) -> None:
    opening, closing = SHAPES[shape]
    (project / "deep.js").write_text(opening * 1000 + HANDLER + closing * 1000)
    assert sorted(said(run, "project").found) == [("project/deep.js", HEAD), GOOD]


def test_a_large_file_that_is_just_within_the_budget(run: Run, project: Path) -> None:
    (project / "large.js").write_bytes(b"var a = [1, 2], b = { c: f(a) };\n" * 30_000 + LEAK.encode())
    assert sorted(said(run, "project").found) == [GOOD, ("project/large.js", HEAD)]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import type { A } from 'a';\nfunction f(x: ?string, y?: {| a: number |}): void {}\n", id="Flow"),
        pytest.param("var a = ;\nvar b = {{;\n", id="broken"),
        pytest.param("<<<<<<< HEAD\nvar a = 1;\n=======\nvar a = 2;\n>>>>>>> b\n", id="a merge conflict"),
    ],
)
def test_broken_parts_cost_only_what_is_in_them(run: Run, project: Path, code: str) -> None:
    inside = "server.on('upgrade', function (req: Req, socket, head) { req.head = head; go(req) : any; });\n"
    (project / "bad.js").write_text(f"{LEAK}{code}{inside}")
    report = said(run, "project")
    assert sorted(report.found) == [("project/bad.js", HEAD), GOOD]
    assert {path for path, _ in report.skipped} == {"project/bad.js"}
    assert {reason for _, reason in report.skipped} <= {"partial", "unparsable"}


def test_a_file_that_is_not_utf8_is_reported_and_never_fixed(run: Run, project: Path) -> None:
    data = b"var name = '\xe9t\xe9';\n" + LEAK.encode()
    (project / "bad.js").write_bytes(data)
    report = said(run, "project")
    assert sorted(report.found) == [("project/bad.js", HEAD), GOOD]
    assert report.skipped == {("project/bad.js", "encoding")}
    for arguments in (["--suggestions"], ["--suggestions", "--write"]):
        done = run("fix", "--node", "all", *arguments, "project")
        assert done.returncode == 0
        assert b"bad.js" not in done.stdout
    assert (project / "bad.js").read_bytes() == data
    assert (project / "good.js").read_text() != LEAK


PACKAGES = {
    "cut off": b'{"name": "a", ',
    "not an object": b"[1, 2]",
    "empty": b"",
    "not UTF-8": b'{"name": "\xff"}',
    "nested deeply": b"[" * NESTS,
    "a number of many digits": b'{"name": "a", "version": ' + b"1" * 10_000 + b"}",
    "a name that is a list": b'{"name": ["a"]}',
    "engines that make no sense": b'{"name": "a", "version": {}, "engines": {"node": "banana || 5"}}',
    "engines of the wrong sort": b'{"name": "a", "engines": ["node"]}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "keys twice": b'{"name": "a", "name": {"b": 1}}',
}


@pytest.mark.parametrize("form", ["json", "sarif", "text"])
@pytest.mark.parametrize("manifest", PACKAGES)
def test_a_broken_package_json(run: Run, project: Path, manifest: str, form: str) -> None:
    (project / "package.json").write_bytes(PACKAGES[manifest])
    done = run("check", "--node", "0.10", "--format", form, "project")
    assert done.returncode == 1
    assert b"good.js" in done.stdout
    if form == "json":
        assert Said(done).skipped <= {("project/package.json", "package-json")}


# -- archives -----------------------------------------------------------------------------------


def tarball(members: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return out.getvalue()


WHOLE = tarball({"package/a.js": LEAK.encode(), "package/package.json": b'{"name": "a", "version": "1.0.0"}'})
ARCHIVES = {
    "empty": b"",
    "text": b"hello",
    "no gzip inside": gzip.compress(b"hello"),
    "cut off at once": WHOLE[:30],
    "HTML": b"<!DOCTYPE html><title>404</title>",
    "a zip that is none": b"PK\x03\x04" + b"\0" * 50,
    "zeros": gzip.compress(b"\0" * 10_240),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_a_malformed_tarball(run: Run, project: Path, what: str) -> None:
    (project.parent / "bad.tgz").write_bytes(ARCHIVES[what])
    alone = run("check", "bad.tgz")
    if what == "zeros":  # an archive with nothing in it
        assert alone.returncode in (0, 2)
    else:
        one_error(alone, "bad.tgz")
    done = run("check", "--node", "all", "--format", "json", "bad.tgz", "project")
    assert Said(done).found == [GOOD]
    assert Said(done).code == alone.returncode or alone.returncode == 0


def test_a_tarball_that_is_cut_off_late(run: Run, tmp_path: Path) -> None:
    noise = os.urandom(1 << 20)
    whole = tarball({"package/a.js": LEAK.encode(), "package/noise": noise, "package/z.js": LEAK.encode()})
    (tmp_path / "bad.tgz").write_bytes(whole[: len(whole) // 2])
    report = said(run, "bad.tgz")
    assert report.found == [("bad.tgz/a.js", HEAD)]
    assert report.skipped == {("bad.tgz", "archive")}


def test_members_that_lead_out_of_the_tarball(run: Run, tmp_path: Path) -> None:
    leak = LEAK.encode()
    names = [
        "../evil.js",
        "package/../../evil.js",
        "/evil.js",
        "package/\x1b[2J.js",
        "package/ok.js",
        "package/..\\e.js",
    ]
    links = {"package/link.js": "/etc/passwd", "package/up": ".."}
    (tmp_path / "bad.tgz").write_bytes(tarball(dict.fromkeys(names, leak), links))
    before = sorted(tmp_path.rglob("*"))
    done = run("check", "--node", "all", "--format", "json", "bad.tgz")
    report = Said(done)
    assert sorted(report.found) == [("bad.tgz/\x1b[2J.js", HEAD), ("bad.tgz/ok.js", HEAD)]
    assert ("bad.tgz/../evil.js", "archive") in report.skipped
    assert {reason for _, reason in report.skipped} == {"archive"}
    run("fix", "--write", "--node", "all", "bad.tgz")
    assert sorted(tmp_path.rglob("*")) == before
    assert not (tmp_path.parent / "evil.js").exists()


def test_a_bomb(run: Run, project: Path) -> None:
    """A thousandfold: 100 kB that unpack to 100 MB of JavaScript in one member."""
    bomb = tarball({"package/bomb.js": b"a" * (100 << 20), "package/ok.js": LEAK.encode()})
    assert len(bomb) < 1 << 20
    (project / "bomb.tgz").write_bytes(bomb)
    report = said(run, "project/bomb.tgz")
    assert report.found == [("project/bomb.tgz/ok.js", HEAD)]
    assert report.skipped == {("project/bomb.tgz/bomb.js", "too-large")}


# -- stdin --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"\x7fELF\0\0" + LEAK.encode(), "binary", id="binary"),
        pytest.param(LEAK.encode() + b"a=[1,2];" * 2_500_000, "too-large", id="20 MB"),
        pytest.param(b"[" * NESTS + LEAK.encode() + b"]" * NESTS, "too-deep", id="100,000 brackets"),
    ],
)
def test_stdin_that_is_passed_over(run: Run, project: Path, data: bytes, reason: str) -> None:
    del project
    report = said(run, "-", "project", stdin=data)
    assert report.found == [GOOD]
    assert report.skipped == {("-", reason)}
    assert report.code == 1


def test_stdin_twice_is_read_once(run: Run, project: Path) -> None:
    del project
    assert said(run, "-", "-", stdin=LEAK.encode()).found == [("-", HEAD)]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_closed_streams(tmp_path: Path, environment: Mapping[str, str], closed: str) -> None:
    (tmp_path / "a.js").write_text(LEAK)
    line = f"exec {sys.executable} -m linter check --node all - a.js {closed}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, capture_output=True, env=dict(environment), timeout=TIMEOUT, check=False
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert (HEAD.encode() in done.stdout) == (closed != ">&-")


def test_stdin_that_cannot_be_read(tmp_path: Path, environment: Mapping[str, str]) -> None:
    (tmp_path / "a.js").write_text(LEAK)
    line = f"exec {sys.executable} -m linter check --node all - a.js 0> written"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, capture_output=True, env=dict(environment), timeout=TIMEOUT, check=False
    )
    one_error(done, "stdin")
    assert HEAD.encode() in done.stdout


# -- options ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["check", "--node", "banana"], "'banana'", id="no range"),
        pytest.param(["check", "--node", ">=1 <"], "--node", id="half a range"),
        pytest.param(["check", "--node", "9" * 5000], "--node", id="a number of many digits"),
        pytest.param(["check", "--node", "\x1b[2J"], "\\x1b[2J", id="an escape sequence"),
        pytest.param(["check", "--select", "upgrade-head-retaned"], "did you mean 'upgrade-head-retained'?", id="rule"),
        pytest.param(["check", "--ignore", "\x1b[2J"], "\\x1b[2J", id="ignored escape sequence"),
        pytest.param(["check", "--release", "free"], "'free' is not one of", id="release"),
        pytest.param(["check", "--wirte"], "--wirte", id="unknown option"),
        pytest.param(["fix", "--write", "-"], "stdin cannot be written", id="fix --write -"),
        pytest.param(["why", "upgrade-head-retained", "nowhere.js:1"], "nowhere.js", id="why, no file"),
        pytest.param(["why", "upgrade-head-retained", "project/good.js:99"], "has no line 99", id="why, no line"),
        pytest.param(["why", "nothing", "project/good.js:1"], "no rule named 'nothing'", id="why, no rule"),
        pytest.param(["explain", "../../etc/passwd"], "no rule named", id="explain a path"),
        pytest.param(["check", "--rules", "project/good.js"], "good.js", id="rules that are a file"),
        pytest.param(["test", "project/good.js"], "no rule named", id="test a file"),
    ],
)
def test_arguments_that_make_no_sense(run: Run, project: Path, arguments: list[str], words: str) -> None:
    del project
    one_error(run(*arguments), words)


@pytest.mark.parametrize("line", ["99999999999999999999", "1" * 5000])
def test_why_of_a_line_far_away(run: Run, project: Path, line: str) -> None:
    del project
    one_error(run("why", HEAD, f"project/good.js:{line}"))


# -- rule pages ---------------------------------------------------------------------------------

PAGE = """\
---
severity: warning
message: "`oldName($X)` is old"
---
# bad-rule

It is.

```diff rule
-oldName($X)
+newName($X)
```
"""
PAGES = {
    "empty": "",
    "no front matter": "# bad-rule\n",
    "front matter without an end": "---\nseverity: warning\n",
    "front matter that is a list": "---\n- a\n---\n",
    "bad YAML": PAGE.replace("severity: warning", "severity: [warning"),
    "YAML that nests deeply": PAGE.replace("severity: warning", "severity: " + "[" * 10_000 + "]" * 10_000),
    "YAML tags": PAGE.replace("severity: warning", "severity: !!python/object/apply:os.system ['echo owned']"),
    "a YAML bomb": PAGE.replace(
        "severity: warning",
        "severity: &a [x,x,x,x,x,x,x,x,x]\nsince: &b [*a,*a,*a,*a,*a,*a,*a,*a]\noutside: [*b,*b,*b,*b,*b,*b,*b,*b,*b]",
    ),
    "no rule": PAGE.replace("```diff rule", "```text"),
    "an open fence": PAGE.removesuffix("```\n"),
    "no JavaScript": PAGE.replace("-oldName($X)", "-oldName($X"),
    "an unknown metavariable": PAGE.replace("+newName($X)", "+newName($Y)"),
    "an unknown kind": PAGE.replace("```diff rule\n", "```diff rule\n@@ $X: nubmer @@\n"),
    "a header that is cut off": PAGE.replace("```diff rule\n", "```diff rule\n@@ $X:\n"),
    "brackets": PAGE.replace("-oldName($X)", "-oldName(" + "[" * NESTS + "$X" + "]" * NESTS + ")"),
    "an operator chain": PAGE.replace("-oldName($X)", "-oldName($X" + " + 1" * NESTS + ")"),
    "not a node range": PAGE.replace("severity: warning", "node: banana"),
    "a message that is a list": PAGE.replace('message: "`oldName($X)` is old"', "message: [a]"),
    "a NUL": PAGE.replace("oldName($X)` is old", "\0"),
}


@pytest.mark.parametrize("what", PAGES)
def test_a_malformed_rule_page(run: Run, project: Path, what: str) -> None:
    pages = project.parent / "pages"
    pages.mkdir()
    (pages / "bad-rule.md").write_text(PAGES[what])
    done = run("check", "--rules", "pages", "project")
    assert done.returncode == 2
    assert done.stdout.startswith(b"project/good"), "a bad page hides nothing that the other rules find"
    assert re.fullmatch(rb"nodemend: error: pages/bad-rule\.md:\d+:\d+: [^\n]+\n", done.stderr), done.stderr[:500]
    assert len(done.stderr) < 600, "a line that people can read"
    assert run("test", "pages").returncode == 2


@pytest.mark.parametrize("make", [fifo, zeros, link_loop, dangling, Path.mkdir, executable])
def test_a_rule_page_that_is_no_file(run: Run, project: Path, make: Callable[[Path], None]) -> None:
    pages = project.parent / "pages"
    pages.mkdir()
    make(pages / "bad-rule.md")
    one_line = run("check", "--rules", "pages", "project")
    assert one_line.returncode == 2
    assert one_line.stderr.count(b"\n") == 1
    assert b"pages/bad-rule.md" in one_line.stderr


def test_a_rule_page_with_an_evil_name(run: Run, project: Path) -> None:
    pages = project.parent / "pages"
    pages.mkdir()
    (pages / "\x1b[2J.md").write_text(PAGE)
    done = run("check", "--rules", "pages", "project")
    assert done.returncode == 2
    assert b"kebab-case" in done.stderr


# -- the way out --------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["check"], ["check", "--format", "json"], ["fix"], ["rules"], ["explain", HEAD]])
def test_a_reader_that_has_gone(project: Path, environment: Mapping[str, str], arguments: list[str]) -> None:
    for number in range(300):
        (project / f"leak{number}.js").write_text(LEAK)
    command = [sys.executable, "-m", "linter", *arguments]
    process = subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environment)
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert process.wait(TIMEOUT) in (0, 1)
    assert b"Traceback" not in err
    assert b"rror" not in err


@pytest.fixture
def busy(project: Path) -> Path:
    """Work for a minute or more."""
    for number in range(60):
        (project / f"busy{number}.js").write_text(f"// {number}\n" + "var b = new Buffer(n), c = f(a);\n" * 5_000)
    return project


@pytest.mark.parametrize("arguments", [["check"], ["fix", "--write"]], ids=["check", "fix"])
def test_interrupted(busy: Path, environment: Mapping[str, str], arguments: list[str]) -> None:
    command = [sys.executable, "-m", "linter", *arguments, "--node", "all"]
    process = subprocess.Popen(command, cwd=busy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environment))
    while _seconds_of_work(process.pid) < 2:
        assert process.poll() is None, "it was done too early"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")  # a line feed, for the ^C is on a line of its own
    assert not [path for path in busy.iterdir() if path.name.startswith(".nodemend")]


def _seconds_of_work(pid: int) -> float:
    """Processor time: what tells a scan that has begun from an interpreter that is starting."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
