"""By which chain an installed package came in, whether development alone needs it, and where it is mended already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from linter.config.patterns import PathPattern
from linter.config.scope import Scope
from linter.dependencies import Dependencies, Provenance
from linter.dependencies.workspaces import members
from linter.finding import Report
from linter.packages.met import Met
from linter.rule import load_rules
from linter.scan import Settings, check
from linter.sets import selected
from tests import npm
from tests.conftest import Run

CODE = "module.exports = new Buffer(8);\n"
RULES = selected(load_rules(), ["new-buffer"])


def lay(root: Path, packages: dict[str, dict[str, Any]]) -> None:
    """A tree of packages: by folder, what each package.json says besides the version. Each has one finding."""
    for folder, content in packages.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "package.json").write_text(json.dumps({"version": "1.0.0", **content}))
        (root / folder / "a.js").write_text(CODE)


def chains(root: Path, *folders: str) -> dict[str, str]:
    """By folder of a package: its chain, with a `~` behind one for development; the others have none."""
    of = Dependencies()
    found = {folder: of.of(str((root / folder).resolve())) for folder in folders}
    return {f: " > ".join(p.chain) + ("~" if p.needed == "development" else "") for f, p in found.items() if p}


def needs(*names: str, **sections: list[str]) -> dict[str, Any]:
    said = {"dependencies": [*names], **sections}
    return {section: dict.fromkeys(names, "*") for section, names in said.items() if names}


NESTED = {
    ".": {"name": "app", **needs("karma", devDependencies=["mocha", "both"])},
    "node_modules/karma": {"name": "karma", **needs("socket.io", "both")},
    "node_modules/karma/node_modules/socket.io": {"name": "socket.io"},
    "node_modules/socket.io": {"name": "socket.io", "version": "2.0.0"},
    "node_modules/mocha": {"name": "mocha", **needs("socket.io", peerDependencies=["peer", "missing"])},
    "node_modules/both": {"name": "both"},
    "node_modules/peer": {"name": "peer"},
    "node_modules/extraneous": {"name": "extraneous"},
}


def test_names_are_looked_up_as_node_does(tmp_path: Path) -> None:
    lay(tmp_path, NESTED)
    assert chains(tmp_path, *NESTED) == {
        "node_modules/karma": "app > karma",
        "node_modules/karma/node_modules/socket.io": "app > karma > socket.io",
        "node_modules/socket.io": "app > mocha > socket.io~",
        "node_modules/mocha": "app > mocha~",
        "node_modules/both": "app > karma > both",  # for production rather than short
        "node_modules/peer": "app > mocha > peer~",
    }


def test_the_stores_of_pnpm(tmp_path: Path) -> None:
    store = "node_modules/.pnpm/{}@1.0.0/node_modules/{}".format
    lay(tmp_path, {
        ".": {"name": "app", **needs("a")},
        store("a", "a"): {"name": "a", **needs("@x/b")},
        store("@x+b", "@x/b"): {"name": "@x/b", **needs("a")},
    })  # fmt: skip
    (tmp_path / "node_modules/a").symlink_to(tmp_path / store("a", "a"))
    (tmp_path / "node_modules/.pnpm/a@1.0.0/node_modules/@x").mkdir()
    (tmp_path / "node_modules/.pnpm/a@1.0.0/node_modules/@x/b").symlink_to(tmp_path / store("@x+b", "@x/b"))
    (tmp_path / "node_modules/.pnpm/@x+b@1.0.0/node_modules/a").symlink_to(tmp_path / store("a", "a"))
    assert list(chains(tmp_path, store("a", "a"), store("@x+b", "@x/b")).values()) == ["app > a", "app > a > @x/b"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"package.json": '{"workspaces": ["packages/*"]}'}, id="list"),
        pytest.param({"package.json": '{"workspaces": {"packages": ["./packages/one/", "*/two"]}}'}, id="object"),
        pytest.param({"package.json": "{}", "pnpm-workspace.yaml": "packages:\n- 'packages/**'\n"}, id="pnpm"),
        pytest.param({"package.json": "{}", "pnpm-workspace.yaml": "packages: ['**', '!**/three']\n"}, id="negated"),
    ],
)
def test_workspaces_share_what_is_installed(tmp_path: Path, files: dict[str, str]) -> None:
    lay(tmp_path, {
        "packages/one": {"name": "@mono/one", **needs("x", "@mono/two")},
        "packages/two": {"name": "@mono/two", **needs(devDependencies=["y"])},
        "packages/two/node_modules/y": {"name": "y"},
        "node_modules/x": {"name": "x"},
        "node_modules/y/packages/one": {"name": "none"},
    })  # fmt: skip
    if "**" in files.get("pnpm-workspace.yaml", "") and "!" in files["pnpm-workspace.yaml"]:
        lay(tmp_path, {"packages/three": {"name": "three"}})
    (tmp_path / "node_modules/@mono").mkdir()
    (tmp_path / "node_modules/@mono/two").symlink_to(tmp_path / "packages/two")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    real = tmp_path.resolve()
    assert [Path(member).name for member in members(str(real), Met()) if Path(member) != real] == ["one", "two"]
    assert chains(tmp_path, "node_modules/x", "packages/two/node_modules/y", "packages/two") == {
        "node_modules/x": "@mono/one > x",
        "packages/two/node_modules/y": "@mono/two > y~",
    }


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('{"dependencies": {"../../out": "1", "/out": "1", "..": "1", "": "1", "a/b/c": "1"}}', id="names"),
        pytest.param('{"dependencies": ["out"], "devDependencies": "out", "workspaces": [1, "../*", ""]}', id="types"),
        pytest.param("[1]", id="list"),
        pytest.param("{", id="broken"),
        pytest.param("[" * 100_000, id="nested"),
    ],
)
def test_what_a_package_json_must_not_do(tmp_path: Path, content: str) -> None:
    lay(tmp_path, {"app/node_modules/x": {"name": "x"}, "out": {"name": "out"}})
    (tmp_path / "app/package.json").write_text(content)
    assert Dependencies().of(str((tmp_path / "app/node_modules/x").resolve())) is None
    assert members(str(tmp_path / "app"), Met()) == ()


def test_a_chain_as_long_as_a_tree_is_deep(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(60)]
    lay(tmp_path, {".": {"name": "app", **needs("d0")}})
    for name, next_one in zip(names, [*names[1:], "d0"], strict=True):
        lay(tmp_path, {f"node_modules/{name}": {"name": name, **needs(next_one)}})
    found = Dependencies().of(str((tmp_path / "node_modules/d59").resolve()))
    assert found == Provenance(("app", *names), "production")


@pytest.mark.slow
def test_npm_agrees_on_what_development_alone_needs() -> None:
    root = npm.tree("chains")
    lock = json.loads((root / "package-lock.json").read_text("utf8"))["packages"]
    rows = {place: bool(row.get("dev")) for place, row in lock.items() if place}
    found = chains(root, *rows)
    assert {place: chain.endswith("~") for place, chain in found.items()} == rows
    assert found["node_modules/ws"] == "chains > ws"
    assert found["node_modules/engine.io/node_modules/ws"] == "chains > engine.io > ws~"
    assert found["node_modules/ms"] == "chains > finalhandler > debug > ms"


# ---- in a report


def scanned(**scope: Any) -> Report:
    return check(["."], RULES, Settings(node=">=6", scope=Scope(**scope)), stdin=bytes)


def test_production_leaves_out_what_development_alone_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, NESTED)
    monkeypatch.chdir(tmp_path)
    whole, part = scanned(), scanned(production=True)
    assert len(whole.findings) == len(NESTED)
    gone = {f.path for f in whole.findings} - {f.path for f in part.findings}
    assert gone == {f"node_modules/{name}/a.js" for name in ("mocha", "peer", "socket.io")}
    assert [(one.by, one.count) for one in part.omitted] == [("production", 3)]
    assert all(f.needed == "development" for f in whole.findings if f.path in gone)


@pytest.mark.parametrize(
    ("code", "fixed_in"),
    [
        pytest.param("module.exports = 1;\n", "2.0.0", id="nothing in it"),
        pytest.param(CODE, "", id="the same in it"),
        pytest.param("\0", "", id="binary"),
        pytest.param("module.exports = new Buffer(;;{[\n" * 9, "", id="unparsable"),
    ],
)
def test_a_newer_copy_that_is_free_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, fixed_in: str
) -> None:
    lay(tmp_path, NESTED)
    (tmp_path / "node_modules/socket.io/a.js").write_text(code)
    monkeypatch.chdir(tmp_path)
    found = {f.path: f.fixed_in for f in scanned().findings}
    assert found["node_modules/karma/node_modules/socket.io/a.js"] == fixed_in
    assert not any(version for path, version in found.items() if "karma/node_modules" not in path)
    # Where not all of a package was looked at, nobody knows what is in the rest.
    assert not any(f.fixed_in for f in scanned(paths=(PathPattern.read("!mocha/"),)).findings)


def test_a_finding_tells_how_its_package_came_in(tmp_path: Path, nodemend: Run) -> None:
    lay(tmp_path, NESTED)
    (tmp_path / "node_modules/socket.io/a.js").write_text("1;\n")
    said = nodemend("check", "--node", ">=6", "--select", "new-buffer", cwd=tmp_path).stdout.decode().split("\n")
    at = next(i for i, line in enumerate(said) if line.startswith("node_modules/karma/node_modules/socket.io/a.js:"))
    assert said[at + 2 : at + 4] == [
        "  came in by app > karma > socket.io",
        "  not in socket.io@2.0.0, which is installed here, too",
    ]
    assert "  came in by app > mocha, for development only" in said
    options = ("--node", ">=6", "--select", "new-buffer", "--production", "--format", "json")
    whole = json.loads(nodemend("check", *options, cwd=tmp_path).stdout)
    assert whole["omitted"] == [{"by": "production", "count": 3}]
    assert {f["needed"] for f in whole["findings"]} == {"production", ""}
    assert ["app", "karma", "socket.io"] in [f["chain"] for f in whole["findings"]]
