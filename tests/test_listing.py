"""The list of shipped rules: it says what the pages say, and a scan that goes by it finds what one without it does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import pytest

from linter import scan
from linter.finding import Report
from linter.gate import Glance
from linter.index import main as index
from linter.notation.semantic_patch import SemanticPatch
from linter.rule import Rule, load_rules, shipped, wanted
from linter.rule.listing import NAME, Listing
from linter.scan import Settings
from tests import npm
from tests.ungated import ungated

LISTED = load_rules()
COMPILED = load_rules(listed=False)
PACKAGES = [("websocket", "1.0.4"), ("winston", "0.8.3"), ("socket.io", "0.9.13")]


def vars_of(patch: SemanticPatch) -> list[object]:
    return [getattr(patch, one.name) for one in fields(SemanticPatch)]


@pytest.mark.parametrize(
    ("listed", "compiled"), [*zip(LISTED, COMPILED, strict=True)], ids=[rule.id for rule in COMPILED]
)
def test_the_list_says_what_the_page_says(listed: Rule, compiled: Rule) -> None:
    for one in fields(Rule):
        if one.name != "body":
            assert getattr(listed, one.name) == getattr(compiled, one.name), one.name
    assert listed.body.gates == compiled.body.gates
    assert listed.unless == compiled.unless
    assert listed.examples == compiled.examples
    assert [vars_of(patch) for patch in listed.patches] == [vars_of(patch) for patch in compiled.patches]


def test_no_page_is_compiled_before_its_code_is_asked_for() -> None:
    rules = load_rules()
    assert [rule.id for rule in rules if rule.body.known] == []
    rule = rules[0]
    assert rule.patches
    assert rule.examples
    assert rule.body.known is not None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped rules, which takes their place."""
    copy = Path(shutil.copytree(shipped(), tmp_path / "rules"))
    monkeypatch.setattr("linter.rule.shipped", lambda: copy)
    return copy


def test_a_page_that_was_changed_is_compiled(folder: Path) -> None:
    page = folder / "new-buffer.md"
    page.write_text(page.read_text("utf8").replace("# new-buffer", "# another title"), encoding="utf8")
    rules = {rule.id: rule for rule in load_rules()}
    assert rules["new-buffer"].title == "another title"
    assert [rule.id for rule in rules.values() if rule.body.known] == ["new-buffer"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 100_000, '{"new-buffer": 1}', '{"new-buffer": {"sha256": "0"}}']
)
def test_a_list_that_cannot_be_read_is_done_without(folder: Path, text: str) -> None:
    (folder / NAME).write_text(text, encoding="utf8")
    assert all(rule.body.known for rule in load_rules())


def test_a_row_of_another_layout_is_done_without(folder: Path) -> None:
    rows = json.loads((folder / NAME).read_text("utf8"))
    del rows["new-buffer"]["says"]["title"]
    rows["redos-trailing-trim"]["gates"] = [["word"]]
    rows["tls-slab-size"]["says"]["package"] = None
    (folder / NAME).write_text(json.dumps(rows), encoding="utf8")
    known = [rule.id for rule in load_rules() if rule.body.known]
    assert known == ["new-buffer", "redos-trailing-trim", "tls-slab-size"]


def test_a_list_that_is_out_of_date_fails_the_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("linter.index.shipped", lambda: folder)
    assert index(["--check"]) == 0
    rows = json.loads((folder / NAME).read_text("utf8"))
    rows["new-buffer"]["gates"] = []
    (folder / NAME).write_text(json.dumps(rows), encoding="utf8")
    assert index(["--check"]) == 1
    assert capsys.readouterr().err == "rules/listing.json is out of date: run `make index`\n"
    index([])
    assert index(["--check"]) == 0
    assert (folder / NAME).read_bytes() == (shipped() / NAME).read_bytes()


# -- the same answers ---------------------------------------------------------------------------------


def answers(paths: Sequence[str], rules: Sequence[Rule]) -> Report:
    """What is found and mended; not what could not be parsed, for that is only known of what a rule calls for."""
    report = scan.fix(paths, rules, Settings(node="all"), stdin=bytes)
    return Report(report.findings, report.patches)


def test_the_examples_of_all_pages_get_the_same_findings_and_patches(tmp_path: Path) -> None:
    count = 0
    for rule in COMPILED:
        for number, example in enumerate(rule.examples):
            folder = tmp_path / f"{rule.id}-{number}"
            folder.mkdir()
            (folder / "package.json").write_text('{"name": "p", "version": "1.0.0"}')
            (folder / f"code.{example.language}").write_bytes(example.code.encode())
            count += 1
    with ungated(COMPILED) as rules:
        plain = answers([str(tmp_path)], rules)
    assert len(plain.findings) > count / 4
    assert answers([str(tmp_path)], load_rules()) == plain


@pytest.mark.slow
@pytest.mark.parametrize(("name", "version"), PACKAGES)
def test_real_packages_get_the_same_findings_and_patches(name: str, version: str) -> None:
    path = str(npm.unpacked(name, version))
    with ungated(COMPILED) as rules:
        plain = answers([path], rules)
    assert plain.findings
    assert answers([path], load_rules()) == plain


def test_a_shape_is_asked_for_only_where_a_kind_has_one() -> None:
    shaped = [rule.id for rule in COMPILED if any(gate.shapes for gate in rule.body.gates)]
    assert "implicit-global-retention" in shaped
    rule = next(rule for rule in LISTED if rule.id == "implicit-global-retention")
    assert wanted(rule, Glance(b"function f() { leak = []; }"))
    assert not wanted(rule, Glance(b"function f() { var kept = []; kept = g(); }"))
    assert not wanted(rule, Glance(b"'use strict'; function f() { leak = []; }"))


# -- what a scan imports ------------------------------------------------------------------------------


def test_a_file_that_no_rule_calls_for_needs_no_parser(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("exports.f = function (a) { return a + 1; };\n")
    code = (
        "import sys; from linter.cli import nodemend; nodemend.main(sys.argv[1:], standalone_mode=False);"
        "heavy = {'tree_sitter', 'linter.analysis', 'linter.notation', 'linter.kinds', 'yaml', 'unidiff', 'zipfile',"
        " 'linter.report.sarif', 'linter.report.html', 'linter.report.timing', 'linter.cli.fix', 'linter.workers',"
        " 'multiprocessing'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    command = [sys.executable, "-c", code, "check", "a.js"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing found. Scanned 1 file of 1 package (0 parsed)" in done.stdout


def test_a_listing_knows_only_pages_with_its_bytes() -> None:
    listing, page = Listing.read(shipped()), shipped() / "new-buffer.md"
    data = page.read_bytes()
    assert listing.rule(page, data) is not None
    assert listing.rule(page, data + b"\n") is None
    assert listing.rule(shipped() / "another-rule.md", data) is None
