"""Patches that stay, as far as no package manager is needed: their text, where they go, verify, update, revert."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from linter.cli import nodemend
from linter.errors import ConfigError, NodemendError, PatchError
from linter.json_text import with_value, without
from linter.keepers import choose, project_at
from linter.keepers.keeper import Copy
from linter.keepers.patch_package import PatchPackage
from linter.keepers.pins import old_npm
from linter.keepers.table import BUN, NPM, PNPM
from linter.keepers.yarn import Yarn
from linter.locked import load
from linter.patch import diff, printed
from linter.rule import Rule, load_rules
from linter.upkeep import attributes
from linter.upkeep.document import Document, Hashes, chain, parse, sha256, undone
from tests.leaky import BOTH, BY_HAND, CRLF, FIX, LEAK, MENDED, MOVED, MOVED_MENDED, PACKAGES, RULE
from tests.registry import integrity, tarball
from tests.transcripts import steps

FILE = "lib/manager.js"
Nodemend = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without caches."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("npm_config_cache", "NPM_CONFIG_CACHE", "YARN_CACHE_FOLDER", "YARN_GLOBAL_FOLDER"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    return load_rules()


@pytest.fixture
def run(home: Path, tmp_path: Path, rules: tuple[Rule, ...], monkeypatch: pytest.MonkeyPatch) -> Nodemend:
    """Runs nodemend on the project; what it prints on both streams."""
    del home
    # The pages take longer to read than all the rest: they are read once.
    monkeypatch.setattr("linter.rule.load_rules", lambda *_: rules)

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(nodemend, [arguments[0], str(tmp_path / "app"), *arguments[1:]])
        error = done.exception
        found = error.exit_code if isinstance(error, NodemendError) else done.exit_code
        assert found == code, f"{arguments}: {found} {error!r}\n{done.output}"
        return done.output + (str(error) if isinstance(error, NodemendError) else "")

    return run


def install(folder: Path, *specs: tuple[str, str], at: str = "node_modules") -> None:
    """Lays packages as npm would, each as released."""
    for name, version in specs:
        for file, data in PACKAGES[name, version].items():
            path = folder / at / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def app(tmp_path: Path, **manifest: object) -> Path:
    """A project for Node 0.10 with npm's lockfile, which has leak 1.0.0."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "nodemend.toml").write_text('node = "0.10"\n')
    content = {"name": "app", "version": "1.0.0", "private": True, "dependencies": {"leak": "1.0.0"}, **manifest}
    (folder / "package.json").write_text(json.dumps(content, indent=2) + "\n")
    install(folder, ("leak", "1.0.0"))
    lock(folder, {"node_modules/leak": ("leak", "1.0.0")})
    return folder


def lock(folder: Path, packages: dict[str, tuple[str, str]], **more: object) -> None:
    rows = {
        at: {"version": version, "integrity": integrity(tarball(PACKAGES[name, version])), **more}
        for at, (name, version) in packages.items()
    }
    (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": {"": {}, **rows}}))


def native(tmp_path: Path) -> Path:
    """A project whose npm patches by itself."""
    return app(tmp_path, packageManager="npm@12.2.0")


def cached(home: Path, name: str, version: str) -> Path:
    """Puts the released tarball where npm keeps it."""
    data = tarball(PACKAGES[name, version])
    digest = base64.b64decode(integrity(data).partition("-")[2]).hex()
    path = home / ".npm" / "_cacache" / "content-v2" / "sha512" / digest[:2] / digest[2:4] / digest[4:]
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def applied(folder: Path, data: bytes = MENDED) -> None:
    (folder / "node_modules" / "leak" / FILE).write_bytes(data)


# -- the text of a patch ----------------------------------------------------------------------


def test_the_text_has_a_banner_and_the_form_that_all_take(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    run("patch")
    text = (folder / "patches" / "leak@1.0.0.patch").read_bytes()
    head, body = text[: text.index(b"diff --git")], text[text.index(b"diff --git") :]
    assert head.decode().split("\n") == [
        f"# nodemend 0.1.0: {RULE}",
        f"# package: leak@1.0.0 {integrity(tarball(PACKAGES['leak', '1.0.0']))}",
        f"# sha256 {sha256(LEAK)} -> {sha256(MENDED)} {FILE}",
        "",
    ]
    assert body == printed(diff(FILE, LEAK, MENDED))
    assert text.endswith(b"\n")
    assert not text.endswith(b"\n\n")
    assert b"\r" not in text


def test_git_takes_the_text(tmp_path: Path, run: Nodemend, environment: dict[str, str]) -> None:
    folder = native(tmp_path)
    run("patch")
    line = ["git", "apply", "../../patches/leak@1.0.0.patch"]
    subprocess.run(line, cwd=folder / "node_modules" / "leak", check=True, env={**environment})
    assert (folder / "node_modules" / "leak" / FILE).read_bytes() == MENDED


def test_cr_stays_in_the_body_only() -> None:
    patch = diff(FILE, CRLF, MENDED.replace(b"\n", b"\r\n"))
    text = Document((RULE,), "crlf@1.0.0", "", (patch,), {FILE: Hashes(sha256(CRLF), "0" * 64)}).text()
    assert [line for line in text.split(b"\n") if line.endswith(b"\r") and line[:1] not in (b" ", b"+", b"-")] == []
    assert b"+  delete req.head;\r\n" in text


@pytest.mark.parametrize("theirs", [b"", BY_HAND, b"# why\n" + BY_HAND, b"# sha256 but not ours\n" + BY_HAND])
def test_a_document_is_read_as_it_was_written(theirs: bytes) -> None:
    hashes = {FILE: Hashes(sha256(LEAK), sha256(MENDED))}
    document = Document((RULE, "other-rule"), "@t/leak@1.0.0", "sha512-x", (diff(FILE, LEAK, MENDED),), hashes, theirs)
    assert parse(document.text()) == document


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), "CRLF", id="crlf"),
        pytest.param(lambda text: text[: text.index(b"diff")], "fewer files", id="cut"),
        pytest.param(
            lambda text: text.replace(b"a/lib/m", b"a/lib/n").replace(b"b/lib/m", b"b/lib/n"), "not those", id="n"
        ),
        pytest.param(lambda text: text.replace(b"@@ -5,6", b"@@ -5,7"), "counts|hunk", id="counts"),
    ],
)
def test_a_damaged_document_is_refused(change: Callable[[bytes], bytes], why: str) -> None:
    hashes = {FILE: Hashes(sha256(LEAK), sha256(MENDED))}
    text = Document((RULE,), "leak@1.0.0", "", (diff(FILE, LEAK, MENDED),), hashes).text()
    assert change(text) != text
    with pytest.raises(PatchError, match=why):
        parse(change(text))


def test_what_was_done_can_be_undone() -> None:
    patches = [diff(FILE, LEAK, MENDED), diff(FILE, MENDED, BOTH)]
    assert chain(patches, LEAK) == BOTH
    assert undone(patches, BOTH) == LEAK
    with pytest.raises(PatchError):
        undone(patches, MENDED)


# -- which manager ----------------------------------------------------------------------------


def choice(folder: Path, manager: str = "", npm: int = 0) -> str:
    keeper = choose(project_at(folder), manager, lambda: npm)
    return f"{keeper.name} {type(keeper).__name__}"


def bare(tmp_path: Path, files: dict[str, str], **manifest: object) -> Path:
    folder = tmp_path / "bare"
    folder.mkdir()
    for name, text in {"package.json": json.dumps({"private": True, **manifest}), **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


BERRY = "__metadata:\n  version: 8\n"
LOCK3, LOCK4 = '{"lockfileVersion": 3, "packages": {}}', '{"lockfileVersion": 4, "packages": {}}'


@pytest.mark.parametrize(
    ("files", "manifest", "npm", "expected"),
    [
        pytest.param({"package-lock.json": LOCK3}, {}, 11, "patch-package PatchPackage", id="npm-11"),
        pytest.param({"package-lock.json": LOCK3}, {}, 12, "npm TableKeeper", id="npm-12-installed"),
        pytest.param({"package-lock.json": LOCK4}, {}, 0, "npm TableKeeper", id="lockfile-4"),
        pytest.param({"package-lock.json": LOCK3}, {"packageManager": "npm@12.0.1"}, 0, "npm TableKeeper", id="named"),
        pytest.param(
            {"package-lock.json": LOCK3}, {"packageManager": "npm@11.2.0"}, 12, "patch-package PatchPackage", id="11"
        ),
        pytest.param(
            {"package-lock.json": LOCK3},
            {"scripts": {"postinstall": "patch-package"}},
            12,
            "patch-package PatchPackage",
            id="patch-package-in-use",
        ),
        pytest.param({"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, {}, 0, "pnpm WorkspaceKeeper", id="pnpm"),
        pytest.param(
            {"pnpm-lock.yaml": "lockfileVersion: '6.0'\n"},
            {"packageManager": "pnpm@9.1.0"},
            0,
            "pnpm TableKeeper",
            id="pnpm-9",
        ),
        pytest.param({"yarn.lock": BERRY}, {}, 0, "yarn Yarn", id="yarn-4"),
        pytest.param({"yarn.lock": "# yarn lockfile v1\n"}, {}, 0, "patch-package PatchPackage", id="yarn-1"),
        pytest.param({"bun.lock": '{"lockfileVersion": 1, "packages": {},}'}, {}, 0, "bun TableKeeper", id="bun"),
        pytest.param(
            {},
            {"devEngines": {"packageManager": {"name": "pnpm", "version": "12.x"}}},
            0,
            "pnpm WorkspaceKeeper",
            id="dev-engines",
        ),
        pytest.param({"node_modules/.modules.yaml": "a: 1\n"}, {}, 0, "pnpm WorkspaceKeeper", id="only-installed"),
    ],
)
def test_the_manager_in_use_is_chosen(
    tmp_path: Path, files: dict[str, str], manifest: dict[str, object], npm: int, expected: str
) -> None:
    assert choice(bare(tmp_path, files, **manifest), npm=npm) == expected


@pytest.mark.parametrize(
    ("files", "manifest", "where"),
    [
        pytest.param({}, {"engines": {"npm": ">=10"}}, "engines.npm is '>=10'", id="engines"),
        pytest.param(
            {".github/workflows/ci.yml": "a: 1\nrun: npm i -g npm@11\n"}, {}, "ci.yml:2 has npm 11", id="workflow"
        ),
        pytest.param(
            {".github/workflows/ci.yml": "with:\n  node-version: '22'\n"}, {}, "ci.yml:2 has Node 22", id="node"
        ),
        pytest.param({"Dockerfile": "FROM node:20-slim\n"}, {}, "Dockerfile:1 has Node 20", id="docker"),
        pytest.param({".nvmrc": "v22.3.0\n"}, {}, ".nvmrc:1 has Node 22", id="nvmrc"),
    ],
)
def test_npm_is_refused_where_an_older_one_is_pinned(
    tmp_path: Path, files: dict[str, str], manifest: dict[str, object], where: str
) -> None:
    folder = bare(tmp_path, {"package-lock.json": LOCK4, **files}, **manifest)
    assert where in old_npm(project_at(folder))[0]
    for manager in ("", "npm"):
        with pytest.raises(ConfigError, match=r"installs patchedDependencies unpatched.*--manager patch-package"):
            choice(folder, manager)
    assert choice(folder, "patch-package") == "patch-package PatchPackage"


def test_npm_is_refused_where_an_older_one_is_installed(tmp_path: Path) -> None:
    folder = bare(tmp_path, {"package-lock.json": LOCK3}, patchedDependencies={"a@1.0.0": "patches/a.patch"})
    with pytest.raises(ConfigError, match="npm 11 is installed here, and npm before 12 installs"):
        choice(folder, npm=11)
    assert choice(folder, npm=12) == "npm TableKeeper"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {".github/workflows/ci.yml": "node-version: 20\nrun: npm i -g npm@12.2.0\n"}, id="npm-is-replaced"
        ),
        pytest.param({"Dockerfile": "FROM node:26\n"}, id="a-node-of-which-nothing-is-claimed"),
        pytest.param({"notes.yml": "node-version: 20\n"}, id="no-ci-file"),
    ],
)
def test_nothing_else_pins_an_older_npm(tmp_path: Path, files: dict[str, str]) -> None:
    assert old_npm(project_at(bare(tmp_path, {"package-lock.json": LOCK4, **files}, engines={"npm": "^12"}))) == []


def test_no_manager_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"say which package manager is used \(run an install first, or give --manager"
    ):
        choice(bare(tmp_path, {}))


@pytest.mark.parametrize(
    ("keeper", "at", "expected"),
    [
        pytest.param(NPM, "node_modules/@t/leak", "patches/@t/leak@1.0.0.patch", id="npm"),
        pytest.param(PNPM, "node_modules/@t/leak", "patches/@t__leak@1.0.0.patch", id="pnpm"),
        pytest.param(BUN, "node_modules/@t/leak", "patches/@t%2Fleak@1.0.0.patch", id="bun"),
        pytest.param(PatchPackage(), "node_modules/@t/leak", "patches/@t+leak+1.0.0.patch", id="patch-package"),
        pytest.param(
            PatchPackage(),
            "node_modules/@t/mid/node_modules/@t/leak",
            "patches/@t+mid++@t+leak+1.0.0.patch",
            id="nested",
        ),
    ],
)
def test_the_file_is_called_what_the_manager_would_call_it(keeper: PatchPackage, at: str, expected: str) -> None:
    assert keeper.place(keeper.unit(Copy("@t/leak", "1.0.0", at))) == expected


def test_yarn_takes_any_name_but_has_a_style() -> None:
    unit = Yarn().unit(Copy("@t/leak", "1.0.0", "node_modules/@t/leak"))
    assert re.fullmatch(r"\.yarn/patches/@t-leak-npm-1\.0\.0-[0-9a-f]{10}\.patch", Yarn().place(unit))


# -- what cannot be patched -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keeper", "copy", "why"),
    [
        pytest.param(PatchPackage(), Copy("a", "1.0.0", "packages/b/node_modules/a"), "reaches only", id="workspace"),
        pytest.param(PatchPackage(), Copy("a", "1.0.0+b", "node_modules/a"), "knows no version", id="build-metadata"),
        pytest.param(
            NPM, Copy("a", "1.0.0", "node_modules/b/node_modules/a", bundled=True), "came inside", id="bundled"
        ),
        pytest.param(Yarn(), Copy("a", "1.0.0", "node_modules/b/node_modules/a", bundled=True), "came inside", id="y"),
    ],
)
def test_a_copy_out_of_reach_is_refused(keeper: PatchPackage, copy: Copy, why: str) -> None:
    with pytest.raises(NodemendError, match=why):
        keeper.unit(copy)


def test_code_from_elsewhere_is_refused(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    lock(folder, {"node_modules/leak": ("leak", "1.0.0")}, resolved="git+ssh://git@example.invalid/leak.git#abc")
    assert "node_modules/leak: not from a registry (mend it where it comes from)" in run("patch", code=2)
    assert not (folder / "patches").exists()


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    applied(folder, LEAK + b"// \xff\n")
    assert "not UTF-8, which no package manager patches to the byte" in run("patch", code=2)
    assert not (folder / "patches").exists()


def test_a_name_that_only_git_reads_is_refused(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    (folder / "node_modules" / "leak" / FILE).rename(folder / "node_modules" / "leak" / 'lib"x.js')
    assert "has a character in its name that only git reads back" in run("patch", code=2)
    assert not (folder / "patches").exists()


def test_own_code_is_left_and_the_alternative_named(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    (folder / "own.js").write_bytes(LEAK)
    assert "own.js: not installed; fix --write mends it, patch --dir keeps a patch of it" in run("patch")
    assert (folder / "patches" / "leak@1.0.0.patch").is_file()  # what can be kept is


def test_a_published_package_gets_no_postinstall(tmp_path: Path, run: Nodemend) -> None:
    folder = app(tmp_path, private=False)
    before = (folder / "package.json").read_bytes()
    assert "would run where others install it" in run("patch", "--manager", "patch-package", code=2)
    assert (folder / "package.json").read_bytes() == before
    assert not (folder / "patches").exists()


def test_copies_that_differ_are_refused(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    install(folder, ("leak", "1.0.0"), at="node_modules/b/node_modules")
    (folder / "node_modules" / "b" / "package.json").write_text('{"name": "b", "version": "1.0.0"}')
    (folder / "node_modules" / "b" / "node_modules" / "leak" / FILE).write_bytes(b"// by hand\n" + LEAK)
    assert "leak@1.0.0: its copies differ (node_modules/b/node_modules/leak, node_modules/leak)" in run("patch", code=2)


def test_a_package_json_that_changes_meanwhile_is_left_alone(
    tmp_path: Path, run: Nodemend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linter.upkeep import patching

    folder = native(tmp_path)
    planned = patching.planned

    def meanwhile(*arguments: object) -> object:
        (folder / "package.json").write_text('{"name": "another"}')
        return planned(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(patching, "planned", meanwhile)
    assert "package.json has changed since it was read; nothing was changed" in run("patch", code=2)
    assert not (folder / "patches").exists()


@pytest.mark.parametrize("command", ["patch", "verify", "update", "revert"])
def test_help_shows_an_example_and_fits(command: str) -> None:
    done = CliRunner().invoke(nodemend, [command, "--help"], terminal_width=80)
    assert "Example: " in done.output
    assert max(map(len, done.output.split("\n"))) <= 80


# -- patches that others made -----------------------------------------------------------------


def handmade(folder: Path, data: bytes = BY_HAND, on_disk: bytes | None = None) -> Path:
    path = folder / "patches" / "leak@1.0.0.patch"
    path.parent.mkdir()
    path.write_bytes(data)
    manifest = json.loads((folder / "package.json").read_text())
    manifest["patchedDependencies"] = {"leak@1.0.0": "patches/leak@1.0.0.patch"}
    (folder / "package.json").write_text(json.dumps(manifest, indent=4) + "\n")
    applied(folder, BOTH.replace(FIX, b"") if on_disk is None else on_disk)
    return path


def test_a_patch_by_hand_is_merged_and_given_back(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    path = handmade(folder)
    manifest = (folder / "package.json").read_bytes()
    assert "merged into patches/leak@1.0.0.patch" in run("patch")
    document = parse(path.read_bytes())
    assert document is not None
    assert document.theirs == BY_HAND
    assert chain(document.patches(), LEAK) == BOTH
    assert "nothing to do" in run("patch")
    applied(folder, BOTH)
    assert "1 mended, 0 not" in run("verify")
    run("revert")
    assert path.read_bytes() == BY_HAND
    assert (folder / "package.json").read_bytes() == manifest


@pytest.mark.parametrize("tarball_at_hand", [True, False])
def test_verify_tells_a_merged_patch_that_is_not_installed_yet(
    tmp_path: Path, home: Path, run: Nodemend, tarball_at_hand: bool
) -> None:
    folder = native(tmp_path)
    handmade(folder)
    run("patch")
    if tarball_at_hand:
        cached(home, "leak", "1.0.0")
    for on_disk, verdict in ((None, "unpatched"), (LEAK, "unpatched"), (MENDED, "edited"), (BOTH, "mended")):
        applied(folder, BOTH.replace(FIX, b"") if on_disk is None else on_disk)
        assert f"{verdict}: node_modules/leak (leak@1.0.0)" in run("verify", code=int(verdict != "mended"))


@pytest.mark.parametrize(
    ("data", "on_disk", "why"),
    [
        pytest.param(BY_HAND, LEAK, "not as the patch made by hand leaves it", id="not-installed"),
        pytest.param(b"no patch\n", LEAK, "cannot be merged: not a patch", id="no-patch"),
        pytest.param(BY_HAND.replace(b"\n", b"\r\n"), None, "cannot be merged", id="crlf"),
        pytest.param(
            b"diff --git a/x.js b/y.js\nsimilarity index 100%\nrename from x.js\nrename to y.js\n",
            LEAK,
            "cannot be merged",
            id="rename",
        ),
    ],
)
def test_a_patch_by_hand_is_never_overwritten(
    tmp_path: Path, run: Nodemend, data: bytes, on_disk: bytes | None, why: str
) -> None:
    folder = native(tmp_path)
    path = handmade(folder, data, on_disk)
    assert why in run("patch", code=2)
    assert path.read_bytes() == data


def test_a_patch_that_is_not_registered_is_left_alone(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    (folder / "patches").mkdir()
    (folder / "patches" / "leak@1.0.0.patch").write_bytes(BY_HAND)
    assert "lies there unregistered, and is none of ours" in run("patch", code=2)
    assert "unregistered: patches/leak@1.0.0.patch" in run("verify", code=1)


def test_a_key_without_a_version_is_in_the_way(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    handmade(folder)
    manifest = folder / "package.json"
    manifest.write_text(manifest.read_text().replace('leak@1.0.0"', 'leak"'))
    assert "under a key without an exact version (name it there)" in run("patch", code=2)


@pytest.mark.parametrize("key", ["leak", "leak@^1.0.0", "leak@1.0.0"])
def test_verify_knows_which_copies_a_key_is_for(tmp_path: Path, run: Nodemend, key: str) -> None:
    folder = native(tmp_path)
    handmade(folder)
    manifest = folder / "package.json"
    manifest.write_text(manifest.read_text().replace('leak@1.0.0"', f'{key}"'))
    assert "mended: node_modules/leak (leak@1.0.0)" in run("verify")
    applied(folder, LEAK)
    assert "unpatched: node_modules/leak (leak@1.0.0)" in run("verify", code=1)


def test_an_alias_is_patched_where_it_lies(tmp_path: Path, run: Nodemend) -> None:
    folder = app(tmp_path)
    (folder / "node_modules" / "leak").rename(folder / "node_modules" / "other")
    run("patch", "--manager", "patch-package")
    assert b"a/node_modules/other/lib/manager.js" in (folder / "patches" / "other+1.0.0.patch").read_bytes()
    assert "nothing to do" in run("patch")
    (folder / "node_modules" / "other" / FILE).write_bytes(MENDED)
    assert "mended: node_modules/other (leak@1.0.0)" in run("verify")


# -- verify -----------------------------------------------------------------------------------


def test_verify_reads_the_bytes(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    run("patch")
    assert "unpatched: node_modules/leak (leak@1.0.0)" in run("verify", code=1)
    applied(folder)
    said = run("verify")
    assert (
        "mended: node_modules/leak (leak@1.0.0): patches/leak@1.0.0.patch is in it; the released tarball is not" in said
    )
    applied(folder, MENDED + b"// more\n")
    assert "edited: node_modules/leak (leak@1.0.0): not what patches/leak@1.0.0.patch makes of them" in run(
        "verify", code=1
    )


def test_verify_with_the_tarball_sees_every_file(tmp_path: Path, home: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    run("patch")
    applied(folder)
    path = cached(home, "leak", "1.0.0")
    assert "mended: node_modules/leak (leak@1.0.0): as released, and patches/leak@1.0.0.patch" in run("verify")
    (folder / "node_modules" / "leak" / "index.js").write_bytes(b"evil();\n")
    assert "neither as released nor as patched: index.js" in run("verify", code=1)
    path.write_bytes(b"not the tarball")  # a cache that lies is no cache
    assert "the released tarball is not at hand" in run("verify")


def test_verify_takes_tarballs(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    run("patch")
    applied(folder)
    (tmp_path / "tarballs").mkdir()
    (tmp_path / "tarballs" / "whatever.tgz").write_bytes(tarball(PACKAGES["leak", "1.0.0"]))
    assert "as released, and" in run("verify", "--tarballs", str(tmp_path / "tarballs"))
    assert "no such folder" in run("verify", "--tarballs", str(tmp_path / "nowhere"), code=2)
    assert folder.is_dir()


def test_verify_all_looks_at_packages_without_a_patch(tmp_path: Path, home: Path, run: Nodemend) -> None:
    folder = app(tmp_path)
    cached(home, "leak", "1.0.0")
    assert "no patches are kept here" in run("verify", "--manager", "npm")
    assert "released: node_modules/leak" in run("verify", "--manager", "npm", "--all")
    applied(folder, b"evil();\n")
    assert "edited: node_modules/leak (leak@1.0.0): not as released: lib/manager.js" in run(
        "verify", "--manager", "npm", "--all", code=1
    )


@pytest.mark.parametrize(
    ("spoil", "verdict"),
    [
        pytest.param(
            lambda f: (f / "patches/leak@1.0.0.patch").unlink(), "missing: patches/leak@1.0.0.patch", id="file"
        ),
        pytest.param(lambda f: (f / "node_modules/leak" / FILE).unlink(), "missing: node_modules/leak", id="source"),
        pytest.param(lambda f: shutil.rmtree(f / "node_modules/leak"), "stale: patches/leak@1.0.0.patch", id="gone"),
        pytest.param(lambda f: install(f, ("leak", "1.1.0")), "installed: 1.1.0; nodemend update", id="upgraded"),
        pytest.param(
            lambda f: (f / "package.json").write_text('{"packageManager": "npm@12.2.0"}'),
            "unregistered: patches/leak",
            id="key",
        ),
        pytest.param(
            lambda f: (f / "patches/leak@1.0.0.patch").write_bytes(b"# nodemend 0.1.0: x\ngarbage\n"),
            "refused: patches/leak",
            id="damaged",
        ),
    ],
)
def test_verify_says_what_is_wrong(
    tmp_path: Path, run: Nodemend, spoil: Callable[[Path], object], verdict: str
) -> None:
    folder = native(tmp_path)
    run("patch")
    applied(folder)
    run("verify")
    spoil(folder)
    assert verdict in run("verify", code=1)


def test_verify_sees_a_patch_in_part(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    (folder / "node_modules/leak/second.js").write_bytes(LEAK)
    run("patch")
    applied(folder)
    assert "partly applied: node_modules/leak (leak@1.0.0)" in run("verify", code=1)


def test_verify_names_a_copy_that_no_patch_is_for(tmp_path: Path, run: Nodemend) -> None:
    folder = app(tmp_path)
    run("patch", "--manager", "patch-package")
    install(folder, ("leak", "1.0.0"), at="node_modules/b/node_modules")
    assert "unpatched: node_modules/b/node_modules/leak (leak@1.0.0): no patch is for this copy" in run(
        "verify", code=1
    )


def test_a_copy_in_the_store_of_pnpm_that_nothing_leads_to_does_not_count(tmp_path: Path, run: Nodemend) -> None:
    folder = app(tmp_path)
    (folder / "package-lock.json").unlink()
    (folder / "pnpm-lock.yaml").write_text("lockfileVersion: '9.0'\n")
    shutil.rmtree(folder / "node_modules")
    for key in ("leak@1.0.0", "leak@1.0.0_patch_hash=1"):
        install(folder, ("leak", "1.0.0"), at=f"node_modules/.pnpm/{key}/node_modules")
    (folder / "node_modules" / "leak").symlink_to(".pnpm/leak@1.0.0_patch_hash=1/node_modules/leak")
    said = run("patch")
    assert "for node_modules/.pnpm/leak@1.0.0_patch_hash=1/node_modules/leak\n" in said
    assert (folder / "pnpm-workspace.yaml").read_text() == (
        "patchedDependencies:\n  'leak@1.0.0': 'patches/leak@1.0.0.patch'\n"
    )


# -- update -----------------------------------------------------------------------------------


def upgraded(tmp_path: Path, run: Nodemend, version: str) -> Path:
    folder = native(tmp_path)
    run("patch")
    shutil.rmtree(folder / "node_modules" / "leak")
    install(folder, ("leak", version))
    lock(folder, {"node_modules/leak": ("leak", version)})
    return folder


def test_update_makes_the_patch_anew(tmp_path: Path, run: Nodemend) -> None:
    folder = upgraded(tmp_path, run, "1.2.0")
    assert "renewed patches/leak@1.0.0.patch: now patches/leak@1.2.0.patch" in run("update")
    assert [path.name for path in (folder / "patches").iterdir()] == ["leak@1.2.0.patch"]
    document = parse((folder / "patches/leak@1.2.0.patch").read_bytes())
    assert document is not None
    assert chain(document.patches(), MOVED) == MOVED_MENDED
    keys = json.loads((folder / "package.json").read_text())["patchedDependencies"]
    assert keys == {"leak@1.2.0": "patches/leak@1.2.0.patch"}
    assert "current patches/leak@1.2.0.patch" in run("update")


def test_update_takes_out_what_is_mended_upstream(tmp_path: Path, run: Nodemend) -> None:
    folder = upgraded(tmp_path, run, "1.1.0")
    assert "obsolete patches/leak@1.0.0.patch: its rules find nothing in leak 1.1.0; removed" in run("update")
    assert list((folder / "patches").iterdir()) == []
    assert "patchedDependencies" not in (folder / "package.json").read_text()
    assert "nothing to do" in run("update")


def test_update_takes_out_what_is_not_installed_any_more(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    run("patch")
    shutil.rmtree(folder / "node_modules" / "leak")
    assert "obsolete patches/leak@1.0.0.patch: leak is not installed; removed" in run("update")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        pytest.param(
            LEAK.replace(b"  this.handleClient(data, req);", b"  return this.handleClient(data, req);"),
            "lib/manager.js:7: upgrade-head-retained is still there, without a safe fix",
            id="no-safe-fix",
        ),
        pytest.param(
            LEAK.replace(b"function (req, socket, head)", b"function (req, socket, headed)"),
            "",
            id="silent",
        ),
    ],
)
def test_update_hands_over_with_three_views(tmp_path: Path, run: Nodemend, code: bytes, why: str) -> None:
    folder = upgraded(tmp_path, run, "1.2.0")
    applied(folder, b"// moved\n" + code)
    before = {path.name: path.read_bytes() for path in (folder / "patches").iterdir()}
    said = run("update", code=1)
    assert f"human patches/leak@1.0.0.patch: {why}" in said
    assert "lib/manager.js in 1.0.0, line 5:" in said
    assert "as the patch made it:" in said
    assert "in 1.2.0, line 6:" in said
    assert {path.name: path.read_bytes() for path in (folder / "patches").iterdir()} == before


# -- revert -----------------------------------------------------------------------------------


@pytest.mark.parametrize("manager", ["npm", "bun", "pnpm", "patch-package"])
def test_revert_leaves_the_project_as_it_was(tmp_path: Path, run: Nodemend, manager: str) -> None:
    folder = app(tmp_path)
    (folder / ".gitattributes").write_text("*.png binary")
    before = files(folder)
    run("patch", "--manager", manager)
    assert len(files(folder)) > len(before)
    run("revert", "--manager", manager)
    assert files(folder) == {**before, ".gitattributes": b"*.png binary\n"}
    assert "nothing to do" in run("revert", "--manager", manager)


def test_revert_leaves_others_alone(tmp_path: Path, run: Nodemend) -> None:
    folder = native(tmp_path)
    run("patch")
    (folder / "patches" / "other@2.0.0.patch").write_bytes(BY_HAND)
    run("revert")
    assert [path.name for path in (folder / "patches").iterdir()] == ["other@2.0.0.patch"]
    assert "*.patch -text" in (folder / ".gitattributes").read_text()


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# -- vendored code ----------------------------------------------------------------------------


@pytest.fixture
def vendored(tmp_path: Path, environment: dict[str, str]) -> Path:
    folder = tmp_path / "app"
    (folder / "vendor" / "lib").mkdir(parents=True)
    (folder / "nodemend.toml").write_text('node = "0.10"\n')
    (folder / "vendor" / FILE).write_bytes(LEAK)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True, env={**environment})
    return folder


def test_a_folder_of_plain_patches(vendored: Path, run: Nodemend, environment: dict[str, str]) -> None:
    place = ("--dir", str(vendored / "patches"))
    assert "wrote patches/vendor+lib+manager.js.patch: vendor/lib/manager.js" in run("patch", *place)
    assert "kept patches/vendor+lib+manager.js.patch" in run("patch", *place)
    assert "unpatched: patches/vendor+lib+manager.js.patch" in run("verify", *place, code=1)
    line = ["git", "apply", "patches/vendor+lib+manager.js.patch"]
    subprocess.run(line, cwd=vendored, check=True, env={**environment})
    assert (vendored / "vendor" / FILE).read_bytes() == MENDED
    assert "mended: patches/vendor+lib+manager.js.patch: vendor/lib/manager.js" in run("verify", *place)
    assert "current" in run("update", *place)
    (vendored / "vendor" / FILE).write_bytes(MENDED + b"// more\n")
    assert "edited: patches/vendor+lib+manager.js.patch" in run("verify", *place, code=1)


@pytest.mark.parametrize(
    ("now", "code", "verdict"),
    [
        pytest.param(MOVED, 0, "renewed patches/vendor+lib+manager.js.patch", id="new"),
        pytest.param(MOVED_MENDED, 0, "obsolete patches/vendor+lib+manager.js.patch", id="obsolete"),
        pytest.param(MOVED.replace(b"  this.hand", b"  return this.hand"), 1, "human patches/vendor", id="human"),
    ],
)
def test_another_version_is_vendored(vendored: Path, run: Nodemend, now: bytes, code: int, verdict: str) -> None:
    place = ("--dir", str(vendored / "patches"))
    run("patch", *place)
    (vendored / "vendor" / FILE).write_bytes(now)
    assert verdict in run("update", *place, code=code)


def test_a_folder_of_patches_is_given_back(vendored: Path, run: Nodemend) -> None:
    place = ("--dir", str(vendored / "patches"))
    run("patch", *place)
    (vendored / "patches" / "theirs.patch").write_bytes(BY_HAND)
    run("revert", *place)
    assert [path.name for path in (vendored / "patches").iterdir()] == ["theirs.patch"]
    assert "not a folder below" in run("patch", "--dir", str(vendored.parent / "elsewhere"), code=2)


def test_the_page_shows_what_happens(
    vendored: Path, run: Nodemend, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(vendored)
    for command, output in steps("vendored.md"):
        program, *arguments = command.split()
        if program == "nodemend":
            unpatched = output.startswith("unpatched")
            assert run(arguments[0], *arguments[1:], code=1 if unpatched else 0) == output
        else:
            subprocess.run([program, *arguments], check=True, env={**environment})


# -- the texts that registrations are in ------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{}', '{ }\n', '{\n  "a": 1\n}\n', '{\n\t"a": ["x", "y"],\n\t"b": {}\n}', '{"a":1}', '{\r\n  "a": 1\r\n}\r\n',
        '{\n  "t": {\n    "z@1.0.0": "z"\n  }\n}\n', '{"t": {"z": "{}"}, "b": "}"}',
    ],
)  # fmt: skip
def test_a_value_is_put_in_and_taken_out_without_a_trace(text: str) -> None:
    path, content = ("t", "@s/n@1.0.0"), json.loads(text)
    after = with_value(text, path, "p")
    assert json.loads(after) == {**content, "t": {**content.get("t", {}), "@s/n@1.0.0": "p"}}
    assert ("\r\n" in after) == ("\r\n" in text)
    assert with_value(after, path, "p") == after
    back = without(after, path)
    assert back == text or (json.loads(back) == content and text.strip("{} \n") == "")


def test_pnpm_workspace_keeps_its_comments(tmp_path: Path, run: Nodemend) -> None:
    folder = app(tmp_path)
    (folder / "package-lock.json").unlink()
    (folder / "pnpm-lock.yaml").write_text("lockfileVersion: '9.0'\n")
    text = "# top\npackages:\n  - a  # all\n\npatchedDependencies:\n    # why\n    x@1.0.0: patches/x.patch\nz: 1\n"
    (folder / "pnpm-workspace.yaml").write_text(text)
    run("patch")
    row = "    'leak@1.0.0': 'patches/leak@1.0.0.patch'\n"
    after = (folder / "pnpm-workspace.yaml").read_text()
    assert after == text.replace("patchedDependencies:\n", f"patchedDependencies:\n{row}")
    run("revert")
    assert (folder / "pnpm-workspace.yaml").read_text() == text


def test_pnpm_workspace_in_another_form_is_refused(tmp_path: Path, run: Nodemend) -> None:
    folder = app(tmp_path)
    (folder / "pnpm-workspace.yaml").write_text("patchedDependencies: {x@1.0.0: p.patch}\n")
    assert "cannot be edited line by line (write it as a block" in run("patch", "--manager", "pnpm", code=2)
    assert not (folder / "patches").exists()


def test_the_line_in_gitattributes() -> None:
    assert attributes.added(b"") == b"# nodemend: the line ends in a patch are part of it\n*.patch -text\n"
    assert attributes.added(b"*.patch  -text\n") == b"*.patch  -text\n"
    assert attributes.removed(attributes.added(b"a b")) == b"a b\n"


LOCKFILES = {
    "package-lock.json": '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/@t/a": {"version": "1.0.0", '
    '"integrity": "sha512-x"}}}',
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\npackages:\n  '@t/a@1.0.0':\n    resolution: {integrity: sha512-x}\n",
    "yarn.lock": '# yarn lockfile v1\n\n\n"@t/a@^1.0.0", "@t/a@1":\n  version "1.0.0"\n  integrity sha512-x\n',
    "bun.lock": '{"lockfileVersion": 1, "packages": {"@t/a": ["@t/a@1.0.0", "", {}, "sha512-x"],}}',
}


@pytest.mark.parametrize("name", LOCKFILES)
def test_lockfiles_say_the_integrity(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LOCKFILES[name])
    locked = load(tmp_path)
    assert locked is not None
    assert locked.integrity == {("@t/a", "1.0.0"): "sha512-x"}


def test_yarn_says_what_asks_for_a_package(tmp_path: Path) -> None:
    text = (
        f'{BERRY}\n"a@npm:1.0.0, a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n  checksum: 10c0/ab\n'
    )
    (tmp_path / "yarn.lock").write_text(text)
    locked = load(tmp_path)
    assert locked is not None
    assert locked.descriptors == {("a", "1.0.0"): ("a@npm:1.0.0", "a@npm:^1.0.0")}
    assert locked.checksums == {("a", "1.0.0"): "ab"}


@pytest.mark.parametrize(("name", "text"), [("package-lock.json", "{"), ("yarn.lock", "__metadata:\n  - [\n")])
def test_a_broken_lockfile_is_one_clear_line(tmp_path: Path, run: Nodemend, name: str, text: str) -> None:
    folder = native(tmp_path)
    (folder / "package-lock.json").unlink()
    (folder / name).write_text(text)
    assert f"{name}: cannot be read as a lockfile" in run("verify", code=2)


def test_several_paths_are_refused(tmp_path: Path, run: Nodemend) -> None:
    native(tmp_path)
    assert "one PATH at a time" in run("patch", str(tmp_path), code=2)
