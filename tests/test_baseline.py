"""Findings that are known do not fail a build, new ones do, and what is known no more is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from linter.baseline import SCHEMA, Entry, read, rendered
from linter.cli import nodemend
from linter.cli.outcome import outcome
from linter.errors import ConfigError

LEAK = "function make(n) {\n  var a = new Buffer(n);\n  return a;\n}\nmodule.exports = make;\n"
FILE = "nodemend-baseline.json"
OLD, NEW = "node_modules/old/a.js", "node_modules/new/a.js"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app with one package in which something is found."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package.json").write_text('{"name": "app", "engines": {"node": ">=6"}}')
    (tmp_path / "nodemend.toml").write_text('select = ["new-buffer"]\n')
    add(tmp_path, "old", "1.0.0")
    return tmp_path


def add(project: Path, name: str, version: str, code: str = LEAK, at: str = "node_modules") -> None:
    folder = project / at / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": name, "version": version}))
    (folder / "a.js").write_text(code)


def run(*args: str) -> tuple[int, Result]:
    """Exit code and output. The way out is that of the program, so that expected errors are exit codes here, too."""
    runner, codes = CliRunner(), []
    import click

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("args", nargs=-1, type=click.UNPROCESSED)
    def whole(args: tuple[str, ...]) -> None:
        codes.append(outcome(lambda: nodemend.main(args, prog_name="nodemend", standalone_mode=False)))

    result = runner.invoke(whole, ["--", *args])
    return codes[0], result


def check(*args: str) -> tuple[int, Any, str]:
    """The exit code, the JSON report and stderr."""
    code, result = run("check", "--format", "json", "--baseline", FILE, *args)
    return code, json.loads(result.stdout), result.stderr


def test_what_is_known_does_not_count_and_what_is_new_does(project: Path) -> None:
    assert run("check")[0] == 1
    code, result = run("baseline", "write", "--reason", "before we looked")
    assert (code, result.stderr) == (0, f"nodemend: wrote {FILE}: 1 entry, 1 new, 0 stale taken out\n")
    code, report, said = check()
    assert (code, report["findings"], said) == (0, [], "")
    assert [(s["path"], s["by"], s["reason"]) for s in report["suppressed"]] == [(OLD, "baseline", "before we looked")]
    add(project, "new", "1.0.0")
    code, report, _ = check()
    assert (code, [f["path"] for f in report["findings"]]) == (1, [NEW])
    assert run("check")[0] == 1  # nothing is known unless a baseline is named


@pytest.mark.parametrize(
    ("version", "code", "at"),
    [
        pytest.param("2.1.0", LEAK, "node_modules", id="another version"),
        pytest.param("1.0.0", f"// one\n\n{LEAK}", "node_modules", id="moved lines"),
        pytest.param("1.0.0", LEAK.replace("new Buffer(n)", "new  Buffer( n )"), "node_modules", id="white space"),
        pytest.param("3.0.0", LEAK, "node_modules/x/node_modules", id="a further copy"),
    ],
)
def test_what_stays_known(project: Path, version: str, code: str, at: str) -> None:
    run("baseline", "write")
    add(project, "old", version, code, at)
    exit_code, report, said = check()
    assert (exit_code, report["findings"], said) == (0, [], "")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(LEAK.replace("make", "create"), id="another function"),
        pytest.param(LEAK.replace("Buffer(n)", "Buffer(n + 1)"), id="other code"),
    ],
)
def test_what_is_new_in_a_known_file(project: Path, code: str) -> None:
    run("baseline", "write")
    add(project, "old", "1.0.0", code)
    assert check()[0] == 1


def test_stale_entries_are_told_and_pruned(project: Path) -> None:
    add(project, "new", "1.0.0")
    run("baseline", "write", "--reason", "both")
    add(project, "new", "1.0.1", "module.exports = 1;\n")
    code, _, said = check()
    assert (code, said) == (0, f"nodemend: 1 entry of {FILE} is stale: `nodemend baseline prune` takes it out\n")
    before = Path(FILE).read_bytes()
    code, result = run("baseline", "prune", "--check")
    assert (code, result.stdout) == (1, "new: a.js in make: new-buffer (both)\n")
    assert Path(FILE).read_bytes() == before
    code, result = run("baseline", "prune")
    assert (code, result.stdout) == (0, "new: a.js in make: new-buffer (both)\n")
    assert result.stderr == f"nodemend: {FILE}: 1 stale taken out, 1 entry left\n"
    assert [(entry.package, entry.reason) for entry in read(Path(FILE))] == [("old", "both")]
    assert run("baseline", "prune", "--check")[0] == 0


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["node_modules/new"], id="a part of the project"),
        pytest.param(["--select", "tls-slab-size"], id="other rules"),
    ],
)
def test_what_was_not_looked_at_is_not_stale(project: Path, args: list[str]) -> None:
    add(project, "new", "1.0.0")
    run("baseline", "write")
    add(project, "old", "1.0.0", "1;\n")
    assert check(*args)[2] == ""
    run("baseline", "write", *args)
    assert [entry.package for entry in read(Path(FILE))] == ["new", "old"]


def test_a_file_that_was_skipped_is_not_stale(project: Path) -> None:
    run("baseline", "write")
    (project / OLD).write_bytes(b"\0")
    assert check()[2] == ""


def test_reasons_outlive_a_new_baseline(project: Path) -> None:
    run("baseline", "write", "--reason", "first")
    add(project, "new", "1.0.0")
    run("baseline", "write", "--reason", "second")
    assert [(entry.package, entry.reason) for entry in read(Path(FILE))] == [("new", "second"), ("old", "first")]
    lines = run("baseline", "show")[1].stdout.split("\n")
    assert lines == ["new: a.js in make: new-buffer (second)", "old: a.js in make: new-buffer (first)", ""]
    assert [entry["package"] for entry in json.loads(run("baseline", "show", "--json")[1].stdout)] == ["new", "old"]


def test_the_configuration_may_name_it(project: Path) -> None:
    (project / "nodemend.toml").write_text('select = ["new-buffer"]\nbaseline = "ci/known.json"\n')
    (project / "ci").mkdir()
    assert run("baseline", "write")[0] == 0
    assert [entry.package for entry in read(project / "ci/known.json")] == ["old"]
    assert run("check")[0] == 0
    assert run("check", "--no-baseline")[0] == 1
    assert run("check", "node_modules/old")[0] == 0


def test_a_written_baseline_is_read_back_and_sorted() -> None:
    entries = [Entry("b", "x.js", "f", "r", "2"), Entry("a", 'é"\n', "", "r", "1", "why")]
    assert rendered(entries) == rendered(entries[::-1])
    whole = json.loads(rendered(entries))
    assert (whole["schema"], [entry["package"] for entry in whole["findings"]]) == (SCHEMA, ["a", "b"])
    assert json.loads(rendered([])) == {"schema": SCHEMA, "findings": []}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "no such baseline (`nodemend baseline write` makes one)", id="not there"),
        pytest.param(b"{", "not JSON", id="no JSON"),
        pytest.param(b"\xff", "not JSON", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested"),
        pytest.param(b"[]", '"schema" must be', id="a list"),
        pytest.param(b'{"schema": "nodemend/1", "findings": []}', '"schema" must be', id="a report"),
        pytest.param(b'{"schema": "nodemend-baseline/1", "findings": [{}]}', "entry 1 of", id="no fingerprint"),
        pytest.param(b'{"schema": "nodemend-baseline/1", "findings": [{"fingerprint": 1}]}', "entry 1 of", id="types"),
    ],
)  # fmt: skip
def test_what_is_no_baseline(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / FILE)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("project")
def test_a_baseline_that_is_not_there_is_said_before_the_scan() -> None:
    code, result = run("check", "--baseline", "none.json")
    assert (code, result.stdout) == (2, "")
    assert "none.json: no such baseline" in result.stderr


@pytest.mark.usefixtures("project")
def test_prune_wants_the_whole_project() -> None:
    run("baseline", "write")
    code, result = run("baseline", "prune", "node_modules")
    assert code == 2
    assert "is outside of what is scanned" in result.stderr
