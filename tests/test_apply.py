"""`nodemend apply`: exact or not at all, all files or none, and the same as git where git applies."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from unidiff.patch import PatchSet

from linter.cli import nodemend as nodemend_command
from linter.cli.outcome import outcome
from linter.errors import PatchError
from linter.patch import FilePatch, printed, read, result, reverse, standing, unified
from tests.conftest import Done, Run

A, B = b"".join(b"line %d\n" % n for n in range(1, 31)), b"one\r\ntwo\r\nthree"
A2 = A.replace(b"line 5\n", b"line five\n").replace(b"line 20\n", b"")
B2 = b"one\r\n2\r\nthree\n"
DIFF = unified("lib/a.js", A, A2) + unified("b.js", B, B2)
CREATE = (
    b"diff --git a/new/run.sh b/new/run.sh\nnew file mode 100755\n--- /dev/null\n+++ b/new/run.sh\n@@ -0,0 +1 @@\n+hi\n"
)
DELETE = b"diff --git a/b.js b/b.js\ndeleted file mode 100644\n--- a/b.js\n+++ /dev/null\n" + (
    b"@@ -1,3 +0,0 @@\n-one\r\n-two\r\n-three\n\\ No newline at end of file\n"
)


class Apply(Protocol):
    """Runs `nodemend apply` in this process, which takes a hundredth of the time that one of its own does."""

    def __call__(self, *arguments: str | Path, cwd: Path, stdin: bytes = b"") -> Done: ...


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Apply:
    def apply(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> Done:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        line = ["apply", *map(str, arguments)]
        code = outcome(lambda: nodemend_command.main(line, prog_name="nodemend", standalone_mode=False))
        return subprocess.CompletedProcess(line, code, *capfdbinary.readouterr())

    return apply


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "a.js").write_bytes(A)
    (folder / "b.js").write_bytes(B)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


BEFORE = {"lib/a.js": A, "b.js": B}


def test_forwards_again_backwards_again(project: Path, apply: Apply) -> None:
    for arguments, after, said in (
        (["--check"], BEFORE, "2 files to patch; --check wrote nothing"),
        ([], {"lib/a.js": A2, "b.js": B2}, "2 files patched"),
        ([], {"lib/a.js": A2, "b.js": B2}, "2 files done already"),
        (["--reverse", "--check"], {"lib/a.js": A2, "b.js": B2}, "2 files to patch; --check wrote nothing"),
        (["--reverse"], BEFORE, "2 files unpatched"),
        (["--reverse"], BEFORE, "2 files done already"),
    ):
        done = apply(*arguments, "-", cwd=project, stdin=DIFF)
        assert (done.returncode, done.stdout) == (0, b"")
        assert done.stderr.decode().split("\n")[-2] == f"nodemend: {said}"
        assert files(project) == after


def test_each_file_is_named(project: Path, apply: Apply) -> None:
    (project / "b.js").write_bytes(B2)
    done = apply("-", cwd=project, stdin=DIFF)
    assert done.stderr.decode() == (
        "nodemend: b.js has the patch already\n"
        "nodemend: patched lib/a.js\n"
        "nodemend: 1 file patched; 1 file done already\n"
    )
    assert files(project) == {"lib/a.js": A2, "b.js": B2}
    quiet = apply("-q", "-R", "-", cwd=project, stdin=DIFF)
    assert (quiet.returncode, quiet.stderr) == (0, b"")


def test_patch_files_of_another_folder_one_upon_the_other(project: Path, apply: Apply) -> None:
    later = A2.replace(b"line 6\n", b"line six\n")
    (project.parent / "1.patch").write_bytes(DIFF)
    (project.parent / "2.patch").write_bytes(unified("lib/a.js", A2, later))
    line = ["-C", project.name, "1.patch", "2.patch"]
    for arguments, after in (([], {"lib/a.js": later, "b.js": B2}), (["-R"], BEFORE)):
        for _ in range(2):
            assert apply(*line, *arguments, cwd=project.parent).returncode == 0
            assert files(project) == after
    apply("-C", project.name, "1.patch", cwd=project.parent)
    assert b"1 file patched" in apply(*line, cwd=project.parent).stderr
    assert files(project) == {"lib/a.js": later, "b.js": B2}


def test_files_that_come_and_go(project: Path, apply: Apply) -> None:
    for _ in range(2):
        assert apply("-", cwd=project, stdin=CREATE + DELETE).returncode == 0
        assert files(project) == {"lib/a.js": A, "new/run.sh": b"hi\n"}
        assert os.access(project / "new" / "run.sh", os.X_OK)
    for _ in range(2):
        assert apply("-R", "-", cwd=project, stdin=CREATE + DELETE).returncode == 0
        assert files(project) == BEFORE


def test_what_fix_prints(socket_io_copy: Path, nodemend: Run, run: Run) -> None:
    """The whole way on real code: the same bytes as git makes, and back to the released ones."""
    manager = socket_io_copy / "node_modules" / "socket.io" / "lib" / "manager.js"
    released = manager.read_bytes()
    name = manager.relative_to(socket_io_copy)
    patch = nodemend("fix", "--select", "upgrade-head-retained", name, cwd=socket_io_copy).stdout
    assert run("git", "apply", "-", cwd=socket_io_copy, stdin=patch).returncode == 0
    mended = manager.read_bytes()
    manager.write_bytes(released)
    assert nodemend("apply", "-", cwd=socket_io_copy, stdin=patch).returncode == 0
    assert manager.read_bytes() == mended != released
    assert nodemend("apply", "-R", "-", cwd=socket_io_copy, stdin=patch).returncode == 0
    assert manager.read_bytes() == released


def test_a_store_and_its_other_projects_keep_their_bytes(project: Path, apply: Apply) -> None:
    store, sibling = project.parent / "store", project.parent / "sibling.js"
    for link in (store, sibling):
        os.link(project / "lib" / "a.js", link)
    inode = store.stat().st_ino
    apply("-", cwd=project, stdin=DIFF)
    assert files(project)["lib/a.js"] == A2
    assert (store.read_bytes(), sibling.read_bytes(), store.stat().st_ino) == (A, A, inode)


def _no_context(_project: Path) -> bytes:
    return b"--- a/b.js\n+++ b/b.js\n@@ -2 +2 @@\n-two\r\n+2\r\n"


def _disorder(_project: Path) -> bytes:
    one, two = (printed(FilePatch("lib/a.js", (hunk,))).split(b"\n", 3)[3] for hunk in read(DIFF)[0].hunks)
    return b"--- a/lib/a.js\n+++ b/lib/a.js\n" + two + one


def _overlap(_project: Path) -> bytes:
    one = printed(FilePatch("lib/a.js", read(DIFF)[0].hunks[:1])).split(b"\n", 3)[3]
    return b"--- a/lib/a.js\n+++ b/lib/a.js\n" + one + one.replace(b"@@ -2", b"@@ -6")


def _other_blanks(_project: Path) -> bytes:
    return DIFF.replace(b" line 4\n", b" line 4 \n")


def _crlf_headers(_project: Path) -> bytes:
    return unified("lib/a.js", A, A2).replace(b"\n", b"\r\n")


def _no_carriage_return(_project: Path) -> bytes:
    return DIFF.replace(b"\r", b"")


def _end_of_line_forgotten(_project: Path) -> bytes:
    return DIFF.replace(b"-three\n\\ No newline at end of file\n", b"-three\n")


def _edited(project: Path) -> bytes:
    (project / "lib" / "a.js").write_bytes(A.replace(b"line 6", b"line VI"))
    return DIFF


def _half_done(project: Path) -> bytes:
    (project / "lib" / "a.js").write_bytes(A.replace(b"line 5\n", b"line five\n"))
    return DIFF


def _both_ways(project: Path) -> bytes:
    (project / "lib" / "a.js").write_bytes(b"}\n" * 20)
    return b"--- a/lib/a.js\n+++ b/lib/a.js\n@@ -4,2 +4,3 @@\n }\n+}\n }\n" + unified("b.js", B, B2)


def _linked_folder(project: Path) -> bytes:
    (project / "lib").rename(project.parent / "elsewhere")
    (project / "lib").symlink_to("../elsewhere")
    return DIFF


def _linked_file(project: Path) -> bytes:
    (project / "b.js").rename(project.parent / "b.js")
    (project / "b.js").symlink_to("../b.js")
    return DIFF


def _missing(project: Path) -> bytes:
    (project / "b.js").unlink()
    return DIFF


def _in_the_way(project: Path) -> bytes:
    (project / "new").mkdir()
    (project / "new" / "run.sh").write_bytes(b"mine\n")
    return DIFF + CREATE


def _renamed(_project: Path) -> bytes:
    return b"diff --git a/b.js b/c.js\nsimilarity index 100%\nrename from b.js\nrename to c.js\n"


def _mode(_project: Path) -> bytes:
    return b"diff --git a/b.js b/b.js\nold mode 100644\nnew mode 100755\n"


def _link(_project: Path) -> bytes:
    return CREATE.replace(b"100755", b"120000")


def _named(name: bytes) -> Callable[[Path], bytes]:
    return lambda _project: CREATE.replace(b"new/run.sh", name)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(_no_context, "hunk 1 has no context", id="no context"),
        pytest.param(_disorder, "hunk 2 is out of order or overlaps", id="out of order"),
        pytest.param(_overlap, "hunk 2 is out of order or overlaps", id="overlapping"),
        pytest.param(_other_blanks, "lib/a.js: hunk 1 does not apply at line 4", id="other blanks"),
        pytest.param(_crlf_headers, "its headers end in CRLF", id="patch with CRLF"),
        pytest.param(_no_carriage_return, "b.js: hunk 1 does not apply at line 1", id="CR lost from the patch"),
        pytest.param(_end_of_line_forgotten, "b.js: hunk 1 does not apply at line 3", id="end-of-file marker lost"),
        pytest.param(_edited, "lib/a.js: hunk 1 does not apply at line 6", id="file edited"),
        pytest.param(_half_done, "lib/a.js: hunk 1 does not apply at line 5", id="one hunk of two is in already"),
        pytest.param(_both_ways, "it fits both ways", id="fits both ways"),
        pytest.param(_linked_folder, "lib/a.js is reached through a symbolic link", id="linked folder"),
        pytest.param(_linked_file, "b.js is a symbolic link", id="linked file"),
        pytest.param(_missing, "b.js: there is no such file", id="missing"),
        pytest.param(_in_the_way, "creates this file, but it exists and is not empty", id="in the way of a new file"),
        pytest.param(_renamed, "it renames or copies a file", id="rename"),
        pytest.param(_mode, "it changes a file's mode", id="mode"),
        pytest.param(_link, "or makes a link", id="makes a link"),
        pytest.param(_named(b"../out.js"), "or leads out", id="leads up"),
        pytest.param(_named(b"/out.js"), "absolute", id="absolute"),
        pytest.param(_named(b"C:/out.js"), "has a drive", id="drive"),
        pytest.param(_named(b".git/hooks/pre-commit"), "belongs to git", id="git's own"),
        pytest.param(lambda _project: b"nothing\n", "not a patch", id="no patch"),
    ],
)
@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["apply", "check"])
def test_what_does_not_fit_or_is_not_trusted_changes_nothing(
    project: Path, apply: Apply, spoil: Callable[[Path], bytes], said: str, arguments: list[str]
) -> None:
    text = spoil(project)
    before = files(project.parent)
    done = apply(*arguments, "-", cwd=project, stdin=text)
    errors = [line for line in done.stderr.decode().split("\n") if line.startswith("nodemend: error: ")]
    assert (done.returncode, done.stdout, len(errors)) == (2, b"", 1)
    assert said in errors[0]
    assert files(project.parent) == before


def test_every_file_that_does_not_fit_is_named(project: Path, apply: Apply) -> None:
    (project / "lib" / "a.js").write_bytes(A.replace(b"line 6", b"line VI"))
    (project / "b.js").write_bytes(b"another\n")
    done = apply("-", cwd=project, stdin=DIFF)
    assert [line.split(":")[2].strip() for line in done.stderr.decode().split("\n")[:2]] == ["lib/a.js", "b.js"]
    assert done.stderr.endswith(b"nodemend: nothing was changed\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no patch file given"),
        (["none.patch"], "none.patch: cannot be read: no such file or directory"),
        (["-C", "none", "-"], "none: no such folder"),
        (["lib"], "lib: cannot be read: is a directory"),
    ],
)
def test_mistakes_are_one_line(project: Path, apply: Apply, arguments: list[str], said: str) -> None:
    done = apply(*arguments, cwd=project, stdin=DIFF)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"nodemend: error: {said}")
    assert done.stderr.count(b"\n") == 1
    assert files(project) == BEFORE


# -- the reverse of a patch, and whether it is applied -----------------------------------------


@pytest.mark.parametrize("text", [DIFF, CREATE, DELETE], ids=["change", "create", "delete"])
def test_the_reverse_is_what_git_and_unidiff_take_it_for(project: Path, run: Run, text: bytes) -> None:
    backwards = b"".join(printed(reverse(patch)) for patch in read(text))
    assert run("git", "apply", "-", cwd=project, stdin=text).returncode == 0
    assert files(project) != BEFORE
    counted = PatchSet(backwards.decode().replace("\r", ""))
    forwards = PatchSet(text.decode().replace("\r", ""))
    assert [(f.added, f.removed) for f in counted] == [(f.removed, f.added) for f in forwards]
    assert run("git", "apply", "-", cwd=project, stdin=backwards).returncode == 0
    assert files(project) == BEFORE
    assert [reverse(reverse(patch)) for patch in read(text)] == list(read(text))


TWICE = b"f {\n  keep();\n}\n" * 2
ONCE_MENDED = b"f {\n  keep();\n  drop();\n}\nf {\n  keep();\n}\n"


def test_a_second_place_that_looks_the_same_does_not_get_the_patch_when_the_first_has_it() -> None:
    (patch,) = read(unified("a.js", TWICE, ONCE_MENDED))
    assert standing([patch], TWICE) == 0
    assert standing([patch], ONCE_MENDED) == 1


def test_lines_elsewhere_are_taken_if_they_are_there_once() -> None:
    (patch,) = read(unified("a.js", A, A2))
    moved, moved2 = b"new\n" * 40 + A, b"new\n" * 40 + A2
    assert standing([patch], moved) == 0
    assert result(patch, moved) == moved2
    assert standing([patch], moved2) == 1
    with pytest.raises(PatchError, match="hunk 1 does not apply"):
        result(patch, moved, drift=False)
    with pytest.raises(PatchError, match="hunk 1 does not apply"):
        standing([patch], b"new\n" + A + A)


# -- the way back, as a user meets it ----------------------------------------------------------


def _leave_half_done(project: Path) -> None:
    from linter.replace import Change, write_all
    from tests.faults import killed

    def run() -> None:
        real = os.replace

        def replace(source: Path, target: Path) -> None:
            if Path(target).name == "b.js":
                os.kill(os.getpid(), 9)
            real(source, target)

        os.replace = replace  # type: ignore[assignment]
        write_all([Change(project / "lib/a.js", A, A2), Change(project / "b.js", B, B2)], root=project)

    assert killed(run, at=0)
    assert files(project)["lib/a.js"] == A2


@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        (["apply", "-"], {"lib/a.js": A2, "b.js": B2}),
        (["apply", "--recover"], BEFORE),
        (["fix", "--write"], BEFORE),
    ],
    ids=" ".join,
)
def test_the_next_run_says_that_one_was_cut_off_and_puts_its_files_back(
    project: Path, nodemend: Run, arguments: list[str], after: dict[str, bytes]
) -> None:
    _leave_half_done(project)
    done = nodemend(*arguments, cwd=project, stdin=DIFF)
    what = "was cut off: 1 of its 2 files put back; all are as they were before it"
    said = f"nodemend: an earlier run in {project} {what}\n"
    assert (done.returncode, done.stderr.decode().startswith(said)) == (0, True)
    assert files(project) == after


def test_a_check_puts_nothing_back(project: Path, apply: Apply) -> None:
    _leave_half_done(project)
    half = files(project)
    done = apply("--check", "-", cwd=project, stdin=DIFF)
    assert done.returncode == 2
    assert f"nodemend apply --recover -C {project} undoes it".encode() in done.stderr
    assert files(project) == half
    assert apply("--recover", "-C", project, cwd=project.parent).returncode == 0
    assert files(project) == BEFORE
    assert apply("--recover", cwd=project).stderr == b"nodemend: no run was cut off in .\n"


def test_the_second_of_two_says_so(project: Path, apply: Apply) -> None:
    from linter.replace.lock import alone

    with alone(project.resolve()):
        done = apply("-", cwd=project, stdin=DIFF)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert done.stderr.startswith(b"nodemend: error: another nodemend is writing in ")
    assert files(project) == BEFORE
