"""The guides in docs/: their sessions are what is printed, and their recipes name what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from linter.cli import nodemend
from linter.config import KEYS
from linter.formats import NAMES
from tests import guides
from tests.npm import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf8"))
HOOKS = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf8"))}
FENCES = [(page, fence) for page in guides.PAGES for fence in guides.FENCE.finditer(guides.text(page))]


@pytest.mark.slow
@pytest.mark.parametrize("page", guides.PAGES)
def test_sessions_are_what_is_printed(tmp_path: Path, page: str) -> None:
    assert guides.steady(guides.today(page, tmp_path)) == guides.steady(guides.text(page))


def _commands() -> list[str]:
    """Each command line of nodemend on the pages, up to the end of the line or what the shell does with it."""
    text = "\n".join(guides.text(page) for page in guides.PAGES)
    found = re.findall(r"(?<![\w/+:#.-])(?:\.nodemend/bin/)?nodemend (?=[a-z])([^\n`|;'#,]+)", text)
    return sorted({line.strip() for line in found if line.split()[0] in nodemend.commands})


@pytest.mark.parametrize("line", _commands())
def test_each_command_can_be_given(line: str) -> None:
    command: click.Command = nodemend
    words = shlex.split(line)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
        if isinstance(command, click.Group) and not words:
            return
    command.make_context(line, words)


def test_there_are_commands() -> None:
    assert {"check", "fix", "config", "baseline", "explain", "completion"} <= {line.split()[0] for line in _commands()}


def _steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for _, fence in FENCES:
        if fence["language"] == "yaml" and "nodemend/nodemend@v" in fence["body"]:
            whole = yaml.safe_load(fence["body"])
            steps = whole if isinstance(whole, list) else whole.get("jobs", {}).get("nodemend", {}).get("steps", [])
            found += [step for step in steps if str(step.get("uses", "")).startswith("nodemend/")]
    return found


def test_the_action_has_the_inputs_that_are_named() -> None:
    given = [step["with"] for step in _steps()]
    assert len(given) == 2
    for inputs in given:
        assert set(inputs) <= set(ACTION["inputs"])
        assert inputs.get("format", "github") in NAMES
    listed = re.search(r"inputs of the action are (.*?); its outputs are (.*?)\.", guides.text("ci.md"), re.DOTALL)
    assert listed is not None
    assert re.findall(r"`([\w-]+)`", listed[1]) == list(ACTION["inputs"])
    assert re.findall(r"`([\w-]+)`", listed[2]) == list(ACTION["outputs"])


def test_every_recipe_is_yaml_and_every_hook_there_is_in_it() -> None:
    recipes = {f["file"]: yaml.safe_load(f["body"]) for _, f in FENCES if f["language"] == "yaml" and f["file"]}
    assert sorted(recipes) == [
        ".github/workflows/nodemend.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml", "azure-pipelines.yml",
    ]  # fmt: skip
    hooks = recipes[".pre-commit-config.yaml"]["repos"][0]["hooks"]
    assert {hook["id"] for hook in hooks} == HOOKS


def test_every_key_is_in_the_table() -> None:
    table = guides.text("configuration.md").partition("## Suppressions")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(KEYS)


@pytest.mark.parametrize("page", guides.PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", guides.text(page)):
        assert target == "reports.md" or (ROOT / "docs" / target).is_file()
