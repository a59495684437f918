"""A run that is killed, or meets another: never a half-written tree without a word and a way back."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from linter.errors import InputError, NodemendError
from linter.replace import PREFIX, Change, content, recover, root_of, write_all
from linter.replace.lock import alone
from tests.faults import killed

JOURNAL = f"{PREFIX}journal"
OLD = {"a.js": b"old\r\n", "lib/b.js": b"old \xff", "lib/c.js": b"", "lib/gone.js": b"gone"}
NEW: dict[str, bytes] = {"a.js": b"new", "lib/b.js": b"new\n" * 9, "lib/c.js": b"c", "made/deep/d.js": b"d"}


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is such a place: hundreds of runs, each of which waits for the disk, take minutes."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project in which a run changes three files, makes one in a new folder, and deletes one."""
    folder = tmp_path / "project"
    reset(folder)
    return folder


def reset(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    for name, data in OLD.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (root / "a.js").chmod(0o755)


def changes(root: Path) -> list[Change]:
    return [Change(root / name, OLD.get(name), NEW.get(name)) for name in sorted({*OLD, *NEW})]


def tree(root: Path) -> dict[str, bytes]:
    """Every file there is, ours that should not be there too; and, as names with a slash, the folders."""
    paths = {path.relative_to(root).as_posix(): path for path in root.rglob("*")}
    return {f"{n}/" if p.is_dir() else n: b"" if p.is_dir() else p.read_bytes() for n, p in paths.items()}


BEFORE = {**OLD, "lib/": b""}
AFTER = {**NEW, "lib/": b"", "made/": b"", "made/deep/": b""}


def cut_off(root: Path, *, renamed: int = 3, journal: Path | None = None) -> None:
    """A run that was killed after so many of its renames and removals."""

    def run() -> None:
        real, left = os.replace, renamed

        def replace(source: Path, target: Path) -> None:
            nonlocal left
            if not left:
                os.kill(os.getpid(), 9)
            left -= 1
            real(source, target)

        os.replace = replace  # type: ignore[assignment]
        write_all(changes(root), root=root, journal=journal)

    assert killed(run, at=0)


def test_at_whatever_call_a_run_is_killed_all_files_become_old_again_or_all_are_new(root: Path) -> None:
    seen: list[bool] = []
    said: set[str] = set()
    while killed(lambda: write_all(changes(root), root=root), at=len(seen) + 1):
        said.add(recover(root).replace(str(root), "ROOT"))
        found = tree(root)
        assert found in (BEFORE, AFTER)
        assert os.stat(root / "a.js").st_mode & 0o777 == 0o755
        seen.append(found == AFTER)
        reset(root)
    assert seen == sorted(seen)
    assert seen.count(False) > 50
    start = "an earlier run in ROOT was cut off"
    assert said == {
        "",
        f"{start} before it changed anything",
        f"{start}: none of its 5 files changed; all are as they were before it",
        *(f"{start}: {n} of its 5 files put back; all are as they were before it" for n in range(1, 5)),
        f"{start} when all its 5 files were written",
    }


def test_a_recovery_that_is_killed_too_is_taken_up_by_the_next(root: Path) -> None:
    at = 1
    while True:
        cut_off(root)
        if not killed(lambda: recover(root), at=at):
            break
        recover(root)
        assert tree(root) == BEFORE
        at += 3
    assert tree(root) == BEFORE
    assert at > 20


def test_without_recovery_nothing_is_written_there_or_around_or_below(root: Path) -> None:
    cut_off(root)
    half = tree(root)
    hint = rf"was cut off; nothing was changed \(nodemend apply --recover -C {root} undoes it\)"
    for top, path in ((root, root / "lib" / "c.js"), (root / "lib", root / "lib" / "c.js"), (root.parent, root / "c")):
        held = path.read_bytes() if path.exists() else None
        with pytest.raises(InputError) as raised:
            write_all([Change(path, held, b"x")], root=top)
        assert hint.replace("\\", "") in str(raised.value)
    assert tree(root) == half
    assert "put back" in recover(root / "lib")  # what runs in a folder around it left is found from below
    assert tree(root) == BEFORE
    assert recover(root) == ""


def test_what_something_else_changed_since_is_left_to_a_human(root: Path) -> None:
    cut_off(root)
    (root / "lib/b.js").write_bytes(b"mine")
    half = tree(root)
    with pytest.raises(InputError, match=r"something else has changed lib/b\.js since; nothing was changed"):
        recover(root)
    assert tree(root) == half
    said = recover(root, force=True)
    assert said.endswith("was cut off: 3 of its 5 files put back; left alone: lib/b.js")
    assert tree(root) == BEFORE | {"lib/b.js": b"mine"}


def test_a_link_put_in_the_place_of_a_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    cut_off(root)
    (root / "lib").rename(tmp_path / "moved")
    (root / "lib").symlink_to(tmp_path / "moved")
    moved = tree(tmp_path / "moved")
    with pytest.raises(InputError, match="something else has changed"):
        recover(root)
    recover(root, force=True)
    assert {name: data for name, data in tree(tmp_path / "moved").items() if PREFIX not in name} == {
        name: data for name, data in moved.items() if PREFIX not in name
    }
    assert (root / "a.js").read_bytes() == OLD["a.js"]


@pytest.mark.parametrize("length", [0, 1, 10, 40, 300, -1], ids="{} bytes".format)
def test_a_journal_that_was_cut_off_itself_means_that_nothing_was_done(root: Path, length: int) -> None:
    cut_off(root, renamed=0)
    text = (root / JOURNAL).read_bytes()
    reset(root)
    (root / JOURNAL).write_bytes(text[:length])
    assert recover(root).endswith("was cut off before it changed anything")
    assert tree(root) == BEFORE


def test_the_copy_of_a_journal_is_followed_only_when_asked(root: Path, tmp_path: Path) -> None:
    cut_off(root)
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    half = tree(copy)
    with pytest.raises(InputError, match="is the copy of a journal; nothing was changed"):
        recover(copy)
    assert tree(copy) == half
    recover(copy, force=True)
    assert tree(copy) == BEFORE


@pytest.mark.parametrize("name", ["../x.js", "/x.js", ".git/hooks/x", "lib/../../x.js", "lib/.GIT/config", ""])
def test_a_journal_cannot_lead_out(root: Path, name: str) -> None:
    entry = {"path": name, "temp": f"{PREFIX}1", "before": "eA==", "after": None, "mode": 420, "uid": -1, "gid": -1}
    head = {"nodemend": 1, "root": str(root), "inode": 1, "folders": []}
    text = f"{json.dumps(head)}\n{json.dumps(entry)}\n".encode()
    (root / JOURNAL).write_bytes(text + f"end {sha256(text).hexdigest()}\n".encode())
    found = tree(root.parent)
    with pytest.raises(InputError, match="is no journal that can be read"):
        recover(root, force=True)
    assert tree(root.parent) == found


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_somebody_elses_journal_says_nothing(root: Path) -> None:
    cut_off(root)
    os.chown(root / JOURNAL, 1234, 1234)
    half = tree(root)
    assert recover(root) == ""
    assert tree(root) == half


def test_a_package_cannot_stop_runs_around_it_with_a_journal_of_its_own(root: Path, tmp_path: Path) -> None:
    cut_off(root)
    shutil.copytree(root, tmp_path / "top" / "package")
    path = tmp_path / "top" / "package" / "a.js"
    write_all([Change(path, NEW["a.js"], b"x")], root=tmp_path / "top")
    assert path.read_bytes() == b"x"


def test_a_journal_can_be_kept_elsewhere(root: Path, tmp_path: Path) -> None:
    away = tmp_path / "journals"
    away.mkdir()
    cut_off(root, journal=away)
    assert len(list(away.iterdir())) == 1
    assert not (root / JOURNAL).exists()
    with pytest.raises(InputError, match="was cut off"):
        write_all([Change(root / "lib/c.js", (root / "lib/c.js").read_bytes(), b"x")], root=root, journal=away)
    assert "put back" in recover(root, journal=away)
    assert (tree(root), list(away.iterdir())) == (BEFORE, [])


# -- two at once ------------------------------------------------------------------------------


@contextmanager
def at_work(root: Path) -> Iterator[None]:
    """Another process that is writing in root."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        with alone(root):
            os.write(ready[1], b"x")
            os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    try:
        yield
    finally:
        os.write(go[1], b"x")
        os.waitpid(child, 0)
        for handle in (*ready, *go):
            os.close(handle)


@pytest.mark.parametrize("theirs", [".", "lib", ".."], ids=["there", "below it", "around it"])
def test_the_second_of_two_runs_says_so_and_changes_nothing(root: Path, theirs: str) -> None:
    with at_work((root / theirs).resolve()), pytest.raises(InputError) as raised:
        write_all(changes(root), root=root)
    assert raised.value.message == f"another nodemend is writing in {root}; nothing was changed"
    assert tree(root) == BEFORE
    write_all(changes(root), root=root)
    assert tree(root) == AFTER


def test_runs_side_by_side_do_not_meet(root: Path) -> None:
    (root.parent / "sibling").mkdir()
    with at_work(root.parent / "sibling"):
        write_all(changes(root), root=root)
    assert tree(root) == AFTER


def test_a_run_that_is_alive_is_not_recovered_from(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if not said:
            with pytest.raises(InputError) as raised:
                recover(root, force=True)
            said.append(raised.value.message)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    write_all(changes(root), root=root)
    assert said == [f"another nodemend is writing in {root}; nothing was changed"]
    assert tree(root) == AFTER


# -- places -----------------------------------------------------------------------------------


def test_files_come_and_go_and_folders_with_them(root: Path) -> None:
    made = Change(root / "bin" / "run", None, b"#!", 0o755)
    write_all([*changes(root), made], root=root)
    assert tree(root) == AFTER | {"bin/": b"", "bin/run": b"#!"}
    assert [os.stat(root / name).st_mode & 0o111 for name in ("bin/run", "made/deep/d.js")] == [0o111, 0]


def _outside(root: Path) -> Path:
    return root.parent / "x.js"


def _up(root: Path) -> Path:
    return root / "lib" / ".." / "a.js"


def _linked(root: Path) -> Path:
    (root / "link").symlink_to("lib")
    return root / "link" / "b.js"


def _linked_out(root: Path) -> Path:
    (root.parent / "out").mkdir()
    (root / "link").symlink_to("../out")
    return root / "link" / "x.js"


def _git(root: Path) -> Path:
    return root / ".git" / "hooks" / "pre-commit"


def _under_a_file(root: Path) -> Path:
    return root / "a.js" / "x.js"


def _itself(root: Path) -> Path:
    return root


@pytest.mark.parametrize(
    ("place", "said", "links"),
    [
        pytest.param(_outside, "is not inside of", False, id="outside"),
        pytest.param(_outside, "is not inside of", True, id="outside, links allowed"),
        pytest.param(_up, "has .. in its name", False, id="leads up"),
        pytest.param(_linked, "is reached through a symbolic link", False, id="symbolic link"),
        pytest.param(_linked_out, "is reached through a symbolic link", False, id="symbolic link that leads out"),
        pytest.param(_linked_out, "is not inside of", True, id="symbolic link that leads out, links allowed"),
        pytest.param(_git, "belongs to git", False, id="git's own"),
        pytest.param(_under_a_file, "is not a folder", False, id="below a file"),
        pytest.param(_itself, "is not inside of", False, id="root itself"),
    ],
)
def test_no_name_leads_out(root: Path, place: Callable[[Path], Path], said: str, links: bool) -> None:
    path = place(root)
    before = tree(root.parent)
    with pytest.raises(InputError, match=f"{said}.*; nothing was changed"):
        write_all([*changes(root), Change(path, None, b"x")], root=root, links=links)
    with pytest.raises(InputError, match=said):
        content(path, root, links=links)
    assert tree(root.parent) == before


def test_the_way_to_the_root_may_be_a_link(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    write_all([Change(root.parent / "alias" / "lib" / "c.js", b"", b"x")], root=root.parent / "alias")
    assert content(root.parent / "alias" / "lib" / "c.js", root.parent / "alias") == b"x"
    assert content(root / "lib" / "none.js", root) is None


def test_what_is_to_come_must_not_be_there(root: Path) -> None:
    with pytest.raises(InputError, match=r"c\.js exists already; nothing was changed"):
        write_all([Change(root / "lib" / "c.js", None, b"x")], root=root)


def test_the_root_of_a_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "lib")
    assert root_of([Path("b.js"), root / "lib" / "c.js"]) == root / "lib"
    assert root_of([Path("../a.js"), Path("b.js")]) == root
    assert root_of([]) == root / "lib"


# -- disks ------------------------------------------------------------------------------------


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file may become larger than so many bytes: what a full disk is to a program."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("size", "said"), [(100, f"no journal can be kept at .*{JOURNAL}"), (4000, "a.js")])
def test_a_disk_that_takes_no_more_changes_nothing(root: Path, size: int, said: str) -> None:
    todo = [*changes(root)[1:], Change(root / "a.js", OLD["a.js"], b"x" * 5000)]
    with limited(size), pytest.raises(NodemendError, match=f"{said}: file too large; nothing was changed"):
        write_all(todo, root=root)
    assert tree(root) == BEFORE


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder on a file system that is mounted read-only, for root too; skips where nothing can be mounted."""
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "--bind", folder, folder], capture_output=True).returncode
    ):
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True, capture_output=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("folder", ["lib", "."], ids=["one folder of several", "all of it"])
def test_a_read_only_folder_changes_nothing(root: Path, folder: str) -> None:
    with read_only(root / folder), pytest.raises(InputError) as raised:
        write_all(changes(root), root=root)
    # Only the system tells root that it may not; who is not root is told by the mode.
    assert raised.value.message.endswith(
        ("folder is not writable; nothing was changed", "file system; nothing was changed")
    )
    assert tree(root) == BEFORE
