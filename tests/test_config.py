"""Where a project's settings are found, and what is said when they make no sense."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from linter.config import KEYS, Config, FailOn, Manager, Release, load
from linter.config.patterns import PackagePattern, PathPattern, chosen
from linter.config.suppression import Suppression
from linter.errors import ConfigError
from linter.finding import SEVERITIES
from tests.conftest import Run
from tests.npm import ROOT

SCHEMA = json.loads((ROOT / "docs" / "config.schema.json").read_text("utf8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("nodemend.toml", 'node = "0.10"\nfail-on = "note"', id="nodemend.toml"),
        pytest.param("nodemend.toml", b'\xef\xbb\xbfnode = "0.10"\r\nfail-on = "note"\r\n', id="BOM and CRLF"),
        pytest.param("pyproject.toml", '[tool.nodemend]\nnode = "0.10"\nfail-on = "note"', id="pyproject.toml"),
        pytest.param("package.json", '{"nodemend": {"node": "0.10", "fail-on": "note"}}', id="package.json"),
    ],
)
def test_read_from(tmp_path: Path, name: str, content: str | bytes) -> None:
    write(tmp_path, {name: content})
    assert load((), tmp_path) == Config(node="0.10", fail_on="note", path=tmp_path / name)


def test_every_key(tmp_path: Path) -> None:
    text = (
        'node = ">=18"\nselect = ["memory"]\nignore = ["new-buffer"]\nrelease = "null"\n'
        'rules = ["my-rules"]\nfail-on = "never"\nmanager = "pnpm"\nbaseline = "known.json"\nproduction = true\n'
        'packages = ["ws@<2", "!@x/*"]\npaths = ["vendor/", "!*.min.js"]\n[severity]\nbuffer = "note"\n'
        '[[suppress]]\nrule = "new-buffer"\npackage = "ws@1"\npath = "a.js"\nreason = "r"\nuntil = 2030-01-31'
    )
    write(tmp_path, {"nodemend.toml": text})
    assert load((), tmp_path) == Config(
        node=">=18",
        select=("memory",),
        ignore=("new-buffer",),
        release="null",
        rules=(tmp_path / "my-rules",),
        fail_on="never",
        manager="pnpm",
        baseline=tmp_path / "known.json",
        production=True,
        packages=(PackagePattern("ws", "<2"), PackagePattern("@x/*", negated=True)),
        paths=(PathPattern("vendor/"), PathPattern("*.min.js", negated=True)),
        severity=(("buffer", "note"),),
        suppress=(
            Suppression("new-buffer", "r", PackagePattern("ws", "1"), PathPattern("a.js"), date(2030, 1, 31)),
        ),
        path=tmp_path / "nodemend.toml",
    )


@pytest.mark.parametrize(
    ("files", "target", "node"),
    [
        pytest.param({}, (), "", id="no file: the defaults"),
        pytest.param(
            {"nodemend.toml": 'node = "1"'}, ("inner/lib/a.js",), "1", id="found upwards from the current folder",
        ),
        pytest.param(
            {"../other/nodemend.toml": 'node = "2"'}, ("../../other/lib",), "2", id="upwards of a target elsewhere",
        ),
        pytest.param(
            {"../other/nodemend.toml": 'node = "2"', "../other/node_modules/x/nodemend.toml": 'node = "3"'},
            ("../../other/node_modules/x/y.js",), "2", id="never inside node_modules",
        ),
        pytest.param(
            {"inner/vendor/x/package.json": '{"nodemend": {"node": "3"}}', "nodemend.toml": 'node = "1"'},
            ("vendor/x",), "1", id="a vendored package has no say",
        ),
        pytest.param(
            {"inner/package.json": '{"name": "app"}', "nodemend.toml": 'node = "1"'}, (), "1",
            id="a package.json without the key is passed over",
        ),
        pytest.param(
            {"inner/package.json": "{ broken", "nodemend.toml": 'node = "1"'}, (), "1",
            id="a package.json that is broken elsewhere is passed over",
        ),
        pytest.param(
            {"inner/pyproject.toml": '[tool.nodemend]\nnode = "2"', "inner/nodemend.toml": 'node = "1"'}, (), "1",
            id="nodemend.toml comes first",
        ),
        pytest.param({"nodemend.toml": 'node = "1"'}, ("-",), "1", id="stdin belongs to the current folder"),
    ],
)  # fmt: skip
def test_discovery(tmp_path: Path, files: dict[str, str | bytes], target: tuple[str, ...], node: str) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    for path in ("root/inner/lib", "other/lib"):
        (tmp_path / path).mkdir(parents=True, exist_ok=True)
    write(root, files)
    assert load(target, root / "inner").node == node


MISTAKES = [
    pytest.param(
        "nodemend.toml", "selct = []", ["nodemend.toml:1: unknown key 'selct'", "did you mean 'select'?"], id="near",
    ),
    pytest.param("nodemend.toml", "zzz = 1", ["unknown key 'zzz'", "known keys: baseline, cache,"], id="far"),
    pytest.param("nodemend.toml", "node = 20", ["'node' must be a string, not 20"], id="number for text"),
    pytest.param("nodemend.toml", 'select = "memory"', ["'select' must be a list of strings"], id="text for list"),
    pytest.param(
        "nodemend.toml", "rules = [1]", ["'rules' must be a list of strings, not [1]"], id="list of numbers",
    ),
    pytest.param("nodemend.toml", "ignore = [2026-01-01]", ["'ignore' must be"], id="a date, which JSON has not"),
    pytest.param(
        "nodemend.toml", 'release = "nul"', ["'release' cannot be 'nul'", "did you mean 'null'?"], id="choice",
    ),
    pytest.param(
        "nodemend.toml", 'fail-on = ""', ["'fail-on' cannot be ''", "one of error, warning"], id="empty choice",
    ),
    pytest.param("nodemend.toml", "node = \n", ["not TOML", "line 1, column 8"], id="broken TOML"),
    pytest.param("nodemend.toml", b"node = '\xff'", ["not TOML in UTF-8"], id="TOML that is not UTF-8"),
    pytest.param("nodemend.toml", "a = " + "[" * 100_000, ["not TOML"], id="nested TOML"),
    pytest.param("nodemend.toml", "a = " + "9" * 10_000, ["not TOML"], id="a number without end"),
    pytest.param(
        "pyproject.toml", "[tool.nodemend\n", ["pyproject.toml: not TOML", "line 1"], id="broken pyproject",
    ),
    pytest.param("pyproject.toml", "[tool]\nnodemend = 1", ['"nodemend" must be a table'], id="not a table"),
    pytest.param("package.json", '{"nodemend": {"node": }}', ["package.json:1:23: not JSON"], id="broken JSON"),
    pytest.param("package.json", b'{"nodemend": "\xff"}', ["not JSON in UTF-8"], id="JSON that is not UTF-8"),
    pytest.param("package.json", '{"nodemend": ' + "[" * 100_000, ["not JSON"], id="nested JSON"),
    pytest.param("package.json", '{"nodemend": []}', ['"nodemend" must be a table'], id="JSON list"),
    pytest.param("package.json", '{"nodemend": {"Node": "1"}}', ["unknown key 'Node'", "'node'"], id="wrong case"),
    pytest.param(
        "nodemend.toml", '# a\nnode = "1"\n\n[severity]\nbuffer = "bad"',
        [".toml:5: 'buffer' cannot be 'bad'", "one of error, warning, note"], id="severity",
    ),
    pytest.param(
        "nodemend.toml", 'paths = [\n "a",\n]\nselect = [\n "node",\n 1,\n]', [".toml:4: 'select'"], id="multi-line",
    ),
    pytest.param("nodemend.toml", "production = 1", [".toml:1: 'production' must be true or false, not 1"], id="flag"),
    pytest.param("nodemend.toml", 'packages = [" "]', [".toml:1: 'packages': ' ' names no package"], id="package"),
    pytest.param("nodemend.toml", 'packages = ["ws@x y"]', [".toml:1: 'packages': ", "version range"], id="range"),
    pytest.param("nodemend.toml", 'paths = ["../a"]', [".toml:1: 'paths': '../a' is no path below"], id="path"),
    pytest.param("nodemend.toml", 'node = "new"', [".toml:1: 'node': 'new' is not a version or"], id="node"),
    pytest.param("nodemend.toml", 'suppress = "all"', [".toml:1: 'suppress' must be a list of tables"], id="no list"),
    pytest.param(
        "nodemend.toml", 'node = ""\n[[suppress]]\nrule = "a"\npackage = "b"\nreason = "c"\n[[suppress]]\nrule = "a"',
        [".toml:6: which 'package' or 'path' is it for?"], id="suppress nothing",
    ),
    pytest.param(
        "nodemend.toml", '[[suppress]]\nrule = "a"\npackage = "b"', [".toml:1: 'reason' is missing"], id="no reason",
    ),
    pytest.param(
        "nodemend.toml", '[[suppress]]\nrule = "a"\npackage = "b"\nreason = " "', [".toml:4: 'reason'"], id="blank",
    ),
    pytest.param(
        "nodemend.toml", '[[suppress]]\nrule = "a"\npackage = "b"\nreason = "c"\nuntil = "May"',
        [".toml:5: 'until' must be a day such as 2030-01-31, not \"May\""], id="until",
    ),
    pytest.param(
        "pyproject.toml", '[project]\nnod = 1\n[tool.nodemend]\nnod = "1"', ["pyproject.toml:4: unknown key 'nod'"],
        id="line in pyproject.toml",
    ),
    pytest.param(
        "package.json", '{\n "nod": 1,\n "nodemend": {\n  "select": ["a"],\n  "nod": "1"}}',
        ["package.json:5: unknown key 'nod'", "did you mean 'node'?"], id="line in package.json",
    ),
    pytest.param(
        "package.json", '{"nodemend": {"suppress": [\n{"rule": "a", "path": "b", "reason": "c"},\n{"ruel": "a"}]}}',
        ["package.json:3: unknown key 'ruel'", "did you mean 'rule'?"], id="item in package.json",
    ),
]


@pytest.mark.parametrize(("name", "content", "parts"), MISTAKES)
def test_mistakes(tmp_path: Path, name: str, content: str | bytes, parts: list[str]) -> None:
    write(tmp_path, {name: content})
    with pytest.raises(ConfigError) as caught:
        load((), tmp_path)
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "package", "matches"),
    [
        pytest.param("ws", "ws@7.0.0", True, id="name"),
        pytest.param("ws", "wss@7.0.0", False, id="another name"),
        pytest.param("ws@<1.1.5", "ws@1.1.4", True, id="range"),
        pytest.param("ws@<1.1.5", "ws@1.1.5", False, id="out of range"),
        pytest.param("ws@<1.1.5", "ws@", False, id="no version is in no range"),
        pytest.param("ws", "ws@", True, id="no version needs none"),
        pytest.param("@x/*@1", "@x/y@1.2.3", True, id="scope and range"),
        pytest.param("*", "@x/y@1.0.0", False, id="a star stops at a slash"),
        pytest.param("web*", "websocket@1.0.0", True, id="star"),
    ],
)
def test_package_pattern(pattern: str, package: str, matches: bool) -> None:
    name, _, version = package.rpartition("@")
    assert PackagePattern.read(pattern).matches(name, version) is matches
    assert str(PackagePattern.read(pattern)) == pattern


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        pytest.param("vendor/", "vendor/a/b.js", True, id="folder"),
        pytest.param("vendor/", "x/vendor/a.js", True, id="a folder anywhere"),
        pytest.param("/vendor/", "x/vendor/a.js", False, id="a folder at the top"),
        pytest.param("vendor/", "vendor", False, id="a file of that name"),
        pytest.param("x/vendor", "x/vendor/a.js", True, id="a path with a slash begins at the top"),
        pytest.param("x/vendor", "y/x/vendor/a.js", False, id="and nowhere else"),
        pytest.param("*.min.js", "a/b.min.js", True, id="a name anywhere"),
        pytest.param("*.min.js", "a/b.min.jsx", False, id="the whole name"),
        pytest.param("a/**/c.js", "a/c.js", True, id="no folder between"),
        pytest.param("a/**/c.js", "a/b/b/c.js", True, id="folders between"),
        pytest.param("a/*/c.js", "a/b/b/c.js", False, id="one folder between"),
        pytest.param("a.b?.js", "a.bc.js", True, id="one character"),
        pytest.param("a.b", "axb", False, id="a dot is a dot"),
    ],
)
def test_path_pattern(pattern: str, path: str, matches: bool) -> None:
    assert PathPattern.read(pattern).matches(path) is matches


@pytest.mark.parametrize(
    ("patterns", "kept"),
    [
        pytest.param([], "abc", id="nothing said"),
        pytest.param(["a", "b"], "ab", id="these"),
        pytest.param(["!a"], "bc", id="all but one"),
        pytest.param(["a", "b", "!b"], "a", id="these but one"),
    ],
)
def test_chosen(patterns: list[str], kept: str) -> None:
    read = [PackagePattern.read(text) for text in patterns]

    def has(name: str) -> bool:
        return chosen(read, lambda pattern: pattern.matches(name, "1.0.0"))

    assert "".join(filter(has, "abc")) == kept


def test_the_schema_has_the_keys_and_choices_of_the_code() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    keys = SCHEMA["properties"]
    assert list(keys) == list(KEYS)
    assert keys["fail-on"]["enum"] == list(get_args(FailOn))
    assert keys["release"]["enum"] == list(get_args(Release))
    assert keys["severity"]["additionalProperties"]["enum"] == list(SEVERITIES)
    assert ["", *keys["manager"]["enum"]] == list(get_args(Manager))
    table = {key: rule["default"] for key, rule in keys.items() if "default" in rule}
    defaults = Config()
    assert (table["fail-on"], table["release"], table["node"]) == (defaults.fail_on, defaults.release, defaults.node)


def _settings(name: str, content: str | bytes) -> Any:
    """The settings in a file as JSON has them; None where it is not even TOML or JSON."""
    try:
        text = content if isinstance(content, str) else content.decode("utf8")
        whole = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    inner = whole["tool"] if name == "pyproject.toml" else whole
    return json.loads(json.dumps(inner if name == "nodemend.toml" else inner["nodemend"], default=str))


# A version range is npm's language, and how far up a path leads takes counting: no schema says either.
BEYOND = {"range", "path", "node", "a date, which JSON has not"}


@pytest.mark.parametrize(("name", "content", "parts"), [case for case in MISTAKES if case.id not in BEYOND])
def test_the_schema_refuses_what_the_code_refuses(name: str, content: str | bytes, parts: list[str]) -> None:
    settings = _settings(name, content)
    if settings is None:
        assert any(part.startswith(("not ", "package.json:1:23: not ", "pyproject.toml: not ")) for part in parts)
    else:
        assert not VALIDATOR.is_valid(settings)


def test_config_says_where_each_setting_is_from(tmp_path: Path, nodemend: Run) -> None:
    text = '# ours\nselect = ["all"]\n\n[[suppress]]\nrule = "new-buffer"\npackage = "ws@<2"\nreason = "old"\n'
    write(tmp_path, {"nodemend.toml": text, "package.json": '{"name": "app", "engines": {"node": ">=18"}}'})
    done = nodemend("config", "--ignore", "buffer", cwd=tmp_path)
    lines = done.stdout.decode().split("\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert lines[:4] == [
        f"# {tmp_path / 'nodemend.toml'}",
        'node = ">=18"  # engines.node of package.json',
        'select = ["all"]  # nodemend.toml:2',
        'ignore = ["buffer"]  # command line',
    ]
    assert 'fail-on = "warning"  # default' in lines
    settings = json.loads(nodemend("config", "--json", cwd=tmp_path).stdout)["settings"]
    assert list(settings) == list(KEYS)
    assert settings["suppress"] == {
        "value": [{"rule": "new-buffer", "package": "ws@<2", "reason": "old"}], "from": "nodemend.toml:4",
    }  # fmt: skip


def test_what_config_prints_can_be_read_back(tmp_path: Path, nodemend: Run) -> None:
    test_every_key(tmp_path)
    before = load((), tmp_path)
    printed = nodemend("config", cwd=tmp_path).stdout.decode()
    assert VALIDATOR.is_valid(_settings("nodemend.toml", printed))
    write(tmp_path, {"nodemend.toml": printed})
    assert load((), tmp_path) == before


def test_config_without_a_file(tmp_path: Path, nodemend: Run) -> None:
    said = nodemend("config", cwd=tmp_path).stdout.decode()
    assert said.startswith("# no configuration file: the defaults\n")
    assert "# manager is not set\n" in said


def test_the_manager_keeps_the_patches(tmp_path: Path, nodemend: Run) -> None:
    manifest = '{"name": "app", "private": true}'
    code = "exports.a = function (n) { return new Buffer('a', 'utf8'); };\n"
    write(tmp_path, {
        "package.json": manifest, "nodemend.toml": 'manager = "bun"\nnode = ">=6"\nselect = ["new-buffer"]',
        "package-lock.json": '{"lockfileVersion": 3, "packages": {"node_modules/x": {"version": "1.0.0"}}}',
        "node_modules/x/package.json": '{"name": "x", "version": "1.0.0"}', "node_modules/x/a.js": code,
    })  # fmt: skip
    done = nodemend("patch", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "patches/x@1.0.0.patch").is_file()) == (0, True), done.stderr
    assert "patchedDependencies" in (tmp_path / "package.json").read_text()
    assert nodemend("patch", "--manager", "patch-package", "--exit-code", cwd=tmp_path).returncode == 1
    assert (tmp_path / "patches/x+1.0.0.patch").is_file()
