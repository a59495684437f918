"""Where a project's settings are found, and what is said when they make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.config import Config, load
from linter.errors import ConfigError


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
        'rules = ["my-rules"]\nfail-on = "never"'
    )
    write(tmp_path, {"nodemend.toml": text})
    assert load((), tmp_path) == Config(
        node=">=18",
        select=("memory",),
        ignore=("new-buffer",),
        release="null",
        rules=(tmp_path / "my-rules",),
        fail_on="never",
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


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        pytest.param(
            "nodemend.toml", "selct = []", ["nodemend.toml: unknown key 'selct'", "did you mean 'select'?"], id="near",
        ),
        pytest.param("nodemend.toml", "zzz = 1", ["unknown key 'zzz'", "known keys: fail-on, ignore"], id="far"),
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
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, name: str, content: str | bytes, parts: list[str]) -> None:
    write(tmp_path, {name: content})
    with pytest.raises(ConfigError) as caught:
        load((), tmp_path)
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
