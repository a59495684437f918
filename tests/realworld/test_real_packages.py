"""Real packages of all ages, fixed as far as it goes: what parsed before parses after, and nothing is left to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import esprima
import pytest

from linter.library import check, fix
from tests import npm

pytestmark = pytest.mark.slow

# Of each its first and last years, old CommonJS and newer builds; together they give every rule something to do.
PACKAGES = [
    ("socket.io", "0.6.18"), ("socket.io", "0.7.11"), ("socket.io", "0.9.13"), ("engine.io", "0.1.2"),
    ("engine.io", "1.8.5"), ("engine.io", "6.6.4"), ("ws", "0.3.0"), ("ws", "0.4.32"), ("ws", "2.3.1"),
    ("ws", "8.18.0"),
    ("faye", "0.8.11"), ("faye-websocket", "0.4.4"), ("sockjs", "0.3.0"), ("http-proxy", "0.8.7"),
    ("http-proxy", "1.18.1"), ("websocket", "1.0.8"), ("hoxy", "3.3.1"), ("server-kit", "0.11.7"),
    ("redbird", "0.10.0"), ("metro", "0.80.12"), ("@node-red/nodes", "3.1.15"), ("webpack-dev-server", "4.15.2"),
]  # fmt: skip
CHECK = """
const { Script } = require('vm'), { readFileSync } = require('fs');
const fine = path => { try { new Script(readFileSync(path, 'utf8')); return true; } catch { return false; } };
process.stdout.write(process.argv.slice(1).filter(fine).join('\\0'));
"""


def by_node(folder: Path, files: list[str]) -> set[str]:
    """The files that Node accepts as scripts."""
    command = ["node", "-e", CHECK, "--", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=300)
    return set(done.stdout.split("\0")) - {""}


def by_esprima(folder: Path, files: list[str]) -> set[str]:
    """The files that esprima accepts; it knows nothing of JavaScript after 2017."""
    return {file for file in files if _parses((folder / file).read_bytes().decode("utf8", "replace"))}


def _parses(code: str) -> bool:
    try:
        esprima.parseScript("//" + code if code.startswith("#!") else code)
    except (esprima.Error, RecursionError):
        return False
    return True


@pytest.mark.parametrize(("name", "version"), PACKAGES, ids=["@".join(spec) for spec in PACKAGES])
def test_a_real_package(tmp_path: Path, name: str, version: str) -> None:
    released = npm.unpacked(name, version)
    copy = tmp_path / "copy"
    shutil.copytree(released, copy)
    report = fix(copy, node="all", suggestions=True, write=True)
    assert not [s for s in report.skipped if s.reason in ("crash", "too-deep", "too-slow")]
    changed = [str(Path(patch.path).relative_to(copy)) for patch in report.patches]
    for oracle in (by_node, by_esprima):
        assert oracle(released, changed) <= oracle(copy, changed)
    untouched = {str(p.relative_to(copy)) for p in copy.rglob("*") if p.is_file()} - set(changed)
    assert all((copy / path).read_bytes() == (released / path).read_bytes() for path in untouched)
    again = fix(copy, node="all", suggestions=True)
    assert [patch.path for patch in again.patches] == []
    assert len(again.findings) <= len(report.findings)


def test_they_give_every_rule_something_to_do() -> None:
    reports = [check(npm.fetch(name, version), node="all") for name, version in PACKAGES]
    found = {finding.rule for report in reports for finding in report.findings if finding.fix}
    assert found >= {"new-buffer", "upgrade-head-retained", "tls-slab-size"}
