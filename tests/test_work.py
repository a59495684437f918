"""What a package is told as a whole: what is shipped to run comes first, and what is beside it does not count."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter import check, fix
from linter.analysis import is_shipped

SERVER = "require('https').createServer(options);\n"


def package(folder: Path, files: dict[str, str]) -> Path:
    for name, code in {"package.json": '{"name": "p", "version": "1.0.0"}', **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(code)
    return folder


def test_a_setting_belongs_to_what_is_shipped(tmp_path: Path) -> None:
    at = package(tmp_path, {"bench/a.js": SERVER, "lib/z.js": SERVER, "test/a.js": SERVER})
    assert [patch.file for patch in fix(str(at), node="0.10").patches] == ["lib/z.js"]


def test_a_setting_in_a_test_is_none(tmp_path: Path) -> None:
    at = package(tmp_path, {"test/a.js": "require('tls').SLAB_BUFFER_SIZE = 1;\n", "lib/z.js": SERVER})
    assert [finding.file for finding in check(str(at), node="0.10").findings] == ["lib/z.js"]


def test_a_setting_in_another_file_counts(tmp_path: Path) -> None:
    at = package(tmp_path, {"bin/a.js": "require('tls').SLAB_BUFFER_SIZE = 1;\n", "lib/z.js": SERVER})
    assert check(str(at), node="0.10").findings == ()


def test_what_a_package_does_in_its_tests_is_its_own_affair(tmp_path: Path) -> None:
    trusting = "require('https').get({ rejectUnauthorized: false });\n"
    at = package(tmp_path, {"test/a.js": trusting, "lib/a.spec.js": trusting, "lib/z.js": trusting})
    assert [finding.file for finding in check(str(at)).findings] == ["lib/z.js"]


@pytest.mark.parametrize(
    ("file", "shipped"),
    [
        ("index.js", True), ("lib/test.js", True), ("test/index.js", False), ("lib/__tests__/a.js", False),
        ("examples/server/a.js", False), ("test.js", True), ("latest/a.js", True), ("lib/a.test.js", False),
    ],
)  # fmt: skip
def test_what_is_shipped(file: str, shipped: bool) -> None:
    assert is_shipped(file) is shipped
