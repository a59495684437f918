"""The founding case, on the real packages: Socket.IO kept `req.head` from 0.7.0 on and let go of it in 0.9.14."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import esprima
import pytest
from unidiff.patch import PatchSet

from tests import npm
from tests.conftest import Run

RULE = "upgrade-head-retained"
ONLY = ("--select", RULE)
PACKAGE = "node_modules/socket.io"  # quicker than the whole tree where the rest of it does not matter
MANAGER = "node_modules/socket.io/lib/manager.js"
STORE, CALL, END = 617, 618, 619  # `req.head = head;`, `this.handleClient(data, req);`, `};` in 0.9.13
RELEASE = b"  delete req.head;\n"

# The line of `req.head = head;` in lib/manager.js.
KEPT = {
    "0.7.0": 282, "0.7.1": 282, "0.7.2": 282, "0.7.3": 545, "0.7.4": 545, "0.7.5": 547, "0.7.6": 549, "0.7.7": 543,
    "0.7.8": 562, "0.7.9": 563, "0.7.10": 563, "0.7.11": 563, "0.8.0": 563, "0.8.1": 563, "0.8.2": 563, "0.8.3": 563,
    "0.8.4": 563, "0.8.5": 581, "0.8.6": 585, "0.8.7": 583, "0.9.0": 587, "0.9.1-1": 587, "0.9.1": 587, "0.9.2": 593,
    "0.9.3": 593, "0.9.4": 593, "0.9.5": 593, "0.9.6": 594, "0.9.7": 616, "0.9.8": 616, "0.9.9": 616, "0.9.10": 616,
    "0.9.11": 616, "0.9.12": 617, "0.9.13": 617,
}  # fmt: skip
RELEASED = ("0.9.14", "0.9.15", "0.9.16", "0.9.17", "0.9.18", "0.9.19")
VERSIONS = (*KEPT, *RELEASED)
QUICK = ("0.7.0", "0.8.7", "0.9.13")  # the others behave alike; they are tried where minutes do not matter

# What the other rules may say about the installed tree: the only lines on which there is anything for them.
ELSEWHERE = {
    "new-buffer": re.compile(r"\bBuffer\s*\("),
    "tls-slab-size": re.compile(r"createServer"),
    "upgrade-head-captured": re.compile(r"function \w+\(.*upgradeHead"),  # ws 0.4.32, whose contexts keep it
    "buffer-from-untyped-value": re.compile(r"\bBuffer\s*\("),
    "header-deref-unguarded": re.compile(r"headers\b|\.\w+\("),
    "implicit-global-retention": re.compile(r"^\s*\w+ = "),
    "queue-slot-not-released": re.compile(r"\[[\w.]+\+\+\]"),  # node_redis 0.7.3
    "insecure-random-token": re.compile(r"Math\.random\("),  # masks of ws 0.4.32
}


@dataclass(frozen=True)
class Hop:
    role: str
    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Found:
    """A finding, as the JSON output has it."""

    rule: str
    path: str
    file: str
    line: int
    version: str
    trace: tuple[Hop, ...]

    @classmethod
    def of(cls, row: dict[str, object]) -> Found:
        hops = row["trace"]
        assert isinstance(hops, list)
        trace = tuple(Hop(hop["role"], hop["path"], hop["line"], hop["text"]) for hop in hops)
        line = row["line"]
        assert isinstance(line, int)
        return cls(str(row["rule"]), str(row["path"]), str(row["file"]), line, str(row["version"]), trace)


@dataclass(frozen=True)
class Said:
    """What a check printed with --format json."""

    code: int
    findings: tuple[Found, ...]
    files: int

    def of(self, rule: str) -> list[Found]:
        return [finding for finding in self.findings if finding.rule == rule]


def said(nodemend: Run, *arguments: str | Path, cwd: Path) -> Said:
    done = nodemend("check", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode in (0, 1), done.stderr.decode()
    report = json.loads(done.stdout)
    return Said(done.returncode, tuple(map(Found.of, report["findings"])), report["stats"]["files"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- the finding -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(nodemend: Run, socket_io_tree: Path) -> Said:
    """Everything that is said about the installed tree."""
    return said(nodemend, cwd=socket_io_tree)


def test_the_leak_is_found_and_only_there(whole: Said) -> None:
    assert [(f.path, f.line, f.version) for f in whole.of(RULE)] == [(MANAGER, STORE, "0.9.13")]
    assert whole.code == 1


def test_other_rules_speak_only_of_lines_that_are_about_them(whole: Said, socket_io_tree: Path) -> None:
    strange = []
    for finding in whole.findings:
        line = (socket_io_tree / finding.path).read_text("utf8", "replace").split("\n")[finding.line - 1]
        if finding.rule != RULE and not (finding.rule in ELSEWHERE and ELSEWHERE[finding.rule].search(line)):
            strange.append((finding.rule, finding.path, finding.line))
    assert strange == []


def test_the_trace_tells_where_the_head_enters_is_kept_and_is_left(whole: Said) -> None:
    trace = whole.of(RULE)[0].trace
    roles = [hop.role for hop in trace]
    assert roles[0] == "enters"
    assert roles[-1] == "leaves"
    assert ("kept", MANAGER, STORE) in [(hop.role, hop.path, hop.line) for hop in trace]
    assert "head" in trace[0].text
    assert trace[-1].path == MANAGER
    assert trace[-1].line in (CALL, END)


# -- the fix ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def diff(nodemend: Run, socket_io_tree: Path) -> bytes:
    done = nodemend("fix", *ONLY, cwd=socket_io_tree)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def only_line_added(diff: bytes) -> tuple[str, str, str, int | None]:
    """The file, the one line that comes and the line before it, and its new number; unidiff being the reader."""
    patches = PatchSet(diff.decode().splitlines(keepends=True))
    (patch,) = patches
    lines = [line for hunk in patch for line in hunk]
    (at,) = [index for index, line in enumerate(lines) if line.is_added]
    assert not any(line.is_removed for line in lines)
    return patch.path, lines[at].value, lines[at - 1].value, lines[at].target_line_no


def test_the_diff_adds_one_line_after_the_call(diff: bytes) -> None:
    added = (MANAGER, "  delete req.head;\n", "  this.handleClient(data, req);\n", CALL + 1)
    assert only_line_added(diff) == added


def test_with_all_rules_the_file_still_gets_that_line(nodemend: Run, socket_io_copy: Path) -> None:
    done = nodemend("fix", "--node", "0.10", PACKAGE, cwd=socket_io_copy)
    (patch,) = [patch for patch in PatchSet(done.stdout.decode().splitlines(keepends=True)) if patch.path == MANAGER]
    assert [line.value for hunk in patch for line in hunk if line.is_added] == ["  delete req.head;\n"]
    assert patch.removed == 0


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("git", "apply", "--check", "-"), id="git"),
        pytest.param(("patch", "-p1", "--dry-run", "--batch"), id="gnu-patch"),
    ],
)
def test_the_diff_is_accepted_without_complaint(
    run: Run, diff: bytes, socket_io_copy: Path, command: tuple[str, ...]
) -> None:
    done = run(*command, cwd=socket_io_copy, stdin=diff)
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"fuzz" not in done.stdout
    assert b"offset" not in done.stdout


def test_writing_makes_the_bytes_that_the_diff_makes(
    run: Run, nodemend: Run, diff: bytes, socket_io_copy: Path, tmp_path: Path
) -> None:
    patched = Path(shutil.copytree(socket_io_copy, tmp_path / "patched"))
    before = contents(socket_io_copy)
    assert run("patch", "-p1", "--batch", "--no-backup-if-mismatch", cwd=patched, stdin=diff).returncode == 0
    done = nodemend("fix", "--write", *ONLY, PACKAGE, cwd=socket_io_copy)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr.decode()
    after = contents(socket_io_copy)
    assert after == contents(patched)
    assert [name for name in after if after[name] != before.get(name)] == [MANAGER]
    assert len(after[MANAGER]) == len(before[MANAGER]) + len(RELEASE)


def test_a_second_fix_has_nothing_to_do(nodemend: Run, socket_io_copy: Path) -> None:
    nodemend("fix", "--write", *ONLY, PACKAGE, cwd=socket_io_copy)
    assert RELEASE in (socket_io_copy / MANAGER).read_bytes()
    again = nodemend("fix", *ONLY, PACKAGE, cwd=socket_io_copy)
    assert (again.returncode, again.stdout) == (0, b"")
    assert said(nodemend, *ONLY, PACKAGE, cwd=socket_io_copy).findings == ()


@pytest.mark.parametrize(
    ("repository", "project"),
    [
        pytest.param(None, "project", id="outside-of-git"),
        pytest.param("project", "project", id="at-the-top-of-a-work-tree"),
        pytest.param(".", "project", id="in-a-folder-of-a-work-tree"),
    ],
)
def test_fix_can_be_piped_into_git_apply(
    run: Run, socket_io_copy: Path, tmp_path: Path, repository: str | None, project: str
) -> None:
    if repository is not None:
        assert run("git", "init", "--quiet", cwd=tmp_path / repository).returncode == 0
    done = run("sh", "-c", f"nodemend fix --select {RULE} {PACKAGE} | git apply", cwd=tmp_path / project)
    assert done.returncode == 0, done.stderr.decode()
    lines = (socket_io_copy / MANAGER).read_bytes().split(b"\n")
    # git apply skips what it takes to be outside of the folder, and says nothing.
    assert lines[CALL] + b"\n" == RELEASE


def test_the_release_can_be_an_assignment_of_null(nodemend: Run, socket_io_copy: Path) -> None:
    done = nodemend("fix", "--release", "null", *ONLY, PACKAGE, cwd=socket_io_copy)
    added = (MANAGER, "  req.head = null;\n", "  this.handleClient(data, req);\n", CALL + 1)
    assert only_line_added(done.stdout) == added


# -- every release ---------------------------------------------------------------------------


@pytest.fixture
def stores(version: str) -> list[tuple[str, int]]:
    """Where a version keeps the head, by its text: lib/manager.js, and in some also its copy measured for coverage."""
    folder = npm.unpacked("socket.io", version)
    places = [
        (path.relative_to(folder).as_posix(), number)
        for path in folder.rglob("manager.js")
        for number, line in enumerate(path.read_text("utf8").split("\n"), 1)
        if line == "  req.head = head;"
    ]
    assert ("lib/manager.js", KEPT.get(version)) in places or version in RELEASED
    return [] if version in RELEASED else sorted(places)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_tarball_of_a_version_is_judged_right(nodemend: Run, version: str, stores: list[tuple[str, int]]) -> None:
    tarball = npm.fetch("socket.io", version)
    report = said(nodemend, *ONLY, tarball.name, cwd=tarball.parent)
    assert [(f.path, f.line) for f in report.findings] == [(f"{tarball.name}/{file}", line) for file, line in stores]
    assert {f.version for f in report.findings} <= {version}
    assert report.files > 10  # silence because nothing was read would prove nothing


@pytest.mark.parametrize("version", ["0.7.0", "0.9.13", "0.9.14", "0.9.19"])
def test_an_unpacked_version_gets_the_same_answer(nodemend: Run, version: str, stores: list[tuple[str, int]]) -> None:
    report = said(nodemend, *ONLY, cwd=npm.unpacked("socket.io", version))
    assert [(f.path, f.line) for f in report.findings] == stores
    assert report.files > 10


# -- what other parsers say ------------------------------------------------------------------


def node_accepts(run: Run, path: Path) -> bool:
    return run("node", "--check", path).returncode == 0


def esprima_accepts(path: Path) -> bool:
    """What esprima, which knows ES2017, makes of the file as a script."""
    try:
        esprima.parseScript(path.read_text("utf8"))
    except (esprima.Error, RecursionError, UnicodeDecodeError):
        return False
    return True


@pytest.mark.parametrize("version", [pytest.param(v, marks=[] if v in QUICK else pytest.mark.slow) for v in KEPT])
def test_what_is_mended_still_parses_elsewhere(nodemend: Run, run: Run, tmp_path: Path, version: str) -> None:
    """With every fix and suggestion of every rule applied."""
    before = npm.unpacked("socket.io", version)
    after = Path(shutil.copytree(before, tmp_path / version))
    done = nodemend("fix", "--write", "--suggestions", "--node", "all", cwd=after)
    assert done.returncode == 0, done.stderr.decode()

    old, new = contents(before), contents(after)
    changed = [name for name in old if old[name] != new[name]]
    lines = new["lib/manager.js"].split(b"\n")
    assert lines[KEPT[version] + 1 : KEPT[version] + 3] == [RELEASE.rstrip(b"\n"), b"};"]
    # Were these two rejected as they are, the rest could not fail.
    assert node_accepts(run, before / "lib/manager.js")
    assert esprima_accepts(before / "lib/manager.js")
    assert [n for n in changed if node_accepts(run, before / n) and not node_accepts(run, after / n)] == []
    assert [n for n in changed if esprima_accepts(before / n) and not esprima_accepts(after / n)] == []
