"""What a set of rules by name holds, on the command line, in the configuration and in the library."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from linter import check
from linter.errors import ConfigError, RuleError
from linter.rule import CATEGORIES, SETS, Rule, load_rules
from linter.sets import selected

PAGE = "---\nmessage: found\n{front}---\n# {name}\n\n```diff rule\n*{name}()\n```\n"
PAGES = {
    "leaky": "category: leak\n",
    "leaky-too": "category: leak\nrecommended: false\n",
    "odd": "category: process\nrecommended: false\n",
    "plain": "",
}
EVERY = sorted(PAGES)


@pytest.fixture
def rules(tmp_path: Path) -> list[Rule]:
    return [Rule.load(_page(tmp_path, name)) for name in EVERY]


def _page(folder: Path, name: str) -> Path:
    path = folder / f"{name}.md"
    path.write_text(PAGE.format(name=name, front=PAGES.get(name, "")).replace("*leaky-too", "*leakyToo"), "utf8")
    return path


@pytest.mark.parametrize(
    ("select", "ignore", "names"),
    [
        pytest.param([], [], ["leaky", "plain"], id="nothing selected: recommended"),
        pytest.param(["recommended"], [], ["leaky", "plain"], id="recommended by name"),
        pytest.param(["all"], [], EVERY, id="all"),
        pytest.param(["leak"], [], ["leaky", "leaky-too"], id="a category holds what is not recommended too"),
        pytest.param(["odd"], [], ["odd"], id="one rule that is not recommended"),
        pytest.param(["recommended,odd"], [], ["leaky", "odd", "plain"], id="a set and a rule in one text"),
        pytest.param(["recommended", "process"], [], ["leaky", "odd", "plain"], id="two sets"),
        pytest.param([], ["leak"], ["plain"], id="recommended without a category"),
        pytest.param(["all"], ["recommended"], ["leaky-too", "odd"], id="all but the recommended ones"),
        pytest.param(["leak"], ["leaky"], ["leaky-too"], id="a category without a rule"),
        pytest.param(["leaky"], ["all"], [], id="ignoring all leaves none"),
    ],
)
def test_selected(rules: list[Rule], select: Sequence[str], ignore: Sequence[str], names: Sequence[str]) -> None:
    assert [rule.id for rule in selected(rules, select, ignore)] == names


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        pytest.param("recomended", "did you mean 'recommended'?", id="set"),
        pytest.param("leek", "did you mean 'leak'?", id="category"),
        pytest.param("tls", "`nodemend rules` lists them", id="a category that no rule is in"),
    ],
)
def test_unknown_name(rules: list[Rule], word: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        selected(rules, [word])
    assert f"named {word!r}" in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize("name", [*SETS, *CATEGORIES])
def test_no_rule_may_be_called_like_a_set(name: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=f"`{name}` is the name of a set"):
        Rule.load(_page(tmp_path, name))


@pytest.mark.parametrize(
    ("config", "options", "found"),
    [
        pytest.param("", [], ["leaky", "plain"], id="by default"),
        pytest.param('select = ["all"]\n', [], EVERY, id="configuration"),
        pytest.param('select = ["all"]\n', ["--select", "odd"], ["odd"], id="the command line wins"),
        pytest.param('ignore = ["leak"]\n', ["--select", "all"], ["odd", "plain"], id="ignored by the configuration"),
    ],
)
def test_check_by_set(tmp_path: Path, config: str, options: list[str], found: list[str]) -> None:
    (tmp_path / "pages").mkdir()
    for name in EVERY:
        _page(tmp_path / "pages", name)
    (tmp_path / "nodemend.toml").write_text(f'rules = ["pages"]\n{config}', "utf8")
    (tmp_path / "a.js").write_text("leaky();\nleakyToo();\nodd();\nplain();\n", "utf8")
    line = [sys.executable, "-m", "linter", "check", "a.js", *options]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert [row.split(": ")[1].split()[1] for row in done.stdout.split("\n") if row.startswith("a.js:")] == found


def test_rules_says_which_set(tmp_path: Path) -> None:
    _page(tmp_path, "odd")
    line = [sys.executable, "-m", "linter", "rules", "--rules", str(tmp_path)]
    lines = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True).stdout.split("\n")
    assert [row.split()[2:] for row in lines if row.startswith("odd ")] == [["process", "none", "all"]]
    assert any(row.startswith("upgrade-head-retained ") and row.endswith(" recommended") for row in lines)


def test_the_library_uses_the_recommended_rules(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("var b = new Buffer(5), c = new Buffer('x');\n", "utf8")
    recommended = {rule.id for rule in load_rules() if rule.recommended}
    assert {finding.rule for finding in check(tmp_path, node="all").findings} <= recommended
    assert "new-buffer" in {finding.rule for finding in check(tmp_path, node="all").findings}
