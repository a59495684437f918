"""Writing files: all or none, never through a link, nothing left behind."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from linter.errors import InputError, NodemendError, PatchError
from linter.replace import PREFIX, Change, write_all

OLD, NEW = b"old\r\n", b"new\nmore"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Four files with the same old bytes in two folders."""
    paths = [tmp_path / "one" / "a.js", tmp_path / "one" / "b.js", tmp_path / "two" / "a.js", tmp_path / "two" / "c.js"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(OLD)
    return paths


def changes(files: list[Path]) -> list[Change]:
    return [Change(path, OLD, NEW) for path in files]


def contents(files: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in files]


def left_behind(files: list[Path]) -> list[Path]:
    return [found for path in files for found in path.parent.glob(f"{PREFIX}*")]


def test_every_file_has_its_new_bytes_and_nothing_else_is_there(files: list[Path]) -> None:
    write_all(changes(files))
    assert contents(files) == [NEW] * 4
    assert sorted(os.listdir(files[0].parent)) == ["a.js", "b.js"]


def test_nothing_to_do_is_fine() -> None:
    write_all([])


def test_a_hard_link_elsewhere_keeps_the_old_bytes(files: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "store"
    os.link(files[0], store)
    write_all(changes(files[:1]))
    assert (files[0].read_bytes(), store.read_bytes()) == (NEW, OLD)


def test_two_hard_links_of_one_file_can_both_be_changed(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    paths[0].write_bytes(OLD)
    os.link(*paths)
    write_all(changes(paths))
    assert contents(paths) == [NEW, NEW]


def test_equal_bytes_are_not_written_at_all(files: list[Path]) -> None:
    inode = files[0].stat().st_ino
    write_all([Change(files[0], OLD, OLD), Change(files[1], OLD, NEW)])
    assert files[0].stat().st_ino == inode
    assert contents(files[:2]) == [OLD, NEW]


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o444, 0o4755], ids=oct)
def test_the_mode_is_kept(files: list[Path], mode: int) -> None:
    files[0].chmod(mode)
    write_all(changes(files[:1]))
    assert stat.S_IMODE(files[0].stat().st_mode) == mode


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_the_owner_is_kept(files: list[Path]) -> None:
    os.chown(files[0], 1234, 2345)
    files[0].chmod(0o4755)
    write_all(changes(files[:1]))
    about = files[0].stat()
    assert (about.st_uid, about.st_gid, stat.S_IMODE(about.st_mode)) == (1234, 2345, 0o4755)


def test_a_folder_may_be_reached_through_a_symbolic_link(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("one")
    write_all(changes([tmp_path / "link" / "a.js"]), links=True)
    assert files[0].read_bytes() == NEW


def _linked(path: Path) -> None:
    path.rename(path.with_name("real.js"))
    path.symlink_to("real.js")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        pytest.param(Path.unlink, InputError, "cannot be read: no such file or directory", id="missing"),
        pytest.param(_linked, InputError, "is a symbolic link", id="symbolic link"),
        pytest.param(_folder, InputError, "is not a regular file", id="folder"),
        pytest.param(_pipe, InputError, "is not a regular file", id="FIFO, which must not be waited for"),
        pytest.param(
            lambda path: path.write_bytes(b"odd\r\n"), PatchError, "has changed since it was read", id="changed"
        ),
        pytest.param(
            lambda path: path.write_bytes(OLD + b"x"), PatchError, "has changed since it was read", id="grown"
        ),
        pytest.param(lambda path: shutil.rmtree(path.parent), InputError, "cannot be read", id="folder removed"),
    ],
)
def test_one_bad_file_stops_all(
    files: list[Path], spoil: Callable[[Path], object], error: type[NodemendError], said: str
) -> None:
    todo = changes(files)
    spoil(files[3])
    with pytest.raises(error, match=said) as raised:
        write_all(todo)
    assert str(files[3].parent) in raised.value.message
    assert raised.value.message.endswith("; nothing was changed")
    assert contents(files[:2]) == [OLD] * 2
    assert not left_behind(files)


def test_a_file_named_twice_is_refused_however_it_is_spelled(files: list[Path]) -> None:
    again = files[0].parent / ".." / "one" / "a.js"
    with pytest.raises(InputError, match="is to be changed twice; nothing was changed"):
        write_all(changes([files[0], again]), links=True)
    assert contents(files) == [OLD] * 4


def test_a_name_with_a_line_feed_still_makes_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        write_all([Change(tmp_path / "a\nb\x1b[31m.js", OLD, NEW)])
    assert str(raised.value).isprintable()


@pytest.mark.skipif(os.getuid() == 0, reason="no folder is closed to root")
def test_a_folder_that_cannot_be_written_is_refused(files: list[Path]) -> None:
    files[3].parent.chmod(0o555)
    try:
        with pytest.raises(InputError, match="its folder is not writable; nothing was changed"):
            write_all(changes(files))
    finally:
        files[3].parent.chmod(0o755)
    assert contents(files) == [OLD] * 4


def _immutable(path: Path, on: bool) -> bool:
    tool = shutil.which("chattr")
    return tool is not None and not subprocess.run([tool, "+i" if on else "-i", path], capture_output=True).returncode


def test_a_rename_that_the_system_refuses_undoes_those_before_it(files: list[Path]) -> None:
    # An immutable file passes every check, root's too, and only the rename over it fails.
    if not _immutable(files[2], True):
        pytest.skip("this file system has no immutable files, or we may not make one")
    try:
        files[0].chmod(0o755)
        with pytest.raises(PatchError, match=r"a\.js: operation not permitted; nothing was changed"):
            write_all(changes(files))
    finally:
        _immutable(files[2], False)
    assert contents(files) == [OLD] * 4
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o755
    assert not left_behind(files)


class FailingReplace:
    """os.replace that fails on some of its calls: a disk that goes bad in the middle cannot be had for real."""

    def __init__(self, fails: dict[int, BaseException]) -> None:
        self.calls = 0
        self.fails = fails
        self.real = os.replace

    def __call__(self, source: Path, target: Path) -> None:
        self.calls += 1
        if self.calls in self.fails:
            raise self.fails[self.calls]
        self.real(source, target)


def _broken(path: Path) -> OSError:
    return OSError(errno.EIO, "Input/output error", "temp", None, os.fspath(path))


@pytest.mark.parametrize("number", [1, 2, 3, 4], ids="fails at file {}".format)
def test_a_failure_in_the_middle_leaves_every_file_as_it_was(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "replace", FailingReplace({number: _broken(files[number - 1])}))
    with pytest.raises(PatchError) as raised:
        write_all(changes(files))
    assert raised.value.message == f"{files[number - 1]}: input/output error; nothing was changed"
    assert contents(files) == [OLD] * 4
    assert not left_behind(files)


def test_an_interruption_puts_everything_back_and_is_passed_on(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", FailingReplace({3: KeyboardInterrupt()}))
    with pytest.raises(KeyboardInterrupt):
        write_all(changes(files))
    assert contents(files) == [OLD] * 4
    assert not left_behind(files)


def test_when_putting_back_fails_too_the_error_names_what_is_new(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Call 3 is the third file; 4 and 5 put the first two back, and 5 fails as well.
    monkeypatch.setattr(os, "replace", FailingReplace({3: _broken(files[2]), 5: _broken(files[1])}))
    with pytest.raises(PatchError) as raised:
        write_all(changes(files))
    assert raised.value.message == (
        f"{files[2]}: input/output error; putting back failed, so these hold the new bytes: "
        f"{files[1]} (input/output error); all others the old ones"
    )
    assert contents(files) == [OLD, NEW, OLD, OLD]
    assert not left_behind(files)


@pytest.mark.parametrize(
    ("meanwhile", "found"),
    [
        pytest.param(lambda path: path.write_bytes(b"theirs"), b"theirs", id="changed"),
        pytest.param(lambda path: path.write_bytes(NEW), NEW, id="given the same new bytes by another run"),
        pytest.param(lambda path: path.unlink(missing_ok=True), None, id="removed"),
        pytest.param(lambda path: shutil.rmtree(path.parent, ignore_errors=True), None, id="folder removed"),
    ],
)
def test_what_happens_between_the_first_check_and_the_renames_is_seen_and_left_alone(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Path], object], found: bytes | None
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        if files[3].parent.exists():
            meanwhile(files[3])

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(NodemendError, match="; nothing was changed"):
        write_all(changes(files))
    assert contents(files[:2]) == [OLD] * 2
    assert (files[3].read_bytes() if files[3].exists() else None) == found
    assert not left_behind(files)


def test_what_another_program_wrote_after_a_rename_is_not_put_back(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(FailingReplace):
        def __call__(self, source: Path, target: Path) -> None:
            if self.calls == 2:
                files[0].write_bytes(b"theirs")
            super().__call__(source, target)

    monkeypatch.setattr(os, "replace", Failing({3: _broken(files[2])}))
    with pytest.raises(PatchError):
        write_all(changes(files))
    assert contents(files) == [b"theirs", OLD, OLD, OLD]


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        shutil.which("mount")
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("no file system can be mounted here")
    try:
        paths = [disk / "a.js", disk / "b.js"]
        for path in paths:
            path.write_bytes(OLD)
        with pytest.raises(PatchError, match="no space left on device; nothing was changed"):
            write_all([Change(paths[0], OLD, NEW), Change(paths[1], OLD, b"x" * 1_000_000)])
        assert contents(paths) == [OLD, OLD]
        assert not left_behind(paths)
    finally:
        subprocess.run(["umount", disk], check=True)
