"""What makes a scan fast changes nothing of its answer: real packages, each in every way it can be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linter import analysis, scan
from linter.cache import Cache
from linter.finding import Finding, Patch, Report
from linter.gate import Gate
from linter.rule import load_rules
from linter.work import Settings
from tests.npm import tree, unpacked

pytestmark = pytest.mark.slow

RULES = load_rules()
EVERYTHING = Settings(node="all", suggestions=True)
# With bundles, minified code, modules, compiled TypeScript, and code from 2011 on.
PACKAGES = (
    ("blessed", "0.1.81"), ("less", "4.2.0"), ("jszip", "3.10.1"), ("mongoose", "5.7.10"), ("socket.io", "4.6.1"),
    ("webpack-dev-server", "4.15.2"), ("faye", "1.4.0"), ("http-proxy", "0.8.7"), ("uglify-js", "3.17.4"),
    ("jquery", "3.4.0"), ("amqplib", "1.0.3"), ("mysql", "2.13.0"),
)  # fmt: skip


def _nothing() -> bytes:
    raise AssertionError("nothing is read from stdin")


def _check(folder: Path, jobs: int = 1, cache: Cache | None = None) -> list[Finding]:
    report = scan.check([str(folder)], RULES, EVERYTHING, stdin=_nothing, jobs=jobs, cache=cache)
    return _settled(report)


def _settled(report: Report) -> list[Finding]:
    """The findings, of a scan that came to its end."""
    assert not {"crash", "died", "stalled", "too-slow"} & {one.reason for one in report.skipped}
    return list(report.findings)


def _patches(folder: Path, jobs: int = 1) -> list[Patch]:
    return list(scan.fix([str(folder)], RULES, EVERYTHING, stdin=_nothing, jobs=jobs).patches)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No gate, and each file parsed as a whole; with one process and without a cache that is all there is to it."""
    with monkeypatch.context() as patched:
        patched.setattr(analysis, "LARGE", 1 << 62)
        patched.setattr(Gate, "admits", lambda _gate, _glance: True)
        patched.setattr(Gate, "admits_in", lambda _gate, _shown: True)
        yield patched


@pytest.mark.parametrize(("name", "version"), PACKAGES, ids=[name for name, _ in PACKAGES])
def test_the_same_findings_and_patches(
    name: str, version: str, tmp_path: Path, plain: pytest.MonkeyPatch
) -> None:
    folder = unpacked(name, version)
    findings, patches = _check(folder), _patches(folder)
    plain.undo()
    assert _check(folder) == findings
    assert _patches(folder, jobs=2) == patches
    cache = Cache(tmp_path / "cache")
    assert _check(folder, jobs=2, cache=cache) == findings
    assert _check(folder, cache=cache) == findings
    assert cache.trouble == ""


def test_the_packages_have_something_to_tell() -> None:
    assert sum(len(_check(unpacked(name, version))) for name, version in PACKAGES) > 40


def test_a_tree_by_one_process_by_two_and_from_memory(tmp_path: Path) -> None:
    folder = tree("socket.io-0.9.13")
    cache = Cache(tmp_path / "cache")
    findings = _check(folder)
    assert findings
    assert _check(folder, jobs=2, cache=cache) == _check(folder, cache=cache) == findings
