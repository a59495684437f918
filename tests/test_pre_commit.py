"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in a project that vendors JavaScript."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done, Run
from tests.npm import ROOT

# One worker for all of them: installing the hooks takes longer than running them.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pre-commit")]

LEAKING = b"""\
function Manager(server) {
  var self = this;
  server.on('upgrade', function (req, socket, head) {
    self.handleUpgrade(req, socket, head);
  });
}

Manager.prototype.handleUpgrade = function (req, socket, head) {
  req.head = head;
  this.handleClient(req);
};
"""
MENDED = LEAKING.replace(b"  this.handleClient(req);\n", b"  this.handleClient(req);\n  delete req.head;\n")
STORE = LEAKING.split(b"\n").index(b"  req.head = head;") + 1
VENDORED = "vendor/manager.js"

CONFIGURATION = """\
repos:
- repo: {repository}
  rev: {revision}
  hooks:
  - id: {hook}
    files: ^vendor/
    args: [--node, "0.10"]
"""

Project = Callable[[str, bytes], Path]  # hook, content of the vendored file


def succeed(done: Done) -> str:
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def repository(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what this work tree would commit now, for a change is tried before it is committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git work tree, so there is no saying which files belong to it")
    clone = tmp_path_factory.mktemp("nodemend")
    listed = succeed(run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT))
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # not deleted in the work tree
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    commit(run, clone)
    return clone


def commit(run: Run, folder: Path) -> None:
    succeed(run("git", "init", "--quiet", cwd=folder))
    succeed(run("git", "add", "--all", cwd=folder))
    succeed(run("git", "commit", "--quiet", "--message", "as it stands", cwd=folder))


@pytest.fixture
def project(run: Run, repository: Path, tmp_path: Path) -> Project:
    """Makes a project that vendors one file, and one elsewhere that leaks too but is not the hook's business."""

    def make(hook: str, vendored: bytes) -> Path:
        revision = succeed(run("git", "rev-parse", "HEAD", cwd=repository))
        text = CONFIGURATION.format(repository=repository, revision=revision, hook=hook)
        (tmp_path / ".pre-commit-config.yaml").write_text(text, "utf8")
        for name, data in {VENDORED: vendored, "own/manager.js": LEAKING}.items():
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).write_bytes(data)
        commit(run, tmp_path)
        return tmp_path

    return make


@pytest.fixture(scope="module")
def hooked(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a program with a cache of its own for pre-commit."""
    home = tmp_path_factory.mktemp("pre-commit-home")

    def hooked(*arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"") -> Done:
        return run("env", f"PRE_COMMIT_HOME={home}", *arguments, cwd=cwd, stdin=stdin)

    return hooked


def test_the_manifest_is_valid(run: Run) -> None:
    succeed(run("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"))


@pytest.mark.parametrize("hook", ["nodemend", "nodemend-fix"])
def test_a_clean_file_passes(hooked: Run, project: Project, hook: str) -> None:
    folder = project(hook, MENDED)
    assert "Passed" in succeed(hooked("pre-commit", "run", "--all-files", cwd=folder))
    assert (folder / VENDORED).read_bytes() == MENDED


def test_a_leaking_file_fails_with_rule_and_line(hooked: Run, project: Project) -> None:
    folder = project("nodemend", LEAKING)
    done = hooked("pre-commit", "run", "--all-files", cwd=folder)
    said = done.stdout.decode()
    assert done.returncode == 1
    assert f"{VENDORED}:{STORE}:3: error upgrade-head-retained: " in said
    assert "own/manager.js" not in said
    assert (folder / VENDORED).read_bytes() == LEAKING


def test_the_fix_hook_mends_and_the_second_run_passes(hooked: Run, project: Project) -> None:
    folder = project("nodemend-fix", LEAKING)
    first = hooked("pre-commit", "run", "--all-files", cwd=folder)
    assert first.returncode == 1
    assert f"mended {VENDORED} (upgrade-head-retained)" in first.stdout.decode()
    assert (folder / VENDORED).read_bytes() == MENDED
    assert (folder / "own/manager.js").read_bytes() == LEAKING
    assert "Passed" in succeed(hooked("pre-commit", "run", "--all-files", cwd=folder))


def test_a_commit_with_a_leaking_file_is_refused(hooked: Run, project: Project) -> None:
    folder = project("nodemend", MENDED)
    succeed(hooked("pre-commit", "install", cwd=folder))
    (folder / VENDORED).write_bytes(LEAKING)
    done = hooked("git", "commit", "--all", "--message", "worse", cwd=folder)
    assert done.returncode == 1
    assert b"upgrade-head-retained" in done.stdout + done.stderr
    assert succeed(hooked("git", "rev-list", "--count", "HEAD", cwd=folder)) == "1"
