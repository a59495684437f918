"""One changed file: the report is that of a scan without a cache, and packages are looked for only where they must."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linter import scan as scanning
from linter.cache import Cache, signature
from linter.cache.amending import MANY
from linter.cache.store import Store
from linter.config.patterns import PackagePattern, PathPattern
from linter.config.scope import Scope
from linter.config.suppression import Suppression
from linter.rule import load_rules
from linter.scan import Settings
from linter.sets import selected
from tests.test_cache import CODE, manifest, reuse, scan, write

OTHER = "var b = new Buffer(m), c = new Buffer('x');\n"
SILENT = "module.exports = Buffer;\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with copies, another version of one of them, a linked package, a script, and a broken file."""
    monkeypatch.setattr(signature, "RECENT", 0)
    at = tmp_path / "project"
    write(at, {
        "package.json": manifest("project", dependencies={"a": "1", "b": "1", "linked": "1"}, engines={"node": ">=6"}),
        "index.js": SILENT,
        "node_modules/a/package.json": manifest("a", dependencies={"c": "1"}),
        "node_modules/a/index.js": CODE,
        "node_modules/a/lib/clean.js": "1;\n",
        "node_modules/a/lib/deep/one.js": CODE,
        "node_modules/a/node_modules/c/package.json": manifest("c"),
        "node_modules/a/node_modules/c/index.js": CODE,
        "node_modules/b/package.json": manifest("b", dependencies={"c": "1"}),
        "node_modules/b/bin/run": "#!/usr/bin/env node\nnew Buffer(1);\n",
        "node_modules/b/node_modules/c/package.json": manifest("c"),
        "node_modules/b/node_modules/c/index.js": CODE,
        "node_modules/b/broken.js": "new Buffer(1); }}} ((\n",
        "node_modules/c/package.json": manifest("c", "2.0.0"),
        "node_modules/c/index.js": SILENT,
        "node_modules/@s/d/package.json": manifest("@s/d"),
        "node_modules/@s/d/index.js": CODE,
        "node_modules/e/index.js": CODE,
    })  # fmt: skip
    write(tmp_path, {"elsewhere/package.json": manifest("linked"), "elsewhere/src/index.js": CODE})
    (at / "node_modules/linked").symlink_to(tmp_path / "elsewhere")
    (at / "node_modules/gone").symlink_to(tmp_path / "nothing")
    return at


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows each time that packages are looked for."""
    met: list[object] = []
    discover = scanning.discover  # type: ignore[attr-defined]

    def noted(*given: Any, **named: Any) -> Any:
        met.append(given)
        return discover(*given, **named)

    monkeypatch.setattr(scanning, "discover", noted)
    return met


def put(name: str, code: str) -> Callable[[Path], object]:
    return lambda tree: (tree / name).write_text(code)


def replaced(name: str, code: str) -> Callable[[Path], object]:
    """Written beside it and renamed to it, as editors and package managers do."""

    def change(tree: Path) -> None:
        (tree / f"{name}.tmp").write_text(code)
        os.replace(tree / f"{name}.tmp", tree / name)

    return change


def several(*changes: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda tree: [change(tree) for change in changes]


def as_old(name: str, code: str) -> Callable[[Path], object]:
    def change(tree: Path) -> None:
        about = (tree / name).stat()
        (tree / name).write_text(code)
        os.utime(tree / name, ns=(about.st_atime_ns, about.st_mtime_ns))

    return change


FEW: dict[str, Callable[[Path], object]] = {
    "in place": put("node_modules/a/index.js", OTHER),
    "by renaming": replaced("node_modules/a/index.js", OTHER),
    "nothing left": put("node_modules/a/lib/deep/one.js", SILENT),
    "something new": put("node_modules/a/lib/clean.js", OTHER),
    "no gate any more": several(put("node_modules/@s/d/index.js", "1;\n")),
    "the project's own": put("index.js", OTHER),
    "with the old time": as_old("node_modules/a/index.js", OTHER),
    "the first copy": put("node_modules/a/node_modules/c/index.js", OTHER),
    "the second copy": put("node_modules/b/node_modules/c/index.js", OTHER),
    "both copies": several(
        put("node_modules/a/node_modules/c/index.js", OTHER), put("node_modules/b/node_modules/c/index.js", OTHER)
    ),
    "a copy that is one no more": put("node_modules/b/node_modules/c/index.js", "1;\n"),
    "a newer version": put("node_modules/c/index.js", CODE),
    "an older version": put("node_modules/a/node_modules/c/index.js", SILENT),
    "mended": put("node_modules/b/broken.js", "new Buffer(1);\n"),
    "broken": put("node_modules/a/index.js", "new Buffer(1); }}} ((\n"),
    "binary": lambda tree: (tree / "node_modules/a/index.js").write_bytes(b"\0new Buffer(1)"),
    "empty": put("node_modules/a/index.js", ""),
    "of a linked package": put("../elsewhere/src/index.js", OTHER),
    "without a manifest": replaced("node_modules/e/index.js", SILENT),
    "a readme beside it": put("node_modules/a/readme.md", "new Buffer(1)\n"),
    "only touched": lambda tree: os.utime(tree / "node_modules/a/index.js", ns=(5, 5)),
    "a folder touched": lambda tree: os.utime(tree / "node_modules/a/lib", ns=(5, 5)),
    "two files changed places": several(
        lambda tree: (tree / "node_modules/a/index.js").rename(tree / "index.tmp"),
        lambda tree: (tree / "node_modules/a/lib/clean.js").rename(tree / "node_modules/a/index.js"),
        lambda tree: (tree / "index.tmp").rename(tree / "node_modules/a/lib/clean.js"),
    ),
}


def linked_folder(tree: Path) -> None:
    shutil.move(tree / "node_modules/a/lib", tree.parent / "lib")
    (tree / "node_modules/a/lib").symlink_to(tree.parent / "lib")


def linked_file(tree: Path) -> None:
    shutil.move(tree / "node_modules/a/index.js", tree.parent / "index.js")
    (tree / "node_modules/a/index.js").symlink_to(tree.parent / "index.js")


def relinked(tree: Path) -> None:
    shutil.copytree(tree.parent / "elsewhere", tree.parent / "other")
    (tree.parent / "other/src/index.js").write_text(OTHER)
    (tree / "node_modules/linked").unlink()
    (tree / "node_modules/linked").symlink_to(tree.parent / "other")


MORE: dict[str, Callable[[Path], object]] = {
    "a file came": put("node_modules/a/more.js", OTHER),
    "a file went": lambda tree: (tree / "node_modules/a/lib/clean.js").unlink(),
    "a file is called otherwise": lambda tree: (tree / "node_modules/a/index.js").rename(tree / "node_modules/a/x.js"),
    "a folder came": lambda tree: write(tree, {"node_modules/a/src/index.js": OTHER}),
    "a folder went": lambda tree: shutil.rmtree(tree / "node_modules/a/lib"),
    "a folder is called otherwise": lambda tree: (tree / "node_modules/a/lib").rename(tree / "node_modules/a/src"),
    "packages inside": lambda tree: write(
        tree, {"node_modules/e/node_modules/f/package.json": manifest("f"), "node_modules/e/node_modules/f/x.js": CODE}
    ),
    "a package came": lambda tree: write(
        tree, {"node_modules/f/package.json": manifest("f"), "node_modules/f/index.js": CODE}
    ),
    "a package went": lambda tree: shutil.rmtree(tree / "node_modules/c"),
    "a folder is a link now": linked_folder,
    "a file is a link now": linked_file,
    "a link leads elsewhere": relinked,
    "a link leads somewhere": lambda tree: shutil.copytree(tree / "node_modules/a", tree.parent / "nothing"),
    "a file is a folder now": several(
        lambda tree: (tree / "node_modules/a/index.js").unlink(),
        lambda tree: write(tree, {"node_modules/a/index.js/index.js": OTHER}),
    ),
    "a file is a pipe now": several(
        lambda tree: (tree / "node_modules/a/index.js").unlink(),
        lambda tree: os.mkfifo(tree / "node_modules/a/index.js"),
    ),
    "another version": put("node_modules/a/package.json", manifest("a", "2.0.0")),
    "a manifest came": put("node_modules/e/package.json", manifest("e", "1.0.0")),
    "a manifest inside came": put("node_modules/a/lib/package.json", manifest("inner")),
    "a manifest went": lambda tree: (tree / "node_modules/a/package.json").unlink(),
    "another Node": put("package.json", manifest("project", engines={"node": ">=20"})),
    "a script is none now": put("node_modules/b/bin/run", "#!/bin/sh\n"),
    "a script came": put("node_modules/b/bin/more", "#!/usr/bin/env node\nnew Buffer(2);\n"),
    "a file and a folder": several(
        put("node_modules/a/index.js", OTHER), lambda tree: write(tree, {"node_modules/b/src/index.js": OTHER})
    ),
}


@pytest.mark.parametrize("node", ["all", ""], ids=["any Node", "the project's Node"])
@pytest.mark.parametrize("what", [*FEW, *MORE])
def test_whatever_changes_the_report_is_that_of_a_plain_scan(tree: Path, cache: Cache, what: str, node: str) -> None:
    settings = Settings(node=node)
    scan(tree, cache, settings=settings)
    (FEW | MORE)[what](tree)
    plain = scan(tree, None, settings=settings)
    assert [scan(tree, cache, settings=settings) for _ in range(3)] == [plain] * 3
    assert cache.trouble == ""
    # And once more, from what was kept of that.
    write(tree, {"node_modules/b/broken.js": "new Buffer(2, 3);\n"})
    plain = scan(tree, None, settings=settings)
    assert [scan(tree, cache, settings=settings) for _ in range(2)] == [plain] * 2


@pytest.mark.parametrize("what", FEW)
def test_packages_are_not_looked_for_where_a_file_has_changed(
    tree: Path, cache: Cache, walks: list[object], what: str
) -> None:
    scan(tree, cache)
    FEW[what](tree)
    walks.clear()
    scan(tree, cache)
    assert walks == []
    assert reuse(tree, cache).analysed == 0
    assert walks == []


@pytest.mark.parametrize("what", MORE)
def test_packages_are_looked_for_where_more_has_changed(
    tree: Path, cache: Cache, walks: list[object], what: str
) -> None:
    scan(tree, cache)
    MORE[what](tree)
    walks.clear()
    scan(tree, cache)
    assert len(walks) == 1


def test_only_the_package_of_a_changed_file_is_analysed(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    (tree / "node_modules/a/index.js").write_text(OTHER)
    known = reuse(tree, cache)
    assert (known.known, known.analysed) == (0, 1)
    assert known.unchanged == scan(tree, None).stats.packages - 1


def test_many_changed_files_are_looked_for_with_their_packages(tree: Path, cache: Cache, walks: list[object]) -> None:
    names = [f"node_modules/a/lib/{number}.js" for number in range(MANY + 1)]
    write(tree, dict.fromkeys(names, SILENT))
    scan(tree, cache)
    for count, walked in ((MANY, 0), (MANY + 1, 1)):
        for name in names[:count]:
            (tree / name).write_text(f"{CODE}// {count}\n")
        walks.clear()
        assert scan(tree, cache) == scan(tree, None)
        assert len(walks) == walked + 1  # the plain scan's


@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_say_the_same(tree: Path, cache: Cache, jobs: int) -> None:
    rules = load_rules()
    scan(tree, cache, rules=rules, jobs=jobs)
    for code in (OTHER, SILENT, CODE):
        (tree / "node_modules/a/index.js").write_text(code)
        assert scan(tree, cache, rules=rules, jobs=jobs) == scan(tree, None, rules=rules)


@pytest.mark.parametrize("what", ["production", "paths", "packages", "suppress"])
def test_what_is_left_out_stays_so(tree: Path, cache: Cache, what: str) -> None:
    scope = {
        "production": Scope(production=True),
        "paths": Scope(folder=str(tree), paths=(PathPattern.read("!**/lib/**"),)),
        "packages": Scope(packages=(PackagePattern.read("!c"),)),
        "suppress": Scope(suppress=(Suppression("new-buffer", "why", PackagePattern.read("a")),)),
    }[what]
    settings = Settings(node="all", scope=scope)
    for name in ("node_modules/a/lib/clean.js", "node_modules/a/index.js", "node_modules/e/index.js"):
        scan(tree, cache, settings=settings)
        (tree / name).write_text(OTHER)
        assert scan(tree, cache, settings=settings) == scan(tree, None, settings=settings)


def test_a_result_that_is_gone_is_made_anew(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    store = Store(cache.folder)
    store._write(lambda db: db.execute("DELETE FROM work"))
    store.close()
    (tree / "node_modules/a/index.js").write_text(OTHER)
    assert scan(tree, cache) == scan(tree, None)


@pytest.mark.parametrize("seed", range(4))
def test_a_tree_that_goes_on_changing_is_told_of_as_it_is(tree: Path, cache: Cache, seed: int) -> None:
    chosen = random.Random(seed)
    rules = selected(load_rules(), ["new-buffer", "upgrade-head-retained"])
    names = [*sorted(str(path.relative_to(tree)) for path in tree.rglob("*.js")), "../elsewhere/src/index.js"]
    codes = (CODE, OTHER, SILENT, "1;\n", "", "new Buffer(1); }}} ((\n")
    scan(tree, cache, rules=rules)
    for _ in range(25):
        for name in chosen.sample(names, chosen.choice((0, 1, 1, 2, 3))):
            path = tree / name
            way = chosen.randrange(10)
            if way == 0 and path.exists():
                path.unlink()
            elif way < 4:
                replaced(name, chosen.choice(codes))(tree)
            else:
                path.write_text(chosen.choice(codes))
        assert scan(tree, cache, rules=rules) == scan(tree, None, rules=rules)
