"""The cache under several processes at once, and under processes that are killed: the same report, each time."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linter.cache.place import DATABASE
from linter.cache.store import Store, Tree
from tests.conftest import Run

pytestmark = pytest.mark.slow

PACKAGES = 60
KEYS = [bytes([number]) * 32 for number in range(8)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that is old enough to be trusted."""
    at = tmp_path_factory.mktemp("tree")
    for number in range(PACKAGES):
        folder = at / "node_modules" / f"p{number}"
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(f'{{"name": "p{number}", "version": "1.0.0"}}')
        (folder / "index.js").write_text(f"module.exports = new Buffer({number % 7} + n);\n" * 9)
    time.sleep(2.1)
    return at


def command(tree: Path, cache: Path | None) -> list[str]:
    where = ["--cache", str(cache)] if cache else ["--no-cache"]
    options = ["--jobs", "1", "--select", "new-buffer", "--format", "jsonl", "--fail-on", "never"]
    return [sys.executable, "-m", "linter", "check", *options, *where, str(tree)]


@pytest.fixture(scope="module")
def plain(tree: Path, run: Run) -> bytes:
    done = run(*command(tree, None))
    assert (done.returncode, done.stderr, done.stdout.count(b"new-buffer") > PACKAGES) == (0, b"", True)
    return done.stdout


def findings(report: bytes) -> list[bytes]:
    """The lines that do not tell the time."""
    return [line for line in report.split(b"\n") if b'"seconds"' not in line]


def whole(cache: Path) -> bool:
    with sqlite3.connect(cache / DATABASE) as db:
        answer = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return bool(answer == "ok")


def test_scans_killed_anywhere_leave_a_cache_that_serves(tree: Path, plain: bytes, tmp_path: Path, run: Run) -> None:
    """One after the other on one cache, each killed a little later than the one before."""
    cache = tmp_path / "cache"
    begun = time.monotonic()
    assert findings(run(*command(tree, tmp_path / "other")).stdout) == findings(plain)
    lasts = time.monotonic() - begun
    killed = 0
    for point in range(24):
        with subprocess.Popen(command(tree, cache), stdout=subprocess.DEVNULL) as process:
            time.sleep(lasts * (0.3 + point / 24))
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
    assert killed
    for _ in range(2):
        done = run(*command(tree, cache))
        assert (findings(done.stdout), done.stderr) == (findings(plain), b"")
    assert whole(cache)


def test_writers_killed_anywhere_leave_whole_rows(tmp_path: Path) -> None:
    """Sixty processes that do nothing but write, killed in it: what a row holds is one of the things written."""
    random.seed(7)
    store = Store(tmp_path, 8 << 20)
    for _ in range(60):
        child = os.fork()
        if not child:
            while True:
                data = random.randbytes(1) * random.randrange(1, 90_000)
                store.keep([(key, data) for key in KEYS], [(KEYS[0], Tree("", data, data, data, data))])
        time.sleep(random.uniform(0.005, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        rows = [store.work(key) for key in KEYS]
        assert len({row[:1] + row[-1:] for row in rows if row}) <= 1
        kept = store.tree(KEYS[0])
        assert kept is None or {*kept[0].parts} == {rows[0]}
    assert all(store.work(key) for key in KEYS)
    store.close()
    assert whole(tmp_path)


def test_scans_at_once_give_one_report(tree: Path, plain: bytes, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    pipe = subprocess.PIPE
    for _ in range(3):
        runs = [subprocess.Popen(command(tree, cache), stdout=pipe, stderr=pipe) for _ in range(6)]
        for process in runs:
            said, errors = process.communicate()
            assert (process.returncode, errors) == (0, b"")
            assert findings(said) == findings(plain)
    assert whole(cache)
    figures = dict(Store(cache).contents().figures)
    assert figures["scans"] == 18
    assert figures["unchanged"] >= 12 * PACKAGES


def test_a_disk_that_is_full_costs_the_cache_alone(tree: Path, plain: bytes, tmp_path: Path, run: Run) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    for size in (4, 16, 40, 80):
        line = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)]
        if shutil.which("mount") is None or subprocess.run(line, capture_output=True).returncode:
            pytest.skip("no file system can be mounted here")
        try:
            for _ in range(2):
                done = run(*command(tree, disk / "cache"))
                assert (done.returncode, findings(done.stdout)) == (0, findings(plain))
                assert done.stderr.startswith(b"nodemend: without the cache: ")
                assert done.stderr.count(b"\n") == 1
        finally:
            subprocess.run(["umount", disk], check=True)
