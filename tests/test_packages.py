"""Which packages and files a scan sees, in trees laid out for real."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from linter.errors import InputError
from linter.finding import REASONS, Skipped
from linter.packages import Package, contents, discover
from linter.packages.disk import read
from linter.packages.layout import MAX_BYTES

JS = "exports.a = 1;\n"
RUNS = ("js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx", "min.js")


def lay(root: Path, files: Mapping[str, object]) -> None:
    """Write a tree: a text is a file, a mapping a package.json, a Path a symbolic link."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))


def named(name: str, version: str = "1.0.0", **more: object) -> dict[str, object]:
    return {"name": name, "version": version, **more}


class Seen:
    """What a scan of these paths saw."""

    def __init__(self, *paths: str) -> None:
        self.skipped: list[Skipped] = []
        self.packages: list[Package] = list(discover(paths, self.skipped.append))

    @property
    def files(self) -> dict[str, str]:
        """Each file's shown path, and the package and place it has there."""
        return {
            file.path: f"{package.name}@{package.version}:{file.file}"
            for package in self.packages
            for file in package.files
        }

    @property
    def reasons(self) -> dict[str, str]:
        assert {one.reason for one in self.skipped} <= set(REASONS)
        return {one.path: one.reason for one in self.skipped}

    def read(self) -> dict[str, bytes]:
        return {file.path: data for package in self.packages for file, data in contents(package, self.skipped.append)}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pnpm(root: Path, store: str = "node_modules/.pnpm") -> None:
    lay(root, {
        "package.json": named("app"),
        "a.js": JS,
        f"{store}/x@1.0.0/node_modules/x/package.json": named("x"),
        f"{store}/x@1.0.0/node_modules/x/x.js": JS,
        f"{store}/x@1.0.0/node_modules/@s/y": Path("../../../@s+y@2.0.0/node_modules/@s/y"),
        f"{store}/@s+y@2.0.0/node_modules/@s/y/package.json": named("@s/y", "2.0.0"),
        f"{store}/@s+y@2.0.0/node_modules/@s/y/y.js": JS,
        f"{store}/node_modules/@s/y": Path("../../@s+y@2.0.0/node_modules/@s/y"),
        "node_modules/x": Path(".pnpm/x@1.0.0/node_modules/x"),
    })  # fmt: skip


LAYOUTS: dict[str, tuple[dict[str, object], dict[str, str]]] = {
    "npm nested and scoped": (
        {
            "package.json": named("app"), "index.js": JS, "src/b.ts": JS,
            "node_modules/a/package.json": named("a"), "node_modules/a/lib/a.js": JS,
            "node_modules/a/node_modules/b/package.json": named("b", "2.0.0"), "node_modules/a/node_modules/b/b.js": JS,
            "node_modules/@s/p/package.json": named("@s/p", "3.0.0"), "node_modules/@s/p/p.mjs": JS,
            "node_modules/.bin/a": Path("../a/lib/a.js"), "node_modules/.cache/x/x.js": JS, ".git/hooks/x.js": JS,
        },
        {
            "index.js": "app@1.0.0:index.js", "src/b.ts": "app@1.0.0:src/b.ts",
            "node_modules/a/lib/a.js": "a@1.0.0:lib/a.js", "node_modules/a/node_modules/b/b.js": "b@2.0.0:b.js",
            "node_modules/@s/p/p.mjs": "@s/p@3.0.0:p.mjs",
        },
    ),
    "an alias is called what its package.json says": (
        {"node_modules/old/package.json": named("new", "2.0.0"), "node_modules/old/i.js": JS},
        {"node_modules/old/i.js": "new@2.0.0:i.js"},
    ),
    "vendored folders belong to the package above": (
        {"package.json": named("app"), "vendor/jquery/jquery.js": JS},
        {"vendor/jquery/jquery.js": "app@1.0.0:vendor/jquery/jquery.js"},
    ),
    "vendored, and nothing above": ({"vendor/x.js": JS}, {"vendor/x.js": "@:vendor/x.js"}),
    "a package.json without a name is no package": (
        {
            "node_modules/a/package.json": named("a"), "node_modules/a/esm/package.json": {"type": "module"},
            "node_modules/a/esm/i.js": JS,
        },
        {"node_modules/a/esm/i.js": "a@1.0.0:esm/i.js"},
    ),
    "in node_modules a package without a name has its folder's": (
        {
            "package.json": named("app"), "node_modules/@s/q/q.js": JS,
            "node_modules/n/package.json": {"version": "4.0.0"}, "node_modules/n/n.js": JS,
        },
        {"node_modules/@s/q/q.js": "@s/q@:q.js", "node_modules/n/n.js": "n@4.0.0:n.js"},
    ),
    "a named package outside node_modules": (
        {"package.json": named("app"), "packages/lib/package.json": named("lib", "0.1.0"), "packages/lib/src/l.js": JS},
        {"packages/lib/src/l.js": "lib@0.1.0:src/l.js"},
    ),
    "a workspace linked into node_modules": (
        {
            "package.json": named("app"), "packages/w/package.json": named("w", "0.1.0"), "packages/w/w.js": JS,
            "node_modules/w": Path("../packages/w"),
        },
        {"packages/w/w.js": "w@0.1.0:w.js"},
    ),
    "Bun's isolated store": (
        {
            "node_modules/.bun/z@1.0.0/node_modules/z/package.json": named("z"),
            "node_modules/.bun/z@1.0.0/node_modules/z/z.js": JS,
            "node_modules/z": Path(".bun/z@1.0.0/node_modules/z"),
        },
        {"node_modules/.bun/z@1.0.0/node_modules/z/z.js": "z@1.0.0:z.js"},
    ),
    "generated code in a dot folder": (
        {"node_modules/.prisma/client/package.json": named(".prisma/client"), "node_modules/.prisma/client/i.js": JS},
        {"node_modules/.prisma/client/i.js": ".prisma/client@1.0.0:i.js"},
    ),
    "which files": (
        {
            **{f"s.{end}": JS for end in (*RUNS, "d.ts", "d.mts", "d.cts", "min.js.map", "json", "css")},
            "bin/run": "#!/usr/bin/env node\n", "bin/sh": "#!/bin/sh\n# node\n", "bin/text": "node\n",
            "run": "#!/usr/bin/env node\n", "UPPER.JS": JS,
        },
        {name: f"@:{name}" for name in (*(f"s.{end}" for end in RUNS), "bin/run", "UPPER.JS")},
    ),
    "Yarn without Plug'n'Play keeps its archives to itself": (
        {
            "package.json": named("app"), "a.js": JS,
            ".yarn/cache/a-npm-1.0.0-x-y.zip": b"", ".yarn/releases/yarn-4.cjs": JS,
        },
        {"a.js": "app@1.0.0:a.js"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tree", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_layout(here: Path, tree: dict[str, object], expected: dict[str, str]) -> None:
    lay(here, tree)
    seen = Seen(".")
    assert seen.files == expected
    assert seen.skipped == []
    assert set(seen.read()) == set(expected)


def test_pnpm_each_instance_once_at_its_real_place(here: Path) -> None:
    pnpm(here)
    store = "node_modules/.pnpm"
    assert Seen(".").files == {
        "a.js": "app@1.0.0:a.js",
        f"{store}/x@1.0.0/node_modules/x/x.js": "x@1.0.0:x.js",
        f"{store}/@s+y@2.0.0/node_modules/@s/y/y.js": "@s/y@2.0.0:y.js",
    }


def test_a_store_outside_the_given_folder_is_followed_by_its_links(here: Path) -> None:
    pnpm(here)
    lay(here, {
        "apps/one/package.json": named("one"),
        "apps/one/node_modules/x": Path("../../../node_modules/.pnpm/x@1.0.0/node_modules/x"),
        "apps/one/node_modules/z": Path("../../../node_modules/.pnpm/x@1.0.0/node_modules/x"),
    })  # fmt: skip
    assert Seen("apps/one").files == {
        "apps/one/node_modules/x/x.js": "x@1.0.0:x.js",
        "node_modules/.pnpm/x@1.0.0/node_modules/@s/y/y.js": "@s/y@2.0.0:y.js",
    }


def test_yarn_plug_and_play(here: Path) -> None:
    lay(here, {
        "package.json": named("app", engines={"node": ">=4"}), ".pnp.cjs": JS, ".yarn/releases/yarn-4.cjs": JS,
        ".yarn/unplugged/u-npm-1.0.0-aaaa/node_modules/u/package.json": named("u"),
        ".yarn/unplugged/u-npm-1.0.0-aaaa/node_modules/u/u.js": JS,
        ".yarn/cache/broken-npm-1.0.0-cccc-dddd.zip": b"PK\x03\x04 and no more",
    })  # fmt: skip
    for name, package in (("u-npm-1.0.0-aaaa-bbbb", "u"), ("v-npm-2.0.0-aaaa-bbbb", "@s/v")):
        with zipfile.ZipFile(here / f".yarn/cache/{name}.zip", "w") as archive:
            archive.writestr(f"node_modules/{package}/package.json", json.dumps(named(package, "2.0.0")))
            archive.writestr(f"node_modules/{package}/lib/i.js", JS)
    seen = Seen(".")
    zipped = ".yarn/cache/v-npm-2.0.0-aaaa-bbbb.zip"
    assert seen.files == {
        ".pnp.cjs": "app@1.0.0:.pnp.cjs",
        ".yarn/unplugged/u-npm-1.0.0-aaaa/node_modules/u/u.js": "u@1.0.0:u.js",
        f"{zipped}/node_modules/@s/v/lib/i.js": "@s/v@2.0.0:lib/i.js",
    }
    assert seen.reasons == {".yarn/cache/broken-npm-1.0.0-cccc-dddd.zip": "archive"}
    assert {package.root_engines for package in seen.packages} == {">=4"}
    assert seen.read()[f"{zipped}/node_modules/@s/v/lib/i.js"] == JS.encode()


def test_engines_of_the_package_and_of_the_project(here: Path) -> None:
    lay(here, {
        "package.json": named("app", engines={"node": ">=0.8"}),
        "node_modules/a/package.json": named("a", engines={"node": "0.10.x"}), "node_modules/a/a.js": JS,
        "node_modules/b/package.json": named("b", engines=["node >= 0.4"]), "node_modules/b/b.js": JS,
        "src/i.js": JS,
    })  # fmt: skip
    for given in (".", "node_modules", "node_modules/a", "node_modules/a/a.js", "src"):
        assert {package.root_engines for package in Seen(given).packages} == {">=0.8"}, given
    assert {package.name: package.engines for package in Seen(".").packages} == {"app": ">=0.8", "a": "0.10.x", "b": ""}


@pytest.mark.parametrize(
    ("given", "path", "file", "root"),
    [
        pytest.param(".", "lib/i.js", "lib/i.js", ".", id="the current folder adds nothing"),
        pytest.param("./", "lib/i.js", "lib/i.js", ".", id="with a slash"),
        pytest.param("lib", "lib/i.js", "lib/i.js", ".", id="a folder inside a package"),
        pytest.param("./lib/", "./lib/i.js", "lib/i.js", ".", id="as given"),
        pytest.param("lib/i.js", "lib/i.js", "lib/i.js", ".", id="a file"),
        pytest.param("link", "link/i.js", "lib/i.js", ".", id="a link the user names is followed"),
    ],
)
def test_paths_are_shown_as_given(here: Path, given: str, path: str, file: str, root: str) -> None:
    lay(here, {"package.json": named("app"), "lib/i.js": JS, "link": Path("lib")})
    (package,) = Seen(given).packages
    (found,) = package.files
    assert (found.path, found.file, package.path) == (path, file, root)
    assert os.path.samefile(found.disk, here / "lib/i.js")


def test_an_absolute_path_stays_absolute(here: Path) -> None:
    lay(here, {"package.json": named("app"), "lib/i.js": JS})
    (package,) = Seen(f"{here}/lib/i.js").packages
    assert (package.path, package.files[0].path) == (str(here), f"{here}/lib/i.js")


@pytest.mark.parametrize(
    "paths",
    [
        (".", "a.js"),
        ("a.js", "."),
        ("node_modules", "."),
        (".", "node_modules/b"),
        ("link", "."),
        ("a.js", "./a.js", "."),
    ],
    ids="+".join,
)
def test_a_file_reached_twice_is_seen_once(here: Path, paths: tuple[str, ...]) -> None:
    lay(here, {"package.json": named("app"), "a.js": JS, "node_modules/b/package.json": named("b")})
    lay(here, {"node_modules/b/b.js": JS, "link": Path("node_modules/b")})
    files = [file.disk for package in Seen(*paths).packages for file in package.files]
    assert sorted(str(file) for file in files) == [str(here / "a.js"), str(here / "node_modules/b/b.js")]


def test_single_files_of_any_extension_come_by_package(here: Path) -> None:
    lay(here, {"package.json": named("app"), "a.txt": JS, "b.d.ts": JS, "node_modules/n/package.json": named("n")})
    lay(here, {"node_modules/n/n.es6": JS})
    seen = Seen("b.d.ts", "node_modules/n/n.es6", "a.txt")
    assert [(p.name, [f.path for f in p.files]) for p in seen.packages] == [
        ("app", ["a.txt", "b.d.ts"]),
        ("n", ["node_modules/n/n.es6"]),
    ]


def test_the_order_does_not_depend_on_the_file_system(here: Path) -> None:
    names = ["z", "a", "@s/m", "b", "@a/z"]
    for name in names:
        lay(here, {f"node_modules/{name}/package.json": named(name), f"node_modules/{name}/i.js": JS})
    assert [package.name for package in Seen(".").packages] == sorted(names)


@pytest.mark.parametrize(
    ("make", "skipped"),
    [
        pytest.param(lambda at: lay(at, {"loop": Path("loop")}), {"loop": "loop"}, id="a link to itself"),
        pytest.param(lambda at: lay(at, {"d/up": Path("..")}), {"d/up": "loop"}, id="a link to a folder it is in"),
        pytest.param(lambda at: lay(at, {"x.js": Path("gone")}), {"x.js": "loop"}, id="a link to nothing"),
        pytest.param(
            lambda at: lay(at, {"node_modules/x": Path("gone")}),
            {"node_modules/x": "loop"},
            id="a package that is gone",
        ),
        pytest.param(
            lambda at: lay(at, {"node_modules/x": Path("/")}), {"node_modules/x": "loop"}, id="a link to the root"
        ),
        pytest.param(
            lambda at: lay(at, {"out": Path("/usr")}),
            {"out": "special"},
            id="a link to a folder elsewhere is not followed",
        ),
        pytest.param(
            lambda at: lay(at, {"node_modules/x": Path("/usr")}), {"node_modules/x": "special"}, id="nor to no package"
        ),
        pytest.param(lambda at: lay(at, {"x.js": Path("/bin/sh")}), {"x.js": "special"}, id="nor to a file elsewhere"),
        pytest.param(lambda at: lay(at, {"x.js": Path("ok.js"), "d2": Path("d")}), {}, id="links inside need no word"),
        pytest.param(lambda at: os.mkfifo(at / "x.js"), {"x.js": "special"}, id="a FIFO that looks like a source"),
        pytest.param(lambda at: os.mkfifo(at / "x.txt"), {}, id="a FIFO that does not"),
        pytest.param(
            lambda at: os.mkfifo(at / "package.json"), {"package.json": "package-json"}, id="a FIFO as manifest"
        ),
        pytest.param(
            lambda at: lay(at, {"package.json": Path("/dev/zero")}),
            {"package.json": "package-json"},
            id="a device as one",
        ),
        pytest.param(lambda at: (at / "package.json").mkdir(), {"package.json": "package-json"}, id="a folder as one"),
        pytest.param(lambda at: lay(at, {"package.json": "{"}), {"package.json": "package-json"}, id="invalid JSON"),
        pytest.param(lambda at: lay(at, {"package.json": "[]"}), {"package.json": "package-json"}, id="no object"),
        pytest.param(
            lambda at: lay(at, {"package.json": {"name": 5}}),
            {"package.json": "package-json"},
            id="a number for a name",
        ),
        pytest.param(
            lambda at: lay(at, {"package.json": "[" * 100_000}),
            {"package.json": "package-json"},
            id="nested too deeply",
        ),
        pytest.param(
            lambda at: lay(at, {"package.json": b'{"name":"\xff"}'}), {"package.json": "package-json"}, id="not UTF-8"
        ),
        pytest.param(
            lambda at: lay(at, {"package.json": " " * (50 << 20)}), {"package.json": "package-json"}, id="50 MiB of it"
        ),
        pytest.param(lambda at: lay(at, {"x.js": b"\0\1\2"}), {"x.js": "binary"}, id="binary"),
        pytest.param(
            lambda at: lay(at, {"x.js": b" " * (MAX_BYTES + 1)}), {"x.js": "too-large"}, id="a byte too large"
        ),
        pytest.param(lambda at: lay(at, {"x.js/y.txt": ""}), {}, id="a folder named like a source"),
    ],
)
def test_what_cannot_be_scanned_is_listed_and_hides_nothing(
    here: Path, make: Callable[[Path], object], skipped: dict[str, str]
) -> None:
    lay(here, {"ok.js": JS, "d/ok.js": JS})
    make(here)
    seen = Seen(".")
    assert {"ok.js", "d/ok.js"} <= set(seen.read())
    assert seen.reasons == skipped
    assert len(seen.skipped) == len(skipped)
    assert {path for path in seen.files if path != "x.js"} == {"ok.js", "d/ok.js"}


def test_a_broken_manifest_in_node_modules_leaves_the_folder_name(here: Path) -> None:
    lay(here, {"node_modules/@s/p/package.json": '{"name":', "node_modules/@s/p/i.js": JS})
    seen = Seen(".")
    assert seen.files == {"node_modules/@s/p/i.js": "@s/p@:i.js"}
    assert seen.reasons == {"node_modules/@s/p/package.json": "package-json"}


def test_a_byte_order_mark_is_no_mistake_in_a_manifest(here: Path) -> None:
    lay(here, {"package.json": b'\xef\xbb\xbf{"name": "bom", "version": "1.0.0"}', "a.js": JS})
    seen = Seen(".")
    assert seen.files == {"a.js": "bom@1.0.0:a.js"}
    assert seen.skipped == []


def test_a_lone_surrogate_in_a_name_can_be_printed(here: Path) -> None:
    lay(here, {"package.json": '{"name": "\\ud800x"}', "a.js": JS})
    assert [package.name for package in Seen(".").packages] == ["?x"]


@pytest.mark.parametrize(
    "name", [b"new\nline.js", b"esc\x1b[31m.js", b"\xff\xfe.js", "ñ☃.js".encode(), b"back\\slash.js"]
)
def test_odd_names_survive(here: Path, name: bytes) -> None:
    (here / os.fsdecode(name)).write_text(JS)
    seen = Seen(".")
    assert [os.fsencode(path) for path in seen.read()] == [name]
    assert seen.skipped == []


def test_files_that_go_away_or_change_between_the_two_steps(here: Path) -> None:
    lay(here, {f"{name}.js": JS for name in ("fifo", "folder", "gone", "link", "ok")})
    seen = Seen(".")
    for name in ("fifo", "folder", "gone", "link"):
        (here / f"{name}.js").unlink()
    os.mkfifo("fifo.js")
    (here / "folder.js").mkdir()
    (here / "link.js").symlink_to("link.js")
    assert list(seen.read()) == ["ok.js"]
    assert seen.reasons == {"fifo.js": "special", "folder.js": "special", "gone.js": "vanished", "link.js": "loop"}


@pytest.mark.parametrize("said", [0, 10, 69_999, 70_000, 70_001, 200_000])
def test_a_size_that_is_not_so_cuts_nothing_off(here: Path, monkeypatch: pytest.MonkeyPatch, said: int) -> None:
    data = bytes(range(256)) * 273 + bytes(112)
    lay(here, {"x.js": data})
    true = os.stat("x.js")
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((*true[:6], said, *true[7:])))
    assert read("x.js", "x", 200_000) == data
    assert read("x.js", "x", max(said, 70_000)) == data
    refused = read("x.js", "x", 69_999)
    assert isinstance(refused, Skipped)
    assert refused.reason == "too-large"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_file_that_is_said_to_be_empty_is_read() -> None:
    data = read("/proc/self/status", "x", MAX_BYTES)
    assert isinstance(data, bytes)
    assert data.startswith(b"Name:")
    assert len(data) > 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_listed(here: Path) -> None:
    lay(here, {"ok.js": JS, "shut.js": JS, "shut/x.js": JS})
    (here / "shut.js").chmod(0)
    (here / "shut").chmod(0)
    seen = Seen(".")
    try:
        assert list(seen.read()) == ["ok.js"]
        assert seen.reasons == {"shut.js": "unreadable", "shut": "unreadable"}
    finally:
        (here / "shut").chmod(0o700)


@pytest.fixture
def deep(here: Path) -> Iterator[Callable[[str, int], Path]]:
    """Makes folders of this name one in another, a file in the last, and takes them away: shutil would recurse."""
    made: list[str] = []

    def nest(name: str, depth: int) -> Path:
        made.append(name)
        for _ in range(depth):
            os.mkdir(name)
            os.chdir(name)
        Path("deep.js").write_text(JS)
        os.chdir(here)
        return Path(*[name] * depth, "deep.js")

    yield nest
    os.chdir(here)
    subprocess.run(["rm", "-rf", *made], check=True)


def test_a_path_that_is_too_long_for_the_system_is_listed(here: Path, deep: Callable[[str, int], Path]) -> None:
    lay(here, {"ok.js": JS})
    deep("d" * 200, 40)
    seen = Seen(".")
    assert list(seen.read()) == ["ok.js"]
    assert list(seen.reasons.values()) == ["unreadable"]


def test_a_thousand_nested_folders(deep: Callable[[str, int], Path]) -> None:
    path = deep("d", 1000)
    assert list(Seen(".").read()) == [str(path)]


@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: socket.socket(socket.AF_UNIX).bind(path)], ids=["FIFO", "socket"]
)
def test_a_special_file_named_by_the_user_is_skipped(here: Path, make: Callable[[str], object]) -> None:
    lay(here, {"ok.js": JS})
    make("odd")
    seen = Seen("odd", "ok.js")
    assert seen.reasons == {"odd": "special"}
    assert list(seen.read()) == ["ok.js"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("nowhere", id="not there"),
        pytest.param("", id="empty"),
        pytest.param("ok.js/x", id="below a file"),
        pytest.param("nul\0", id="a NUL"),
        pytest.param("x" * 300, id="too long a name"),
        pytest.param("loop", id="a link to itself"),
        pytest.param("dangling", id="a link to nothing"),
        pytest.param("evil\x1b[31m\nname", id="control characters"),
    ],
)
def test_a_path_that_is_not_there_is_one_clear_line(here: Path, path: str) -> None:
    lay(here, {"ok.js": JS, "loop": Path("loop"), "dangling": Path("gone")})
    with pytest.raises(InputError) as caught:
        discover(["ok.js", path], lambda _: None)
    assert str(caught.value).isprintable()
    assert caught.value.hint


def install(where: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"{command[0]} cannot install here: {done.stderr.strip().splitlines()[-1:]}")


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"), id="npm"),
        pytest.param(("npx", "--yes", "pnpm@10.34.9", "install", "--ignore-scripts"), id="pnpm"),
    ],
)
def test_a_real_installation_agrees_with_its_lockfile(here: Path, command: tuple[str, ...]) -> None:
    # mkdirp 0.5.1 brings the old minimist; @sindresorhus/is is scoped.
    wanted = {"mkdirp": "0.5.1", "minimist": "1.2.8", "@sindresorhus/is": "4.6.0"}
    lay(here, {"package.json": named("app", dependencies=wanted)})
    install(here, *command)
    seen = Seen(".")
    expected = {("mkdirp", "0.5.1"), ("minimist", "0.0.8"), ("minimist", "1.2.8"), ("@sindresorhus/is", "4.6.0")}
    found = [(package.name, package.version) for package in seen.packages if package.name != "app"]
    assert sorted(found) == sorted(expected)
    assert seen.skipped == []
    assert all(package.files for package in seen.packages if package.name != "app")
