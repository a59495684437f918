"""Two hundred files at once, and everything that can go wrong with the machine: whole or untouched, each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linter.patch import unified
from linter.replace import PREFIX, Change, recover, write_all
from tests.conftest import Run
from tests.faults import Counter, killed

pytestmark = pytest.mark.slow

FAULTS = Path(__file__).with_name("faults.py")
FILES = 200
POINTS = 54


@pytest.fixture(scope="module")
def work() -> Iterator[Path]:
    """In memory where there is such a place: each run waits for the disk some four hundred times."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


def name(number: int) -> str:
    return f"node_modules/package-{number % 20}/lib/file-{number}.js"


def old(number: int) -> bytes:
    return b"".join(b"line %d of %d\r\n" % (line, number) for line in range(40))


def new(number: int) -> bytes:
    return old(number).replace(b"line 20 ", b"mended 20 ")


OLD = {name(number): old(number) for number in range(FILES)}
NEW = {name(number): new(number) for number in range(FILES)}
PATCH = b"".join(unified(path, OLD[path], NEW[path]) for path in OLD)


def project_in(work: Path, store: Path) -> Path:
    """A project whose files are hard links to a store, as those of a sibling project are."""
    folder = work / "project"
    shutil.rmtree(folder, ignore_errors=True)
    for path in OLD:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.link(store / path, folder / path)
    return folder


@pytest.fixture
def store(work: Path) -> Path:
    folder = work / "store"
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in OLD.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.fixture
def project(work: Path, store: Path) -> Path:
    return project_in(work, store)


def reset(project: Path, store: Path) -> None:
    """Makes each file the link to the store that it was."""
    for path in OLD:
        if not (project / path).samefile(store / path):
            (project / path).unlink()
            os.link(store / path, project / path)


def files(folder: Path) -> dict[str, bytes]:
    """Every file there is, and so none that was left behind."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def apply(project: Path, *arguments: str, dies_at: int | None = None) -> subprocess.CompletedProcess[bytes]:
    program = ["-m", "linter"] if dies_at is None else [str(FAULTS), str(dies_at)]
    line = [sys.executable, *program, "apply", "-q", *arguments]
    return subprocess.run(line, cwd=project, input=PATCH, capture_output=True, timeout=120)


def test_killed_anywhere_it_is_as_before_or_done(work: Path, store: Path) -> None:
    """Fifty-four points, evenly over all calls between the first and the last, each in a process of its own."""
    shutil.rmtree(work / "sibling", ignore_errors=True)
    sibling = project_in(work, store).rename(work / "sibling")
    project = project_in(work, store)
    changes = [Change(project / path, OLD[path], NEW[path]) for path in OLD]
    counter = Counter(0)
    with pytest.MonkeyPatch.context() as patch:
        counter.watch(patch.setattr)
        write_all(changes, root=project)
    assert files(project) == NEW
    assert counter.calls > FILES * 4
    outcomes = set()
    for point in range(POINTS):
        reset(project, store)
        assert killed(lambda: write_all(changes, root=project), at=1 + point * (counter.calls - 1) // (POINTS - 1))
        half = files(project)
        said = recover(project)
        found = files(project)
        assert found in (OLD, NEW)
        assert half == found or "was cut off" in said
        assert files(store) == files(sibling) == OLD
        outcomes.add((half == found, found == NEW))
    assert outcomes == {(True, False), (False, False), (False, True), (True, True)}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95], ids="{:.0%} of the way".format)
def test_after_a_kill_the_next_apply_puts_back_and_applies(project: Path, share: float) -> None:
    whole = apply(project, "--check", "-", dies_at=0)  # what is called before anything is written
    assert apply(project, "-", dies_at=int(whole.stderr) + int(FILES * 8.5 * share)).returncode == -9
    assert PREFIX in "".join(files(project))
    done = apply(project, "-")
    assert done.returncode == 0
    assert b"was cut off" in done.stderr
    assert files(project) == NEW


def test_two_at_once_never_mix(project: Path) -> None:
    line = [sys.executable, "-m", "linter", "apply", "-q", "-"]
    both = [subprocess.Popen(line, cwd=project, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    errors = []
    for run in both:
        assert run.stdin is not None
        run.stdin.write(PATCH)
        run.stdin.close()
    for run in both:
        assert run.stderr is not None
        errors.append(run.stderr.read().decode())
        run.stderr.close()
        assert run.wait() == (2 if errors[-1] else 0)
    assert "" in errors
    known = ("another nodemend is writing in", "has changed since it was read", "has changed meanwhile")
    assert [error for error in errors if error and not any(words in error for words in known)] == []
    assert files(project) == NEW


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    line = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(line, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up_anywhere_changes_nothing(work: Path) -> None:
    """Full at once, while the journal is written, and at each of many files: every file takes a page of the disk."""
    used = FILES * 4096
    sizes = [used + more * 4096 for more in (0, 30, 70, 160, 240)]
    for size in sizes:
        with disk(work / "disk", str(size)) as folder:
            for path, data in OLD.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
            done = apply(folder, "-")
            errors = done.stderr.decode()
            assert done.returncode == 2, size
            assert errors.count("\n") == 1
            assert errors.endswith("nothing was changed\n") or "nothing was changed (" in errors
            assert "no space left on device" in errors
            assert files(folder) == OLD


def test_a_file_that_changes_in_between_stops_all(project: Path, work: Path) -> None:
    """Somebody saves the last file while the new bytes of the others are put beside theirs."""
    last = project / sorted(OLD)[-1]
    line = [sys.executable, "-c", EDITED, str(last), "apply", "-q", "-"]
    done = subprocess.run(line, cwd=project, input=PATCH, capture_output=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert "has changed since it was read; nothing was changed" in done.stderr.decode()
    assert files(project) == OLD | {last.relative_to(project).as_posix(): b"saved by somebody"}
    assert not list(work.rglob(f"{PREFIX}*"))


EDITED = """
import os, sys
path, real = sys.argv.pop(1), os.fsync
def fsync(handle):
    real(handle)
    if os.path.exists(path):
        os.unlink(path)
        with open(path, "wb") as file:
            file.write(b"saved by somebody")
os.fsync = fsync
from linter.cli import main
main()
"""


def test_one_folder_that_takes_nothing_stops_all(project: Path, nodemend: Run) -> None:
    """Immutable for root too; others are stopped by the mode."""
    closed = project / "node_modules" / "package-19" / "lib"
    line = ["mount", "--bind", str(closed), str(closed)]
    if shutil.which("mount") is None or subprocess.run(line, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", closed], check=True, capture_output=True)
        done = nodemend("apply", "-", cwd=project, stdin=PATCH)
    finally:
        subprocess.run(["umount", closed], check=True)
    assert done.returncode == 2
    assert b"nothing was changed" in done.stderr
    assert files(project) == OLD
