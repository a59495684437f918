"""The fetching of real packages: what comes is what was settled, or nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import npm

NAME, VERSION = "socket.io", "0.9.13"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a copy of packages.json to change."""
    monkeypatch.setattr(npm, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(npm, "PACKAGES", Path(shutil.copy(npm.PACKAGES, tmp_path)))
    return tmp_path


def test_a_tarball_that_is_not_the_settled_one_is_refused(elsewhere: Path) -> None:
    rows = json.loads(npm.PACKAGES.read_text("utf8"))
    wrong = next(row["integrity"] for row in rows if row["version"] == "0.9.14")
    npm.PACKAGES.write_text(json.dumps([{"name": NAME, "version": VERSION, "integrity": wrong}]), "utf8")
    with pytest.raises(npm.NpmError, match=r"^socket.io@0.9.13: sha512-\S+ came, but sha512-\S+ is settled$"):
        npm.fetch(NAME, VERSION)
    assert list((elsewhere / "cache" / "packages").iterdir()) == []


def test_a_damaged_tarball_in_the_cache_is_fetched_again(elsewhere: Path) -> None:
    damaged = elsewhere / "cache" / "packages" / f"{NAME}-{VERSION}.tgz"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"half a downl")
    assert npm.fetch(NAME, VERSION) == damaged
    assert (npm.unpacked(NAME, VERSION) / "lib" / "manager.js").is_file()


def test_what_is_in_the_cache_needs_no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    first = npm.fetch(NAME, VERSION), npm.unpacked(NAME, VERSION), npm.tree("socket.io-0.9.13")
    monkeypatch.setenv("PATH", "")
    assert (npm.fetch(NAME, VERSION), npm.unpacked(NAME, VERSION), npm.tree("socket.io-0.9.13")) == first


def test_a_version_that_is_not_settled_says_how_to_settle_it() -> None:
    with pytest.raises(npm.NpmError, match=r"run python -m tests\.npm add socket\.io@0\.9\.99$"):
        npm.fetch(NAME, "0.9.99")


@pytest.mark.usefixtures("elsewhere")
def test_a_version_that_does_not_exist_is_one_clear_failure() -> None:
    with pytest.raises(npm.NpmError, match=r"^npm pack --json socket\.io@0\.9\.99 failed:"):
        npm.add([(NAME, "0.9.99")])
    assert "0.9.99" not in npm.PACKAGES.read_text("utf8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["add", "socket.io"], "'socket.io' is not NAME@VERSION", id="no-version"),
        pytest.param(["add", "socket.io@^0.9.0"], "with an exact version", id="a-range"),
        pytest.param([], "python -m tests.npm add", id="nothing"),
    ],
)
def test_a_wrong_command_line_says_what_is_right(arguments: list[str], message: str) -> None:
    line = [sys.executable, "-m", "tests.npm", *arguments]
    done = subprocess.run(line, cwd=npm.ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2)
    assert message in done.stderr
