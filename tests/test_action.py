"""action.yml: it holds no input in its shell text, and its steps do what they say when bash runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from linter.formats import NAMES
from tests.npm import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf8"))
INPUTS = {name: said["default"] for name, said in ACTION["inputs"].items()}
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in ACTION["runs"]["steps"]}
SLOW = pytest.mark.slow  # one more run of the same step
CODE = "module.exports = new Buffer(8);\n"
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("lib", "two words"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.js").write_text(CODE)
    (tmp_path / "package.json").write_text('{"name": "app", "engines": {"node": ">=6"}}')
    return tmp_path


def step(name: str, cwd: Path, given: Mapping[str, str], **context: str) -> tuple[int, str, str]:
    """Runs a step as the runner would, but for the shell's path: exit code, log, and what it left for later steps."""
    values = {f"inputs.{key}": value for key, value in {**INPUTS, **given}.items()} | {
        key.replace("_", ".", 1): value for key, value in context.items()
    }
    said = {key: EXPRESSION.sub(lambda match: values[match[1]], text) for key, text in STEPS[name]["env"].items()}
    left = cwd / "left-for-later"
    left.touch()
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": scripts, **said, "GITHUB_OUTPUT": str(left), "GITHUB_PATH": str(left)}
    line = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[name]["run"]]
    done = subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr, left.read_text()


def test_inputs_reach_the_shell_by_its_environment_only() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for one in STEPS.values():
        assert one["shell"] == "bash"
        assert "${{" not in one["run"]
    used = {name for one in STEPS.values() for text in one["env"].values() for name in EXPRESSION.findall(text)}
    assert {name for name in used if name.startswith("inputs.")} == {f"inputs.{name}" for name in INPUTS}


def test_nothing_of_others_is_used() -> None:
    assert [one for one in ACTION["runs"]["steps"] if "uses" in one] == []


def test_the_default_format_is_one() -> None:
    assert INPUTS["format"] in NAMES


@pytest.mark.parametrize(
    ("given", "code", "words", "left"),
    [
        pytest.param({}, 1, ["::warning", "new-buffer"], "code=1\n", id="as it comes"),
        pytest.param({"fail-on": "error"}, 0, ["::warning"], "code=0\n", id="fail-on", marks=SLOW),
        pytest.param({"select": "retention"}, 0, [], "code=0\n", id="select", marks=SLOW),
        pytest.param({"ignore": "new-buffer"}, 0, [], "code=0\n", id="ignore", marks=SLOW),
        pytest.param({"production": "true"}, 1, ["::warning"], "code=1\n", id="production", marks=SLOW),
        pytest.param({"paths": "lib"}, 1, ["lib/a.js"], "code=1\n", id="one path", marks=SLOW),
        pytest.param({"paths": "two words\r\n\nlib\n"}, 1, ["two words/a.js", "lib/a.js"], "code=1\n", id="paths"),
        pytest.param({"working-directory": "lib"}, 1, ["a.js"], "code=1\n", id="folder", marks=SLOW),
        pytest.param(
            {"format": "sarif", "output": "a.sarif"}, 1, [], "code=1\nreport=./a.sarif\n", id="a report in a file",
        ),
        pytest.param({"format": "sarfi"}, 2, ["'sarfi' is not one of"], "code=2\n", id="no such format", marks=SLOW),
        pytest.param({"fail-on": "$(touch gone)"}, 2, ["is not one of"], "code=2\n", id="a command"),
        pytest.param({"paths": "--help"}, 2, ["no such file"], "code=2\n", id="an option among paths", marks=SLOW),
        pytest.param({"paths": " \n".strip(" ")}, 2, ["::error title=nodemend::paths is empty"], "", id="no path"),
        pytest.param({"production": "yes"}, 2, ["production must be true or false"], "", id="neither true nor false"),
        pytest.param({"output": "a\nb=c"}, 2, ["only paths may have several lines"], "", id="two lines"),
        pytest.param({"working-directory": "none"}, 2, ["working-directory is no folder"], "", id="no folder"),
    ],
)  # fmt: skip
def test_check(project: Path, given: dict[str, str], code: int, words: list[str], left: str) -> None:
    done, log, later = step("check", project, given)
    assert (done, later) == (code, left), log
    for word in words:
        assert word in log
    assert not (project / "gone").exists()
    assert (project / "a.sarif").exists() is ("output" in given and "sarif" in given["output"])


@pytest.mark.slow
def test_install_brings_the_command(project: Path, tmp_path: Path) -> None:
    context = {"github_action_path": str(ROOT), "runner_temp": str(tmp_path)}
    code, log, later = step("install", project, {}, **context)
    assert code == 0, log
    command = Path(later.strip()) / "nodemend"
    done = subprocess.run([command, "check", "lib"], cwd=project, capture_output=True, text=True)
    assert (done.returncode, "new-buffer" in done.stdout) == (1, True)
