"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit in a project that vendors JavaScript."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

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
    args: [--node, "0.10"]
"""
VENDORED_ONLY = "    files: ^vendor/\n"
INSTALLED = "node_modules/old/lib/manager.js"

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
        files = VENDORED_ONLY if hook in ("nodemend", "nodemend-fix") else ""
        (tmp_path / ".pre-commit-config.yaml").write_text(text + files, "utf8")
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


# ---- what is installed


@pytest.fixture
def installed(request: pytest.FixtureRequest, hooked: Run, project: Project) -> Path:
    """A project whose node_modules, which git does not hold, has a leak; the hook is installed."""
    folder = project(getattr(request, "param", "nodemend-deps"), MENDED)
    manifest = '{"name": "old", "version": "0.9.13", "main": "lib/manager.js"}'
    files = {"node_modules/old/package.json": manifest.encode(), INSTALLED: LEAKING, ".gitignore": b"node_modules/\n"}
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "own/manager.js").write_bytes(MENDED)
    (folder / "package.json").write_text('{"name": "app", "private": true, "dependencies": {"old": "0.9.13"}}')
    locked = {"": {"dependencies": {"old": "0.9.13"}}, "node_modules/old": {"version": "0.9.13"}}
    lock = {"name": "app", "lockfileVersion": 3, "packages": locked}
    (folder / "package-lock.json").write_text(json.dumps(lock))
    succeed(hooked("pre-commit", "install", cwd=folder))
    return folder


def commit_all(hooked: Run, folder: Path) -> Done:
    succeed(hooked("git", "add", "--all", cwd=folder))
    return hooked("git", "commit", "--message", "next", cwd=folder)


def test_a_leaking_dependency_refuses_the_commit_and_a_mended_one_lets_it_pass(hooked: Run, installed: Path) -> None:
    done = commit_all(hooked, installed)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert f"{INSTALLED}:{STORE}:3: error upgrade-head-retained: " in said
    assert "came in by app > old" in said
    assert f"nodemend fix {INSTALLED}" in said
    assert "Traceback" not in said
    (installed / INSTALLED).write_bytes(MENDED)
    done = commit_all(hooked, installed)
    assert (done.returncode, "Passed" in (done.stdout + done.stderr).decode()) == (0, True)


@pytest.mark.parametrize("installed", ["nodemend-deps-fix"], indirect=True)
def test_the_fix_hook_for_dependencies_writes_a_patch_and_fails(hooked: Run, installed: Path) -> None:
    done = commit_all(hooked, installed)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert "wrote patches/old+0.9.13.patch: old@0.9.13 in node_modules/old (upgrade-head-retained)" in said
    assert "+  delete req.head;" in (installed / "patches/old+0.9.13.patch").read_text("utf8")
    assert (installed / INSTALLED).read_bytes() == LEAKING
    done = commit_all(hooked, installed)
    assert (done.returncode, "Passed" in (done.stdout + done.stderr).decode()) == (0, True)
    assert b"patches/old+0.9.13.patch" in hooked("git", "show", "--name-only", cwd=installed).stdout


def test_dependencies_are_not_looked_at_for_other_files(hooked: Run, installed: Path) -> None:
    for name in ("package.json", "package-lock.json", ".gitignore"):
        (installed / name).unlink()
    shutil.rmtree(installed / "node_modules")
    (installed / "own/manager.js").write_bytes(LEAKING + b"// more\n")
    done = commit_all(hooked, installed)
    said = (done.stdout + done.stderr).decode()
    assert (done.returncode, "(no files to check)Skipped" in said) == (0, True), said


@pytest.mark.parametrize(
    ("path", "triggers"),
    [
        pytest.param("package.json", True, id="package.json"),
        pytest.param("packages/a/package.json", True, id="of a workspace"),
        pytest.param("bun.lock", True, id="bun.lock"),
        pytest.param("sub/pnpm-lock.yaml", True, id="pnpm-lock.yaml"),
        pytest.param("patches/ws+1.0.0.patch", True, id="patch"),
        pytest.param("patches/@t/eol@1.0.0.patch", True, id="patch of a scoped package"),
        pytest.param(".yarn/patches/ws-npm-1.0.0-0123456789.patch", True, id="patch of Yarn"),
        pytest.param("my-package.json", False, id="another name"),
        pytest.param("lib/package.json.js", False, id="longer name"),
        pytest.param("dispatches/a.txt", False, id="another folder"),
    ],
)
def test_what_the_hook_for_dependencies_watches(path: str, triggers: bool) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf8"))
    patterns = [hook["files"] for hook in hooks if hook["id"] in ("nodemend-deps", "nodemend-deps-fix")]
    assert [bool(re.search(pattern, path)) for pattern in patterns] == [triggers, triggers]
