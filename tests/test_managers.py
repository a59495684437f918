"""Patches as the real package managers apply them: written by nodemend, installed, and compared to the byte."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from linter.cli import nodemend
from linter.errors import NodemendError
from tests.clients import SUPPORTED, Client, bundled_patch_package
from tests.leaky import (
    BOTH,
    BY_HAND,
    CRLF,
    CRLF_MENDED,
    LEAK,
    MENDED,
    MOVED,
    MOVED_MENDED,
    ODD_MENDED,
    ODD_NAME,
    PACKAGES,
    RULE,
    SHORT_MENDED,
)
from tests.npm import FIXTURES, unpacked
from tests.registry import serving
from tests.transcripts import snippet, steady, steps

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SUPPORTED, reason="the clients are fetched for Linux on x64 only"),
]

DEPENDENCIES = {"@t/leak": "1.0.0", "crlf": "1.0.0", "leak": "1.0.0", "odd": "1.0.0", "outer": "1.0.0"}
CLIENTS = ["npm-12", "npm", "yarn-1", "pnpm-10", "pnpm-12", "yarn", "yarn-pnp", "bun"]
FILE = "lib/manager.js"


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    with serving({**PACKAGES, **bundled_patch_package()}) as address:
        yield address


@dataclass(frozen=True, slots=True)
class Work:
    """A project in use by one client."""

    client: Client
    pnp: bool

    @property
    def folder(self) -> Path:
        return self.client.project

    def nodemend(self, command: str, target: Path | None = None, code: int | None = 0) -> str:
        """What nodemend prints, on both streams; code=None: whatever it exits with."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("HOME", str(self.client.home))
            patched.setenv("npm_config_cache", str(self.client.home / ".npm"))
            # One rule: what patch-package itself is made of would be looked at by all of them.
            only = ["--select", RULE] if command.startswith("patch") else []
            done = CliRunner().invoke(nodemend, [*command.split(), *only, str(target or self.folder)])
        found = done.exception.exit_code if isinstance(done.exception, NodemendError) else done.exit_code
        assert code in (None, found), f"{command}: {found} {done.exception}\n{done.output}"
        return done.output

    def content(self, file: str, *, within: str = "", cwd: Path | None = None) -> bytes:
        """The bytes of a package's file as node finds it, from the project or from one of its packages."""
        script = (
            "const {createRequire: at} = require('module');"
            "let from = at(process.cwd() + '/x.js');"
            "const [file, within] = process.argv.slice(-2);"
            "if (within !== '-') from = at(from.resolve(within));"
            "console.log(require('fs').readFileSync(from.resolve(file)).toString('base64'));"
        )
        name = self.folder.parent / "read.js"
        name.write_text(script)
        arguments = [str(name), file, within or "-"]
        if self.pnp:
            printed = self.client.run("node", *arguments, cwd=cwd).stdout
        else:
            line = ["node", *arguments]
            printed = subprocess.run(line, cwd=cwd or self.folder, capture_output=True, text=True, check=True).stdout
        return base64.b64decode(printed)

    def reinstall(self) -> None:
        """Everything installed is removed, and installed again as the lockfile says."""
        for name in ("node_modules", ".pnp.cjs"):
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.client.install(frozen=True)

    def manifest(self, **changes: object) -> None:
        path = self.folder / "package.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}, indent=2) + "\n")


def work(tmp_path: Path, registry: str, name: str, dependencies: Mapping[str, str]) -> Work:
    """A project that depends on these packages, installed."""
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    home.mkdir(exist_ok=True)
    (folder / "nodemend.toml").write_text('node = "0.10"\n')
    manifest: dict[str, object] = {"name": "app", "version": "1.0.0", "private": True, "dependencies": dependencies}
    if name == "npm-12":
        manifest["packageManager"] = "npm@12.2.0"
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
    if name in ("yarn", "yarn-pnp"):
        (folder / ".yarnrc.yml").write_text(f"nodeLinker: {'pnp' if name == 'yarn-pnp' else 'node-modules'}\n")
        (folder / "yarn.lock").write_text("")
    found = Work(Client(name.removesuffix("-pnp"), folder, home, registry), name == "yarn-pnp")
    found.client.install()
    return found


@pytest.mark.parametrize("name", CLIENTS)
def test_plain_scoped_nested_crlf_and_two_versions(tmp_path: Path, registry: str, name: str) -> None:
    project = work(tmp_path, registry, name, DEPENDENCIES)
    before = (project.folder / "package.json").read_bytes()
    yarn = name in ("yarn", "yarn-pnp")
    said = project.nodemend("patch", code=2 if yarn else 0)
    assert ("crlf@1.0.0: its lines end in CRLF" in said) == yarn
    assert project.nodemend("verify", code=1).count("unpatched: ") == (4 if yarn else 5)
    project.client.install()
    written = (project.folder / "package.json").read_bytes()

    project.reinstall()
    assert project.content(f"leak/{FILE}") == MENDED
    assert project.content(f"@t/leak/{FILE}") == MENDED
    assert project.content(f"leak/{FILE}", within="outer") == MOVED_MENDED
    assert project.content(f"odd/{FILE}") == SHORT_MENDED
    assert project.content(f"odd/{ODD_NAME}") == ODD_MENDED
    assert project.content(f"crlf/{FILE}") == (CRLF if yarn else CRLF_MENDED)
    assert f"{4 if yarn else 5} mended, 0 not" in project.nodemend("verify")
    project.nodemend("patch", code=2 if yarn else 0)
    project.nodemend("update")
    assert (project.folder / "package.json").read_bytes() == written

    said = project.nodemend("revert")
    assert (project.folder / "package.json").read_bytes() == before
    if "rm -r node_modules" in said:
        shutil.rmtree(project.folder / "node_modules")
    project.client.install()
    assert project.content(f"leak/{FILE}") == LEAK
    assert project.content(f"leak/{FILE}", within="outer") == MOVED
    assert "no patches are kept here" in project.nodemend("verify")


def test_the_real_socket_io(tmp_path: Path) -> None:
    """From the registry of this machine: a package of 2012 and npm of today."""
    folder = Path(shutil.copytree(FIXTURES / "socket.io-0.9.13", tmp_path / "project"))
    project = Work(Client("npm-12", folder, tmp_path / "home", ""), pnp=False)
    project.client.must("install", "--ignore-scripts")
    project.nodemend("patch --manager npm")
    project.client.must("install", "--ignore-scripts")
    shutil.rmtree(folder / "node_modules")
    project.client.must("ci", "--ignore-scripts")
    assert "as released, and patches/socket.io@0.9.13.patch" in project.nodemend("verify")
    released = project.content("socket.io/lib/manager.js").replace(b"  delete req.head;\n", b"")
    assert released == (unpacked("socket.io", "0.9.13") / "lib" / "manager.js").read_bytes()
    assert project.content("socket.io/lib/manager.js") != released


@pytest.mark.parametrize("name", ["npm-12", "npm", "pnpm-10", "pnpm-12", "yarn", "bun"])
def test_a_patch_made_by_hand_is_kept_and_given_back(tmp_path: Path, registry: str, name: str) -> None:
    project = work(tmp_path, registry, name, {"leak": "1.0.0"})
    path = by_hand(project, name)
    project.client.install()
    assert project.content(f"leak/{FILE}") == BOTH.replace(b"  delete req.head;\n", b"")
    registered = (project.folder / "package.json").read_bytes()
    said = project.nodemend("patch")
    assert f"merged into {path}" in said
    assert "nothing to do" in project.nodemend("patch")
    if "rm -r node_modules" in said:
        shutil.rmtree(project.folder / "node_modules")
    project.client.install()
    project.reinstall()
    assert project.content(f"leak/{FILE}") == BOTH
    assert "1 mended, 0 not" in project.nodemend("verify")
    project.nodemend("revert")
    assert (project.folder / path).read_bytes() == given(name)
    assert (project.folder / "package.json").read_bytes() == registered


def given(name: str) -> bytes:
    """The patch as somebody made it for this client."""
    return (
        BY_HAND
        if name != "npm"
        else BY_HAND.replace(b"a/lib", b"a/node_modules/leak/lib").replace(b"b/lib", b"b/node_modules/leak/lib")
    )


def by_hand(project: Work, name: str) -> str:
    """Registers a patch as somebody would; where it is."""
    path = "patches/leak+1.0.0.patch" if name == "npm" else "patches/leak@1.0.0.patch"
    (project.folder / path).parent.mkdir(parents=True)
    (project.folder / path).write_bytes(given(name))
    if name == "npm":
        dependencies = {"leak": "1.0.0", "patch-package": "8.0.1"}
        project.manifest(scripts={"postinstall": "patch-package"}, dependencies=dependencies)
    elif name.startswith("yarn"):
        project.manifest(resolutions={"leak@npm:1.0.0": f"patch:leak@npm%3A1.0.0#~/{path}"})
    elif name.startswith("pnpm"):
        (project.folder / "pnpm-workspace.yaml").write_text(f"# ours\npatchedDependencies:\n  leak@1.0.0: {path}\n")
    else:
        project.manifest(patchedDependencies={"leak@1.0.0": path})
    return path


@pytest.mark.parametrize("name", ["npm-12", "pnpm-12", "yarn", "bun"])
def test_a_workspace(tmp_path: Path, registry: str, name: str) -> None:
    project = work(tmp_path, registry, name, {"leak": "1.0.0"})
    member = project.folder / "packages" / "member"
    member.mkdir(parents=True)
    needs = {"leak": "1.2.0", "@t/leak": "1.0.0"}
    manifest = {"name": "member", "version": "1.0.0", "private": True, "dependencies": needs}
    (member / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
    (member / "own.js").write_bytes(LEAK)
    project.manifest(workspaces=["packages/*"])
    if name.startswith("pnpm"):
        (project.folder / "pnpm-workspace.yaml").write_text("packages:\n  - packages/*  # all\n")
    project.client.install()
    said = project.nodemend("patch", member)  # from inside of a member, whose own code is left alone
    assert "own.js: not installed; fix --write" in said
    project.client.install()
    project.reinstall()
    assert project.content(f"leak/{FILE}") == MENDED
    assert project.content(f"leak/{FILE}", cwd=member) == MOVED_MENDED
    assert project.content(f"@t/leak/{FILE}", cwd=member) == MENDED
    assert "3 mended, 0 not" in project.nodemend("verify")
    assert (member / "own.js").read_bytes() == LEAK


@pytest.mark.parametrize("name", ["pnpm-10", "pnpm-12"])
def test_the_store_of_pnpm_and_other_projects_stay_as_they_are(tmp_path: Path, registry: str, name: str) -> None:
    (tmp_path / "home").mkdir()
    sibling = work(tmp_path / "home", registry, name, {"leak": "1.0.0"})
    project = work(tmp_path, registry, name, {"leak": "1.0.0"})
    sibling = Work(Client(name, sibling.folder, project.client.home, registry), pnp=False)
    sibling.reinstall()
    theirs = sibling.folder / "node_modules" / "leak" / FILE
    assert theirs.stat().st_ino == (project.folder / "node_modules" / "leak" / FILE).stat().st_ino
    store = project.client.home / ".local" / "share" / "pnpm" / "store"
    before = files(store)
    project.nodemend("patch")
    assert files(store) == before
    project.client.install()
    assert project.content(f"leak/{FILE}") == MENDED
    assert theirs.read_bytes() == LEAK
    after = files(store)
    assert {path: after[path] for path in before} == before
    sibling.reinstall()
    assert theirs.read_bytes() == LEAK


def files(folder: Path) -> dict[str, bytes]:
    """The content files of pnpm's store, which are named after their hashes; its indexes are its own affair."""
    return {str(path): path.read_bytes() for path in folder.glob("*/files/**/*") if path.is_file()}


@pytest.mark.parametrize("name", ["npm-12", "npm", "pnpm-12", "yarn", "bun"])
def test_an_upgrade(tmp_path: Path, registry: str, name: str) -> None:
    project = work(tmp_path, registry, name, {"leak": "1.0.0"})
    project.nodemend("patch")
    project.client.install()
    for version, verdict, expected in (("1.2.0", "renewed", MOVED_MENDED), ("1.1.0", "obsolete", MENDED)):
        kept = {"patch-package": "^8.0.1"} if name == "npm" else {}
        project.manifest(dependencies={**kept, "leak": version})
        project.client.run(*UPGRADE[name])
        assert "stale: " in project.nodemend("verify", code=1)
        assert verdict in project.nodemend("update")
        project.client.install()
        assert project.content(f"leak/{FILE}") == expected
        project.nodemend("verify")
    assert not list(project.folder.glob("**/*leak*.patch"))


# How each is told to go on although a patch is for a version that is gone; docs/patches/README.md has the same words.
UPGRADE = {
    "npm-12": ("install", "--allow-unused-patches"),
    "npm": ("install", "--ignore-scripts"),
    "pnpm-12": ("install", "--no-frozen-lockfile", "--config.allowUnusedPatches=true"),
    "yarn": ("install",),
    "bun": ("install",),
}


@pytest.mark.parametrize(
    ("name", "page", "file"),
    [
        ("npm-12", "npm.md", "package.json"),
        ("npm", "patch-package.md", "package.json"),
        ("pnpm-12", "pnpm.md", "pnpm-workspace.yaml"),
        ("yarn-pnp", "yarn.md", "package.json"),
        ("bun", "bun.md", "package.json"),
    ],
)
def test_the_page_shows_what_happens(tmp_path: Path, registry: str, name: str, page: str, file: str) -> None:
    project = work(tmp_path, registry, name, {"leak": "1.0.0"})
    for command, output in steps(page):
        program, *arguments = command.split()
        if program == "nodemend":
            assert steady(project.nodemend(" ".join(arguments), code=None)) == output, command
        else:
            project.client.must(*arguments)
        if command.startswith("nodemend patch"):
            lines = [line.strip() for line in (project.folder / file).read_text().split("\n")]
            assert [line for line in snippet(page) if line not in lines] == []
