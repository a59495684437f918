"""The cache: the same report as without it, whatever has changed, and whatever has become of what was kept."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import stat
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from linter.cache import LIMIT, Cache, identity, signature, usual
from linter.cache.memory import Works
from linter.cache.place import DATABASE
from linter.cache.records import ShapeError, report_read, report_written, work_read, work_written
from linter.cache.store import APPLICATION, SCHEMA, Store, Tree
from linter.config import Config
from linter.config.patterns import PathPattern
from linter.config.scope import Scope
from linter.finding import Report, Skipped
from linter.meter import Reuse
from linter.packages import File
from linter.packages.package import Folder
from linter.rule import load_rules
from linter.scan import Settings, check
from linter.sets import selected
from linter.work import Work
from tests.conftest import Run

RULES = selected(load_rules(), ["new-buffer"])
CODE = "module.exports = new Buffer(n);\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def manifest(name: str, version: str = "1.0.0", **more: Any) -> str:
    return json.dumps({"name": name, "version": version, **more})


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with copies of a package, a linked one, a script and a tarball. It is old enough to be trusted."""
    monkeypatch.setattr(signature, "RECENT", 0)
    at = tmp_path / "project"
    write(at, {
        "package.json": manifest("project", dependencies={"a": "1", "b": "1"}, engines={"node": ">=6"}),
        "node_modules/a/package.json": manifest("a", dependencies={"c": "1"}),
        "node_modules/a/index.js": CODE,
        "node_modules/a/lib/clean.js": "1;\n",
        "node_modules/a/docs/readme.md": "no code here\n",
        "node_modules/a/node_modules/c/package.json": manifest("c"),
        "node_modules/a/node_modules/c/index.js": CODE,
        "node_modules/b/package.json": manifest("b"),
        "node_modules/b/bin/run": "#!/bin/sh\n",
        "node_modules/b/node_modules/c/package.json": manifest("c"),
        "node_modules/b/node_modules/c/index.js": CODE,
        "node_modules/b/broken.js": "new Buffer(1); }}} ((\n",
    })  # fmt: skip
    write(tmp_path, {"elsewhere/package.json": manifest("linked"), "elsewhere/index.js": CODE})
    (at / "node_modules/linked").symlink_to(tmp_path / "elsewhere")
    (at / "node_modules/gone").symlink_to(tmp_path / "nothing")
    return at


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def scan(tree: Path, cache: Cache | None, **named: Any) -> Report:
    """The report, less what may be different each time."""
    settings = named.pop("settings", Settings(node="all"))
    report = check([str(tree)], named.pop("rules", RULES), settings, stdin=bytes, cache=cache, **named)
    return replace(report, stats=replace(report.stats, seconds=0.0, profile=None))


def reuse(tree: Path, cache: Cache, **named: Any) -> Reuse:
    """What the cache is good for now."""
    report = check([str(tree)], RULES, Settings(node="all"), stdin=bytes, cache=cache, stats=True, **named)
    profile = report.stats.profile
    assert profile
    assert profile.reuse
    return profile.reuse


def test_the_second_report_is_the_first(tree: Path, cache: Cache) -> None:
    plain = scan(tree, None)
    assert len(plain.findings) == 5
    assert plain.stats.duplicates == 1
    assert {one.reason for one in plain.skipped} == {"partial", "loop"}
    assert scan(tree, cache) == plain
    assert reuse(tree, cache) == Reuse(6, 0, 0)
    assert scan(tree, cache) == plain
    assert cache.trouble == ""


def test_the_same_of_real_packages(socket_io_tree: Path, cache: Cache) -> None:
    rules = load_rules()
    plain = scan(socket_io_tree, None, rules=rules)
    assert plain.findings
    assert [scan(socket_io_tree, cache, rules=rules) for _ in range(2)] == [plain, plain]
    assert check([str(socket_io_tree)], rules, Settings(node="all"), stdin=bytes, cache=cache, stats=True).stats.profile


def test_contents_are_known_wherever_they_are(tree: Path, cache: Cache, tmp_path: Path) -> None:
    scan(tree, cache)
    copy = Path(shutil.copytree(tree, tmp_path / "copy", symlinks=True))
    assert scan(copy, cache) == scan(copy, None)
    again = Path(shutil.copytree(tree, tmp_path / "again", symlinks=True))
    assert reuse(again, cache) == Reuse(0, 4, 0)


@pytest.mark.parametrize("jobs", [1, 2])
def test_processes_share_it(tree: Path, cache: Cache, jobs: int) -> None:
    plain = scan(tree, None)
    assert scan(tree, cache, jobs=jobs) == plain
    (tree / "node_modules/b/broken.js").write_text("new Buffer(2); }}} ((\n")
    (tree / "node_modules/a/index.js").touch()
    plain = scan(tree, None)
    assert scan(tree, cache, jobs=jobs) == plain
    assert reuse(tree, cache, jobs=jobs) == Reuse(6, 0, 0)


# -- what changes --------------------------------------------------------------------------------


def in_place(tree: Path) -> None:
    with (tree / "node_modules/a/index.js").open("a") as file:
        file.write(CODE)


def unnoticed(tree: Path) -> None:
    """As many bytes as before, and modified when it was."""
    path = tree / "node_modules/a/index.js"
    about = path.stat()
    path.write_text(CODE.replace("Buffer(n)", "Bluffs(n)"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def replaced(tree: Path) -> None:
    write(tree, {"new.txt": CODE + CODE})
    (tree / "new.txt").replace(tree / "node_modules/a/lib/clean.js")


def retargeted(tree: Path) -> None:
    write(tree.parent, {"other/package.json": manifest("linked", "2.0.0"), "other/index.js": CODE + CODE})
    (tree / "node_modules/linked").unlink()
    (tree / "node_modules/linked").symlink_to(tree.parent / "other")


def swapped(tree: Path) -> None:
    """Another folder of the same name, and no younger than the first."""
    write(tree, {"x/index.js": CODE + CODE, "x/package.json": manifest("a")})
    (tree / "node_modules/a").rename(tree.parent / "old")
    (tree / "x").rename(tree / "node_modules/a")


def packed(tree: Path) -> None:
    with tarfile.open(tree / "node_modules/a.tgz", "w:gz") as archive:
        archive.add(tree / "node_modules/a", "package")


def folder_instead(tree: Path) -> None:
    (tree / "node_modules/a/index.js").unlink()
    write(tree, {"node_modules/a/index.js/index.js": CODE})


CHANGES: dict[str, Callable[[Path], object]] = {
    "in place": in_place,
    "unnoticed": unnoticed,
    "replaced": replaced,
    "retargeted": retargeted,
    "swapped": swapped,
    "touched": lambda tree: (tree / "node_modules/a/index.js").touch(),
    "a new file": lambda tree: write(tree, {"node_modules/a/more.js": CODE}),
    "where none was": lambda tree: write(tree, {"node_modules/a/docs/deep/more.js": CODE}),
    "no file": lambda tree: (tree / "node_modules/a/index.js").unlink(),
    "no package": lambda tree: shutil.rmtree(tree / "node_modules/b"),
    "the first copy": lambda tree: write(tree, {"node_modules/a/node_modules/c/index.js": CODE + CODE}),
    "the second copy": lambda tree: write(tree, {"node_modules/b/node_modules/c/index.js": CODE + CODE}),
    "both copies": lambda tree: write(tree, {f"node_modules/{name}/node_modules/c/index.js": "0;" for name in "ab"}),
    "a version": lambda tree: write(tree, {"node_modules/a/package.json": manifest("a", "2.0.0")}),
    "no dependency": lambda tree: write(tree, {"package.json": manifest("project")}),
    "for development": lambda tree: write(tree, {"package.json": manifest("project", devDependencies={"a": "1"})}),
    "a package inside": lambda tree: write(tree, {"node_modules/a/lib/package.json": manifest("inner")}),
    "a script": lambda tree: write(tree, {"node_modules/b/bin/run": f"#!/usr/bin/env node\n{CODE}"}),
    "what a link leads to": lambda tree: write(tree.parent, {"elsewhere/index.js": "1;\n"}),
    "a link that led nowhere": lambda tree: write(tree.parent, {"nothing/package.json": manifest("gone")}),
    "a newer copy": lambda tree: write(tree, {
        "node_modules/c/package.json": manifest("c", "2.0.0"), "node_modules/c/index.js": "0;",
    }),
    "an unreadable name": lambda tree: Path(os.fsdecode(os.fsencode(tree) + b"/\xff.js")).write_text(CODE),
    "a folder instead": folder_instead,
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_is_seen(tree: Path, cache: Cache, what: str) -> None:
    scan(tree, cache)
    assert reuse(tree, cache) == Reuse(6, 0, 0)
    before = scan(tree, None)
    CHANGES[what](tree)
    plain = scan(tree, None)
    assert (plain == before) == (what == "touched")
    assert [scan(tree, cache) for _ in range(3)] == [plain] * 3
    assert reuse(tree, cache).unchanged == plain.stats.packages
    assert cache.trouble == ""


ABOVE: dict[str, Callable[[Path], object]] = {
    "dependencies": lambda tree: write(tree, {"package.json": manifest("project")}),
    "a name": lambda tree: write(tree, {"package.json": manifest("other", dependencies={"a": "1", "b": "1"})}),
    "no project": lambda tree: (tree / "package.json").unlink(),
    "a workspace": lambda tree: write(tree.parent, {"package.json": manifest("p", workspaces=["*"])}),
    "another workspace": lambda tree: write(tree.parent, {
        "pnpm-workspace.yaml": "packages: ['*']", "package.json": manifest("p"),
    }),
}  # fmt: skip


@pytest.mark.parametrize("what", ABOVE)
def test_what_changes_above_is_seen(tree: Path, cache: Cache, what: str) -> None:
    write(tree.parent, {"two/package.json": manifest("two")})
    modules = tree / "node_modules"
    scan(modules, cache)
    assert reuse(modules, cache).unchanged == 6
    ABOVE[what](tree)
    assert [scan(modules, cache) for _ in range(2)] == [scan(modules, None)] * 2
    write(tree.parent, {"two/package.json": manifest("two", dependencies={"c": "1"}), "two/node_modules/x": ""})
    assert scan(modules, cache) == scan(modules, None)


def test_only_what_changed_is_looked_at_again(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    in_place(tree)
    assert reuse(tree, cache) == Reuse(5, 0, 1)
    (tree / "node_modules/a/index.js").touch()
    assert reuse(tree, cache) == Reuse(5, 1, 0)


def test_a_tarball_is_known_by_itself(tree: Path, cache: Cache) -> None:
    packed(tree)
    archive = tree / "node_modules/a.tgz"
    assert scan(archive, cache) == scan(archive, None)
    assert reuse(archive, cache).unchanged == 2
    in_place(tree)
    packed(tree)
    assert [scan(archive, cache) for _ in range(2)] == [scan(archive, None)] * 2


def test_what_changed_a_moment_ago_is_not_trusted(tree: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    scan(tree, cache)
    assert reuse(tree, cache) == Reuse(1, 4, 0)  # the project's own package has no files that could have changed


def test_a_file_that_changes_during_the_scan_is_not_trusted(tree: Path, cache: Cache) -> None:
    path = tree / "node_modules/a/index.js"

    def change(_: object) -> None:
        path.write_text("1;\n")

    check([str(tree)], RULES, Settings(node="all"), stdin=bytes, cache=cache, progress=change)
    assert scan(tree, cache) == scan(tree, None)


def test_what_may_go_better_is_tried_again(tree: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = scan(tree, None)
    with monkeypatch.context() as patch:
        patch.setattr("linter.engine.MATCH_SECONDS", -1.0)
        slow = scan(tree, cache)
        assert {one.reason for one in slow.skipped} >= {"too-slow"}
        assert scan(tree, cache) == slow
    assert scan(tree, cache) == plain


@pytest.mark.parametrize("what", ["suppress", "expired", "paths", "packages", "production"])
def test_a_project_decides_anew_each_time(tree: Path, cache: Cache, what: str) -> None:
    from datetime import date

    from linter.config.patterns import PackagePattern
    from linter.config.suppression import Suppression

    suppression = Suppression("new-buffer", "why", PackagePattern.read("c"), until=date(2030, 1, 31))
    scopes = {
        "suppress": Scope(suppress=(suppression,), today=date(2030, 1, 31)),
        "expired": Scope(suppress=(suppression,), today=date(2030, 2, 1)),
        "paths": Scope(folder=str(tree), paths=(PathPattern.read("!node_modules/b/"),)),
        "packages": Scope(packages=(PackagePattern.read("!c"),)),
        "production": Scope(production=True),
    }
    write(tree, {"package.json": manifest("project", devDependencies={"b": "1"}, dependencies={"a": "1"})})
    settings = Settings(node="all", scope=scopes[what])
    plain = scan(tree, None, settings=settings)
    scan(tree, cache, settings=Settings(node="all", scope=scopes["suppress"]))
    assert [scan(tree, cache, settings=settings) for _ in range(2)] == [plain, plain]
    assert scan(tree, cache) == scan(tree, None)


# -- what a result depends on beside the contents ------------------------------------------------


def test_what_a_key_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rule, settings = RULES[0], Settings()

    def made() -> bytes:
        return identity.environment([rule], settings, mends=False)

    keys = {"": made(), "again": made()}
    assert len(set(keys.values())) == 1
    keys = {
        "": made(),
        "rules": identity.environment([], settings, mends=False),
        "page": identity.environment([replace(rule, page=rule.page + " ")], settings, mends=False),
        "severity": identity.environment([replace(rule, severity="note")], settings, mends=False),
        "suggestions": identity.environment([rule], replace(settings, suggestions=True), mends=False),
        "release": identity.environment([rule], replace(settings, release="null"), mends=False),
        "mends": identity.environment([rule], settings, mends=True),
    }
    for name, value in (
        ("__version__", "0.0.0"), ("SCHEMA", 0), ("program", lambda: b"other"), ("parsers", lambda: ["other-1"]),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(identity, name, value)
            keys[name] = made()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
        keys["python"] = made()
    assert len(set(keys.values())) == len(keys)


def test_what_the_key_of_a_tree_depends_on(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    settings = Settings()

    def key(*paths: str, made: bytes = b"1", settings: Settings = settings) -> bytes:
        return identity.tree(made, paths or (".",), settings)

    day = replace(settings, scope=replace(settings.scope, today=settings.scope.today.replace(year=2001)))
    assert key() == key(settings=day)
    keys = [
        key(), key(str(tree)), key(".", "node_modules"), key(made=b"2"), key(settings=replace(settings, node="20")),
        key(settings=replace(settings, scope=Scope(production=True))),
    ]  # fmt: skip
    with monkeypatch.context() as patch:
        patch.chdir(tree.parent)
        keys.append(key(str(tree)))
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 12345)
        keys.append(key())
    tree.rename(tree.with_name("was"))
    (tmp_path / "other").mkdir()
    tree.symlink_to(tmp_path / "other")
    keys.append(key(str(tree)))
    assert len(set(keys)) == len(keys)


def test_code_that_was_edited_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"linter/pipeline.py": "", "linter/kinds/a.py": "1", "linter/__pycache__/a.py": ""})
    monkeypatch.setattr(identity, "_PROGRAM", tmp_path / "linter")
    first = identity.program()
    write(tmp_path, {"linter/__pycache__/a.py": "changed"})
    assert identity.program() == first
    write(tmp_path, {"linter/kinds/a.py": "22"})
    second = identity.program()
    write(tmp_path, {"nodemend-1.dist-info/RECORD": "x\nlinter/pipeline.py,sha256=a,0\n"})
    third = identity.program()
    write(tmp_path, {"linter/kinds/a.py": "333"})  # an installed program is what its installer says
    assert len({first, second, third}) == 3
    assert identity.program() == third


def test_the_parsers_are_those_that_are_used() -> None:
    import importlib.metadata

    names = ["tree-sitter", "tree-sitter-javascript", "tree-sitter-typescript", "tree-sitter-regex"]
    versions = [importlib.metadata.version(name) for name in names]
    assert [name.removesuffix(".dist-info").rpartition("-")[2] for name in identity.parsers()] == versions


def test_another_node_is_another_question(tree: Path, cache: Cache) -> None:
    for node in ("all", "0.10", "", "all"):
        settings = Settings(node=node)
        assert scan(tree, cache, settings=settings) == scan(tree, None, settings=settings)


# -- what was kept -------------------------------------------------------------------------------

WORK = b'[[],[],[["r","*",1,""]],3]'


def test_results_come_back_as_they_were(tree: Path) -> None:
    report = scan(tree, None, rules=load_rules())
    assert report_read(report_written(report)) == replace(report, suppressed=())
    files = [File(Folder("shown/", "inside/", "/disk/"), name) for name in ("a.js", "\udcff.js")]
    work = Work(
        tuple(replace(f, path="shown/\udcff.js", trace=()) for f in report.findings),
        (), (Skipped("shown/a.js", "partial", "\n\0"),), (), 4,
    )  # fmt: skip
    assert work_read(work_written(work, files), files) == work
    assert work_written(replace(work, skipped=(Skipped("elsewhere", "partial"),)), files) == b""
    with pytest.raises(ShapeError):
        work_read(work_written(work, files), files[:1])


def test_any_other_shape_is_refused(tree: Path) -> None:
    """Each value of a report once replaced by one of another kind, and each list once longer and shorter."""
    whole = json.loads(report_written(scan(tree, None)))

    def variants(value: Any) -> Any:
        yield {"a": 1}
        yield 1.5 if isinstance(value, int) else -7
        if isinstance(value, list):
            for number, item in enumerate(value):
                for other in variants(item):
                    yield [*value[:number], other, *value[number + 1 :]]

    others = list(variants(whole))
    assert len(others) > 300
    for other in others:
        with pytest.raises(ShapeError):
            report_read(json.dumps(other).encode())
    for data in (b"", b"[", b"\xff", b"[" * 100_000, b"null", b"[]", b'[[],[],[],[["packages",true]],[1,1,1,1,1]]'):
        with pytest.raises(ShapeError):
            report_read(data)


def damaged(change: Callable[[sqlite3.Connection], object]) -> Callable[[Path], object]:
    def damage(path: Path) -> None:
        with sqlite3.connect(path) as db:
            change(db)
        db.close()

    return damage


def overwritten(path: Path, start: int) -> None:
    data = bytearray(path.read_bytes())
    data[start:] = random.Random(7).randbytes(len(data) - start)
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut off": lambda path: os.truncate(path, 5000),
    "pages": lambda path: overwritten(path, 1024),
    "behind its head": lambda path: overwritten(path, 100),
    "empty": lambda path: os.truncate(path, 0),
    "gone": lambda path: path.unlink(),
    "an older schema": damaged(lambda db: db.executescript("PRAGMA user_version = 0; DROP TABLE figure")),
    "a newer schema": damaged(lambda db: db.executescript("PRAGMA user_version = 99; ALTER TABLE work ADD x")),
    "a table less": damaged(lambda db: db.execute("DROP TABLE work")),
    "other columns": damaged(lambda db: db.executescript("DROP TABLE tree; CREATE TABLE tree (a)")),
    "a byte": damaged(lambda db: db.execute("UPDATE tree SET report = replace(report, 'new-buffer', 'old-buffer')")),
    "a result": damaged(lambda db: db.execute("UPDATE work SET data = replace(data, 'new-buffer', 'old-buffer')")),
    "another's result": damaged(lambda db: db.execute("UPDATE work SET (sum, data) = (SELECT sum, data FROM work)")),
    "other types": damaged(lambda db: db.execute("UPDATE tree SET used = 'soon', names = 4")),
    "signatures": damaged(lambda db: db.execute("UPDATE tree SET signatures = substr(signatures, 9)")),
    "a journal": lambda path: path.with_name(f"{DATABASE}-journal").write_bytes(random.Random(7).randbytes(9000)),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_no_trouble(tree: Path, cache: Cache, what: str) -> None:
    plain = scan(tree, cache)
    DAMAGES[what](cache.folder / DATABASE)
    assert scan(tree, cache) == plain
    write(tree, {"node_modules/a/more.js": ""})
    assert scan(tree, cache) == scan(tree, None)
    assert reuse(tree, cache).unchanged == 6
    assert cache.trouble == ""


def foreign(folder: Path) -> None:
    folder.mkdir()
    with sqlite3.connect(folder / DATABASE) as db:
        db.execute("CREATE TABLE work (dear BLOB)")
    db.close()


def piped(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / DATABASE)


def open_to_all(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


STRANGERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no database": (lambda at: write(at, {DATABASE: "dear diary"}), "is no cache of nodemend"),
    "another's database": (foreign, "is no cache of nodemend"),
    "a folder": (lambda at: (at / DATABASE).mkdir(parents=True), "is no file"),
    "a file": (lambda at: at.write_text("dear diary"), "is no folder"),
    "below a file": (lambda at: at.parent.write_text(""), "cannot be made"),
    "a pipe": (piped, "is no file"),
    "for all": (open_to_all, "can be written to by others"),
}


@pytest.mark.parametrize("what", STRANGERS)
def test_what_is_not_ours_is_left_alone(tree: Path, tmp_path: Path, what: str, nodemend: Run) -> None:
    make, words = STRANGERS[what]
    folder = tmp_path / ("below/cache" if what == "below a file" else "cache")
    make(folder)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    cache = Cache(folder)
    assert scan(tree, cache) == scan(tree, None)
    assert words in cache.trouble
    done = nodemend("check", "--node", "all", "--select", "new-buffer", "--cache", folder, tree)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("nodemend: without the cache: ")
    assert done.stderr.count(b"\n") == 1
    assert nodemend("check", "-q", "--cache", folder, tree).stderr == b""
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_a_new_database_says_from_its_first_byte_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that looks in between, or a kill there, would take it for somebody else's."""
    connect, heads = sqlite3.connect, []

    def watched(*args: Any, **options: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*args, **options)
        db.set_trace_callback(lambda _: heads.append((tmp_path / DATABASE).read_bytes()[:100]))
        return db

    monkeypatch.setattr("linter.cache.store.sqlite3.connect", watched)
    store = Store(tmp_path)
    store.keep([(b"key", b"data")])
    assert store.work(b"key") == b"data"
    store.close()
    assert {head[68:72] for head in heads} == {b"", APPLICATION.to_bytes(4)}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to give files away")
def test_a_folder_of_somebody_else_is_not_trusted(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    os.chown(cache.folder, 12345, 12345)
    assert scan(tree, cache) == scan(tree, None)
    assert cache.trouble.endswith("belongs to another user")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_cannot_be_written_to_is_read(tree: Path, cache: Cache) -> None:
    plain = scan(tree, cache)
    (cache.folder / DATABASE).chmod(0o400)
    cache.folder.chmod(0o500)
    assert reuse(tree, cache) == Reuse(6, 0, 0)
    assert scan(tree, cache) == plain
    assert "readonly" in cache.trouble


def test_a_full_disk_is_no_trouble_for_the_scan(tree: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(tree, cache)
    real = sqlite3.connect

    def full(*args: Any, **named: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = real(*args, **named)
        db.execute("PRAGMA max_page_count = 1")  # SQLite says of this what it says of a disk
        return db

    monkeypatch.setattr(sqlite3, "connect", full)
    write(tree, {f"node_modules/n{number}/index.js": CODE + " " * number for number in range(90)})
    assert scan(tree, cache) == scan(tree, None)
    assert "full" in cache.trouble


def test_it_is_for_its_owner_alone(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in cache.folder.iterdir()) == [
        ".gitignore", "CACHEDIR.TAG", DATABASE, f"{DATABASE}-journal",
    ]  # fmt: skip


def test_it_keeps_to_its_size(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache", 400_000)
    data = [bytes([number]) * 32 for number in range(40)]
    tree = Tree("place", b"n" * 50_000, b"s" * 50_000, b"", b"")
    for number, key in enumerate(data):
        store.keep([(key, bytes(20_000))], [(key, tree)] if number == 39 else [])
        store._write(lambda db: db.execute("UPDATE work SET used = used - 1"))
        assert store.contents().size <= 400_000 + 8192
    kept = [number for number, key in enumerate(data) if store.work(key)]
    assert store.tree(data[39])
    assert kept
    assert len(kept) < 20
    store.keep([], [(b"large", replace(tree, report=bytes(300_000)))])
    assert store.tree(b"large") is None
    store.close()


def test_what_is_of_use_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    store.keep([(b"old", WORK), (b"used", WORK)], [(b"t", Tree("", b"", b"", b"", b""))])
    store._write(lambda db: [db.execute(f"UPDATE {table} SET used = used - 1000") for table in ("work", "tree")])
    store.used([], [b"used"])
    assert store.prune(500) == 2
    assert (store.work(b"old"), store.work(b"used"), store.tree(b"t")) == (None, WORK, None)
    assert store.prune(-1) == 1
    store.close()


def test_a_warm_scan_says_now_and_then_what_is_of_use(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    store = Store(cache.folder)
    ages = "SELECT min(used) FROM (SELECT used FROM work UNION ALL SELECT used FROM tree)"
    store._write(lambda db: [db.execute(f"UPDATE {table} SET used = used - 90000") for table in ("work", "tree")])
    assert reuse(tree, cache).unchanged == 6
    assert store._do(lambda db: db.execute(ages).fetchone())[0] > time.time() - 1000
    store.close()


def test_a_key_is_for_one_environment() -> None:
    works = [Works(Path("unused"), 1, partial(bytes, made)).key("contents") for made in (b"1", b"2")]
    assert works[0] != works[1]


def test_a_database_says_whose_it_is(tree: Path, cache: Cache) -> None:
    scan(tree, cache)
    with sqlite3.connect(cache.folder / DATABASE) as db:
        numbers = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    db.close()
    assert numbers == [APPLICATION, SCHEMA]


# -- the command line ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x"}, "linux", "/x/nodemend"),
        ({"XDG_CACHE_HOME": "/x"}, "darwin", "/x/nodemend"),
        ({"XDG_CACHE_HOME": "x"}, "linux", "~/.cache/nodemend"),
        ({}, "darwin", "~/Library/Caches/nodemend"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/nodemend/cache"),
    ],
)
def test_the_usual_place(environment: dict[str, str], platform: str, expected: str) -> None:
    assert usual(environment, platform) == Path(expected).expanduser()


def test_the_command(tree: Path, tmp_path: Path, nodemend: Run) -> None:
    folder = tmp_path / "there"

    def said(*arguments: str | Path) -> str:
        done = nodemend(*arguments)
        assert done.returncode == 0, done.stderr
        return (done.stdout + done.stderr).decode()

    assert said("cache", "--cache", folder).startswith(f"{folder}: 0.0 MiB of at most 256 MiB\n")
    assert not folder.exists()
    said("check", "--fail-on", "never", "--select", "new-buffer", "--cache", folder, tree)
    shown = json.loads(said("cache", "--cache", folder, "--json"))
    assert shown["figures"] == {"analysed": 4, "scans": 1}
    assert (shown["folder"], shown["limit"], shown["trees"], shown["packages"]) == (str(folder), LIMIT << 20, 1, 4)
    assert shown["size"] == (folder / DATABASE).stat().st_size
    assert said("cache", "--cache", folder, "prune") == f"nodemend: pruned {folder}: 0 results taken out\n"
    assert said("cache", "--cache", folder, "prune", "--older-than", "0").endswith(": 5 results taken out\n")
    assert said("cache", "--cache", folder, "clear").startswith(f"nodemend: cleared {folder}: ")
    assert not folder.exists()
    assert said("cache", "--cache", folder, "clear") == f"nodemend: cleared {folder}: 0.0 MiB\n"
    assert said("cache", "--cache", "off") == "There is no cache.\n"


def test_clearing_leaves_what_is_not_ours(tmp_path: Path, nodemend: Run) -> None:
    write(tmp_path, {"there/diary.txt": "dear", f"there/{DATABASE}": "no database"})
    done = nodemend("cache", "--cache", "there", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"`nodemend cache clear`" in done.stderr
    assert nodemend("cache", "--cache", "there", "clear", cwd=tmp_path).returncode == 0
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["diary.txt"]


@pytest.mark.parametrize(
    ("arguments", "settings", "expected"),
    [
        ([], "", "home/nodemend"),
        (["--cache", "asked"], "", "asked"),
        (["--no-cache"], "", ""),
        (["--cache", "off"], "", ""),
        ([], "cache = false", ""),
        ([], 'cache = "node_modules/.cache/x"', "node_modules/.cache/x"),
        (["--cache", "asked"], "cache = false", "asked"),
        (["--no-cache"], 'cache = "x"', ""),
    ],
)
def test_where_it_is(tree: Path, run: Run, arguments: list[str], settings: str, expected: str) -> None:
    write(tree, {"nodemend.toml": settings})
    command = [sys.executable, "-m", "linter", "check", "-q", "--fail-on", "never", *arguments]
    done = run("env", f"XDG_CACHE_HOME={tree / 'home'}", *command, cwd=tree)
    assert (done.returncode, done.stderr) == (0, b"")
    found = [path.parent.relative_to(tree).as_posix() for path in tree.rglob(DATABASE)]
    assert found == ([expected] if expected else [])


def test_the_environment_says_where(tree: Path, run: Run) -> None:
    for value in ("there", "off"):
        command = [sys.executable, "-m", "linter", "check", "-q", "--fail-on", "never"]
        home = f"XDG_CACHE_HOME={tree / 'home'}"
        assert run("env", home, f"NODEMEND_CACHE={value}", *command, cwd=tree).returncode == 0
    assert [path.parent for path in tree.rglob(DATABASE)] == [tree / "there"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('cache = "/somewhere"', "leads out of the folder"), ('cache = "../x"', "leads out of the folder"),
        ("cache = 1", "must be a string"), ('cache = ""', "is missing"), ("cache-size = 0", "a whole number above 0"),
        ("cache-size = true", "a whole number above 0"),
    ],
)  # fmt: skip
def test_a_project_keeps_it_below_its_folder(tree: Path, nodemend: Run, settings: str, words: str) -> None:
    write(tree, {"nodemend.toml": f"\n{settings}\n"})
    done = nodemend("check", cwd=tree)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert words in done.stderr.decode()
    assert "nodemend.toml:2:" in done.stderr.decode()


def test_the_default_size_is_one() -> None:
    assert Config().cache_size == LIMIT


@pytest.mark.parametrize("arguments", [["clean.js"], ["clean.js", "other.js"], ["-"], [".", "-"]])
def test_a_file_for_no_rule_costs_no_database(tree: Path, run: Run, tmp_path: Path, arguments: list[str]) -> None:
    program = (
        "import sys, linter.cli; sys.argv[0] = 'nodemend'; code = linter.cli.nodemend.main(standalone_mode=False); "
        "sys.exit(3 if {'sqlite3', 'linter.cache.store'} & set(sys.modules) else 0)"
    )
    write(tree, {"index.js": CODE, "clean.js": "1;\n", "other.js": "2;\n"})
    done = run(sys.executable, "-c", program, "check", "--cache", tmp_path / "there", *arguments, cwd=tree)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "there").exists()
    assert run(sys.executable, "-c", program, "check", "--cache", tmp_path / "there", ".", cwd=tree).returncode == 3


def of_files(cache: Cache | None, *paths: Path, rules: Any = RULES, settings: Any = ()) -> tuple[Report, Reuse | None]:
    """The report on single files, less what may be different each time, and what the cache was good for."""
    settings = settings or Settings(node="all")
    report = check([*map(str, paths)], rules, settings, stdin=bytes, cache=cache, stats=True)
    profile = report.stats.profile
    assert profile
    return replace(report, stats=replace(report.stats, seconds=0.0, profile=None)), profile.reuse


def test_a_file_by_itself_is_known_by_its_contents(tree: Path, cache: Cache) -> None:
    inside = tree / "node_modules"
    files = inside / "a/index.js", inside / "a/lib/clean.js", inside / "b/broken.js"
    plain, _ = of_files(None, *files)
    assert len(plain.findings) == 2
    assert plain.skipped
    assert of_files(cache, *files) == (plain, Reuse(0, 0, 2))
    assert of_files(cache, *files) == (plain, Reuse(0, 2, 0))
    # Files of one package are looked at together: with others it could be another answer.
    assert of_files(cache, files[0])[1] == Reuse(0, 0, 1)


def test_a_file_that_changed_is_looked_at_anew(tree: Path, cache: Cache) -> None:
    file = tree / "node_modules/a/index.js"
    of_files(cache, file)
    about = file.stat()
    for code in ("module.exports = new Buffer(m);\n", "// nothing here\n", CODE):
        file.write_text(code)
        os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
        assert of_files(cache, file)[0] == of_files(None, file)[0]


def test_a_file_is_known_for_the_same_question_only(tree: Path, cache: Cache) -> None:
    file = tree / "node_modules/a/index.js"
    assert of_files(cache, file)[1] == Reuse(0, 0, 1)
    questions: tuple[dict[str, Any], ...] = (
        {"settings": Settings(node="4.0.0")},
        {"settings": Settings(node="all", release="null")},
        {"rules": [replace(RULES[0], severity="note")]},
    )
    for asked in questions:
        assert of_files(cache, file, **asked) == (of_files(None, file, **asked)[0], Reuse(0, 0, 1))
    # The manifest says which package, version and Node: it is not the file, but what is said of it.
    write(tree, {"node_modules/a/package.json": manifest("a", "2.0.0")})
    assert of_files(cache, file) == (of_files(None, file)[0], Reuse(0, 0, 1))


def test_a_file_does_not_stand_for_its_package(tree: Path, cache: Cache) -> None:
    file = tree / "node_modules/a/index.js"
    of_files(cache, file)
    assert scan(tree, cache) == scan(tree, None)
    assert of_files(cache, file)[1] == Reuse(0, 1, 0)


def test_a_file_and_a_folder_are_known_by_their_contents(tree: Path, cache: Cache) -> None:
    paths = tree / "node_modules/a/index.js", tree / "node_modules/b"
    plain, _ = of_files(None, *paths)
    assert [of_files(cache, *paths)[0] for _ in range(2)] == [plain, plain]
    again = of_files(cache, *paths)[1]
    assert again
    assert (again.unchanged, again.analysed) == (0, 0)


def test_trouble_with_the_cache_of_a_file_is_told(tree: Path, tmp_path: Path) -> None:
    write(tmp_path, {"cache": "dear diary"})
    cache = Cache(tmp_path / "cache")
    file = tree / "node_modules/a/index.js"
    assert of_files(cache, file)[0] == of_files(None, file)[0]
    assert "is no folder" in cache.trouble
