"""What a project's configuration does to a scan: what is left out, what is lived with, and that none is silent."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linter.config import load
from linter.finding import Report
from linter.rule import load_rules
from linter.scan import Settings, check, fix
from linter.sets import selected, weighed
from tests.conftest import Run

CODE = "var a = new Buffer(8), b = 1;\nmodule.exports = a;\n"
RULES = selected(load_rules(), ["new-buffer"])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app with two packages and a vendored file, the same finding in each of the four."""
    files = {
        "package.json": '{"name": "app", "version": "1.0.0", "engines": {"node": ">=6"}}',
        "node_modules/one/package.json": '{"name": "one", "version": "1.2.0"}',
        "node_modules/@x/two/package.json": '{"name": "@x/two", "version": "2.0.0"}',
        "index.js": CODE, "vendor/old.js": CODE, "node_modules/one/lib/a.js": CODE, "node_modules/@x/two/a.js": CODE,
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL = ["index.js", "node_modules/@x/two/a.js", "node_modules/one/lib/a.js", "vendor/old.js"]


def report(project: Path, config: str, today: date | None = None, action: Any = check) -> Report:
    (project / "nodemend.toml").write_text(config)
    scope = load((), project).scope
    if today:
        object.__setattr__(scope, "today", today)
    done: Report = action(["."], RULES, Settings(scope=scope), stdin=bytes)
    return done


@pytest.mark.parametrize(
    ("config", "found", "omitted"),
    [
        pytest.param("", ALL, {}, id="nothing said"),
        pytest.param('packages = ["one"]', ALL[2:3], {"packages": 2}, id="one package"),
        pytest.param('packages = ["!app", "!@x/*"]', ALL[2:3], {"packages": 2}, id="the others"),
        pytest.param('packages = ["one@>=1.3", "app"]', [ALL[0], ALL[3]], {"packages": 2}, id="by version"),
        pytest.param('paths = ["vendor/"]', ALL[3:], {"paths": 3}, id="one folder"),
        pytest.param('paths = ["!node_modules/", "!/index.js"]', ALL[3:], {"paths": 3}, id="not these"),
    ],
)
def test_what_is_left_out_is_counted(project: Path, config: str, found: list[str], omitted: dict[str, int]) -> None:
    done = report(project, config)
    assert [finding.path for finding in done.findings] == found
    assert {one.by: one.count for one in done.omitted} == omitted


SUPPRESS = '[[suppress]]\nrule = "{rule}"\n{where}\nreason = "goes with the next release"\nuntil = 2030-01-31\n'


@pytest.mark.parametrize(
    ("rule", "where", "suppressed"),
    [
        pytest.param("new-buffer", 'package = "one"', ALL[2:3], id="package"),
        pytest.param("new-buffer", 'package = "one@1.x"', ALL[2:3], id="version"),
        pytest.param("new-buffer", 'package = "one@2.x"', [], id="another version"),
        pytest.param("new-buffer", 'path = "vendor/"', ALL[3:], id="path"),
        pytest.param("new-buffer", 'package = "app"\npath = "vendor/"', ALL[3:], id="both"),
        pytest.param("new-buffer", 'package = "one"\npath = "vendor/"', [], id="both, and only one holds"),
        pytest.param("buffer", 'package = "@x/*"', ALL[1:2], id="category"),
        pytest.param("tls-slab-size", 'package = "one"', [], id="another rule"),
    ],
)
def test_what_is_suppressed_is_not_found_nor_mended(
    project: Path, rule: str, where: str, suppressed: list[str]
) -> None:
    config = SUPPRESS.format(rule=rule, where=where)
    left = [path for path in ALL if path not in suppressed]
    done = report(project, config, date(2030, 1, 31))
    assert [finding.path for finding in done.findings] == left
    assert [(s.finding.path, s.by, s.reason, s.until) for s in done.suppressed] == [
        (path, "configuration", "goes with the next release", "2030-01-31") for path in suppressed
    ]
    assert [patch.path for patch in report(project, config, date(2030, 1, 31), fix).patches] == left


def test_a_suppression_ends(project: Path) -> None:
    done = report(project, SUPPRESS.format(rule="new-buffer", where='package = "one"'), date(2030, 2, 1))
    assert ([finding.path for finding in done.findings], done.suppressed) == (ALL, ())


def test_severity_by_rule_says_more_than_by_category() -> None:
    def severities(*given: Any) -> dict[str, str]:
        return {rule.id: rule.severity for rule in weighed(load_rules(), given)}

    buffers = {rule.id: "error" for rule in load_rules() if rule.category == "buffer"}
    assert "new-buffer" in buffers
    assert severities(("buffer", "error")) == severities() | buffers
    assert severities(("new-buffer", "note"), ("buffer", "error")) == severities() | buffers | {"new-buffer": "note"}


def test_check_tells_it_all(project: Path, nodemend: Run) -> None:
    text = (
        'select = ["new-buffer"]\npackages = ["app", "one"]\npaths = ["!index.js"]\nseverity = {new-buffer = "error"}\n'
        '[[suppress]]\nrule = "new-buffer"\npackage = "one"\nreason = "goes soon"\n'
        '[[suppress]]\nrule = "new-buffer"\npackage = "app"\nreason = "gone"\nuntil = 2020-01-01\n'
    )
    (project / "nodemend.toml").write_text(text)
    done = nodemend("check", "--verbose", "--fail-on", "error", cwd=project)
    said = done.stdout.decode()
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "nodemend: the suppression of new-buffer in app ended on 2020-01-01: mend it, or decide again\n"
    )
    assert said.startswith("vendor/old.js:1:9: error new-buffer: ")
    assert (
        "1 more finding suppressed by the configuration\n"
        "  node_modules/one/lib/a.js:1: new-buffer: goes soon\n"
        "1 package left out by `packages` of the configuration\n"
        "1 file left out by `paths` of the configuration\n"
        "1 finding (1 error), "
    ) in said
    whole = json.loads(nodemend("check", "--format", "json", cwd=project).stdout)
    (one,) = whole["suppressed"]
    assert (one["path"], one["by"], one["reason"]) == (ALL[2], "configuration", "goes soon")
    assert whole["omitted"] == [{"by": "packages", "count": 1}, {"by": "paths", "count": 1}]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param('select = []\nignore = ["new-bufer"]', ":2: no rule or category named 'new-bufer' (did", id="id"),
        pytest.param('[severity]\nbufer = "note"', ":2: no rule or category named 'bufer' (did you mean", id="set"),
        pytest.param(
            '[[suppress]]\nreason = "a"\nrule = "all"\npackage = "b"', ":3: no rule or category named 'all'", id="all",
        ),
    ],
)  # fmt: skip
def test_a_name_that_is_no_rule_is_pointed_at(project: Path, nodemend: Run, config: str, words: str) -> None:
    (project / "nodemend.toml").write_text(config)
    done = nodemend("check", cwd=project)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"nodemend.toml{words}" in done.stderr.decode()
