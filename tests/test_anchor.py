"""Where a repository shows a finding: its own file, or the line that brings its package in; and what stays the same."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from linter.finding import Finding, Span
from linter.fingerprint import distinct, spelling
from linter.library import check
from linter.lockfile import Entry, Installed, entry
from linter.parsing import parse
from linter.report import View
from linter.report.anchor import Anchor, anchored
from linter.repository import tracked
from linter.rule import load_rules

CODE = b"""\
exports.go = function (data) {
  return new Buffer(data);
};
"""
SOCKET = Installed("socket.io", "0.9.13", "node_modules/app/node_modules/socket.io")
SCOPED = Installed("@s/a", "1.0.0", "node_modules/@s/a")

RULES = [rule for rule in load_rules() if rule.id == "new-buffer"]

V3 = """\
{
  "name": "x", "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"app": "1"}},
    "node_modules/@s/a": {
      "version": "1.0.0"
    },
    "node_modules/app": {"dependencies": {"socket.io": "1"}},
    "node_modules/app/node_modules/socket.io": {
      "version": "0.9.13"
    },
    "node_modules/socket.io": {"version": "1.0.0"}
  }
}
"""
V1 = """\
{
  "lockfileVersion": 1,
  "dependencies": {
    "@s/a": {"version": "1.0.0"},
    "app": {
      "version": "1.0.0",
      "requires": {"socket.io": "0.9"},
      "dependencies": {
        "socket.io": {"version": "0.9.13", "bundled": true}
      }
    },
    "socket.io": {"version": "1.0.0"}
  }
}
"""
PNPM_9 = """\
lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      socket.io:
        specifier: 0.9.13
        version: 0.9.13

packages:

  '@s/a@1.0.0':
    resolution: {integrity: sha512-x}

  socket.io@0.9.13:
    resolution: {integrity: sha512-x}

snapshots:

  socket.io@0.9.13: {}
"""
PNPM_6 = "lockfileVersion: '6.0'\n\npackages:\n\n  /@s/a@1.0.0(b@2.0.0):\n    dev: false\n\n  /socket.io@0.9.13:\n"
PNPM_5 = "lockfileVersion: 5.4\n\npackages:\n\n  /@s/a/1.0.0_b@2.0.0:\n    dev: false\n\n  /socket.io/0.9.13:\n"
YARN_1 = """\
# yarn lockfile v1


"@s/a@^1.0.0":
  version "1.0.0"

socket.io@1:
  version "1.0.0"

socket.io@0.9.13, socket.io@~0.9.1:
  version "0.9.13"
"""
YARN_4 = """\
__metadata:
  version: 8

"@s/a@npm:^1.0.0":
  version: 1.0.0
  resolution: "@s/a@npm:1.0.0"

"io@npm:socket.io@0.9.13":
  version: 0.9.13
  resolution: "socket.io@npm:0.9.13"
"""
BUN = """\
{
  "lockfileVersion": 1, // Bun writes commas that JSON does not know
  "workspaces": {"": {"dependencies": {"app": "1",},},},
  "packages": {
    "@s/a": ["@s/a@1.0.0", "", {"dependencies": {"b": "2"}}, "sha512-x"],

    "app/socket.io": ["socket.io@0.9.13", "", {}, "sha512-x"],
  }
}
"""
MANIFEST = """\
{
  "dependencies": {
    "@s/a": "^1",
    "b": "1"
  },
  "devDependencies": {"socket.io": "0.9.13"}
}
"""


@pytest.mark.parametrize(
    ("name", "text", "scoped", "socket"),
    [
        pytest.param("package-lock.json", V3, 5, 9, id="npm since 7"),
        pytest.param("package-lock.json", json.dumps(json.loads(V3)), 1, 1, id="npm, on one line"),
        pytest.param("package-lock.json", V1, 4, 9, id="npm up to 6"),
        pytest.param("npm-shrinkwrap.json", V3, 5, 9, id="shrinkwrap"),
        pytest.param("pnpm-lock.yaml", PNPM_9, 13, 16, id="pnpm since 9"),
        pytest.param("pnpm-lock.yaml", PNPM_6, 5, 8, id="pnpm 8"),
        pytest.param("pnpm-lock.yaml", PNPM_5, 5, 8, id="pnpm 7"),
        pytest.param("pnpm-lock.yaml", PNPM_9.replace("\n", "\r\n"), 13, 16, id="pnpm, CRLF"),
        pytest.param("yarn.lock", YARN_1, 4, 10, id="classic yarn"),
        pytest.param("yarn.lock", YARN_4, 4, 8, id="berry, with an alias"),
        pytest.param("bun.lock", BUN, 5, 7, id="bun"),
        pytest.param("package.json", MANIFEST, 3, 6, id="no lockfile"),
        pytest.param("package-lock.json", "{]\n\"[", 1, 1, id="broken: its first line"),
    ],
)  # fmt: skip
def test_the_line_that_brings_a_package_in(tmp_path: Path, name: str, text: str, scoped: int, socket: int) -> None:
    (tmp_path / name).write_bytes(text.encode())
    for package, number in ((SCOPED, scoped), (SOCKET, socket)):
        line = text.split("\n")[number - 1].removesuffix("\r")
        assert entry(str(tmp_path), package) == Entry(name, number, len(line) + 1)


def test_a_lockfile_that_does_not_know_a_package_leaves_it_to_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "package-lock.json").write_text('{"packages": {}}')
    (tmp_path / "package.json").write_text(MANIFEST)
    assert entry(str(tmp_path), SOCKET) == Entry("package.json", 6, 45)
    other = Installed("other", "1.0.0", "node_modules/other")
    assert entry(str(tmp_path), other) == Entry("package-lock.json", 1, 17)


def found(path: str, name: str = "socket.io", file: str = "a.js") -> Finding:
    return Finding("r", "error", "", "m", name, "0.9.13", path, file, Span(0, 1, 7, 3, 7, 9), "x", fingerprint="f")


def locked(path: str, line: int, columns: int) -> Anchor:
    return Anchor(path, line, 1, line, columns + 1, elsewhere=True)


def own(path: str) -> Anchor:
    return Anchor(path, 7, 3, 7, 9)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a project in web/ and one package of each kind."""
    for name in (
        "web/lib/a.js", "web/node_modules/socket.io/a.js", "web/node_modules/kept/a.js", "node_modules/up/a.js",
        "web/packages/w/node_modules/socket.io/a.js",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(CODE)
    (tmp_path / "web" / "package-lock.json").write_text(
        '{"packages": {\n"node_modules/socket.io": {},\n"packages/w/node_modules/socket.io": {}}}\n'
    )
    (tmp_path / "web" / "packages" / "w" / "package.json").write_text('{"dependencies": {\n"socket.io": "1"}}')
    cache = tmp_path / "web" / ".yarn" / "cache"
    cache.mkdir(parents=True)
    with zipfile.ZipFile(cache / "socket.io.zip", "w") as made:
        made.writestr("node_modules/socket.io/a.js", CODE)
    (tmp_path / "vendor.tgz").write_bytes(b"")
    (tmp_path / ".gitignore").write_text("node_modules\n!/web/node_modules\n/web/node_modules/socket.io\n")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-f", "web/node_modules/kept"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("cwd", "path", "anchor"),
    [
        pytest.param(".", "web/lib/a.js", own("web/lib/a.js"), id="its own file"),
        pytest.param("web", "lib/a.js", own("web/lib/a.js"), id="counted from the repository's root"),
        pytest.param(
            ".", "web/node_modules/socket.io/a.js", locked("web/package-lock.json", 2, 29), id="ignored",
        ),
        pytest.param(".", "web/node_modules/kept/a.js", own("web/node_modules/kept/a.js"), id="committed"),
        pytest.param(
            ".", "web/packages/w/node_modules/socket.io/a.js", locked("web/package-lock.json", 3, 41),
            id="in a workspace: the lockfile of all",
        ),
        pytest.param(".", "node_modules/up/a.js", own("node_modules/up/a.js"), id="nothing brings it in"),
        pytest.param(
            "web", ".yarn/cache/socket.io.zip/node_modules/socket.io/a.js",
            locked("web/package-lock.json", 1, 14), id="in an archive of Yarn's",
        ),
        pytest.param(".", "vendor.tgz/lib/a.js", Anchor("vendor.tgz", 1, elsewhere=True), id="in a tarball"),
        pytest.param(".", "-", own("stdin.js"), id="stdin"),
    ],
)  # fmt: skip
def test_anchor(project: Path, cwd: str, path: str, anchor: Anchor) -> None:
    assert anchored(found(path), View(cwd=str(project / cwd))) == anchor
    if path != "-":
        assert anchored(found(str(project / cwd / path)), View(cwd=str(project / cwd))) == anchor


def test_a_hook_of_another_repository_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(project / "nowhere"))
    tracked.cache_clear()
    path = "web/node_modules/kept/a.js"
    assert anchored(found(path), View(cwd=str(project))) == own(path)


def test_a_file_outside_the_repository_keeps_its_place(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = tmp_path_factory.mktemp("away") / "a.js"
    assert anchored(found(str(away)), View(cwd=str(project))) == own(str(away))


# ---- what makes a finding the same


def test_spelling_knows_no_layout() -> None:
    def spelt(code: bytes) -> str:
        return spelling(parse(code).root_node)

    assert spelt(b"a . b=f( 1,'x  y' ) ;") == "a . b = f ( 1 , 'x  y' )"
    assert spelt(b"a.b /* why */ = f(1, // because\n 'x  y')") == "a . b = f ( 1 , 'x  y' )"
    assert spelt(b"`a  ${b}`") != spelt(b"`a ${b}`")


def prints(folder: Path, *names: str) -> list[str]:
    paths = [folder / name for name in names or ("",)]
    return [finding.fingerprint for finding in check(paths, node="all", rules=RULES).findings]


def package(folder: Path, version: str, code: bytes = CODE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": "p", "version": version}))
    (folder / "a.js").write_bytes(code)
    return folder


@pytest.mark.parametrize(
    ("version", "code"),
    [
        pytest.param("2.0.0", CODE, id="another version"),
        pytest.param("1.0.0", b"// new\n\n" + CODE, id="lines moved"),
        pytest.param("1.0.0", CODE.replace(b"r(data);", b"r( data /* why */ )"), id="formatted anew"),
        pytest.param("1.0.0", CODE.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param("1.0.0", CODE.replace(b") {", b") {\n  log(data);"), id="other lines of the function"),
    ],
)
def test_a_finding_stays_the_same(tmp_path: Path, version: str, code: bytes) -> None:
    before = prints(package(tmp_path / "before", "1.0.0"))
    assert prints(package(tmp_path / "after", version, code)) == before != []


def test_repeats_are_told_apart(tmp_path: Path) -> None:
    twice = CODE.replace(b") {\n", b") {\n  if (data.a) return new Buffer(data);\n")
    found = prints(package(tmp_path, "1.0.0", twice))
    assert len(found) == len(set(found)) == 2
    assert prints(package(tmp_path / "once", "1.0.0")) == found[:1]


def test_a_file_of_no_package_is_known_by_its_place_in_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    for name in ("vendor/a.js", "other/a.js"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(CODE)
    whole = prints(tmp_path)
    assert len(set(whole)) == 2
    assert prints(tmp_path, "vendor") == prints(tmp_path, "vendor/a.js") == whole[1:]
    monkeypatch.chdir(tmp_path / "vendor")
    assert prints(Path(), "a.js") == whole[1:]


def test_copies_share_a_fingerprint_and_are_still_distinct(tmp_path: Path) -> None:
    for name, version in (("a", "1.0.0"), ("b", "2.0.0"), ("c", "1.0.0")):
        package(tmp_path / name / "node_modules" / "p", version)
    findings = check(tmp_path, node="all", rules=RULES).findings
    assert len({finding.fingerprint for finding in findings}) == 1
    mark = findings[0].fingerprint
    assert distinct(findings) == [mark, f"{mark}:2", f"{mark}:3"]
