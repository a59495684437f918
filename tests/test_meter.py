"""Where the time of a scan went: each moment counts once, for one phase, one file and one rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from linter.meter import GATES, PHASES, Meter, measuring, of_file, of_rule, phase, timed
from linter.report.timing import render
from linter.rule import load_rules
from linter.scan import Progress, Settings, check
from tests.conftest import Run

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "report.schema.json").read_text("utf8"))
RULES = [rule for rule in load_rules() if rule.id == "new-buffer"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a", "a/node_modules/b", "c/node_modules/b"):
        (tmp_path / name).mkdir(parents=True)
        stem = name.rpartition("/")[2]
        (tmp_path / name / "package.json").write_text(f'{{"name": "{stem}", "version": "1.0.0"}}')
        (tmp_path / name / "index.js").write_text("module.exports = new Buffer(10);\n")
        (tmp_path / name / "other.js").write_text("1;\n")
    return tmp_path


def test_each_moment_counts_once() -> None:
    clock = Clock()
    meter = Meter(clock)
    with measuring(meter):
        clock.tick(64)  # nothing in particular
        with of_file("a.js"):
            clock.tick(1)
            with of_rule("r"):
                clock.tick(2)
                with phase("parse"):
                    clock.tick(4)
            with phase("prove"), of_rule("r"):
                clock.tick(8)
                with phase("parse"):
                    clock.tick(16)
        with phase("report"):
            clock.tick(32)
    assert meter.seconds == {"match": 3, "parse": 4, "prove": 24, "report": 32}
    assert (meter.files, meter.rules) == ({"a.js": 31}, {"r": 26})


def test_what_is_raised_ends_a_phase() -> None:
    clock = Clock()
    meter = Meter(clock)
    with measuring(meter), phase("gate"):
        with suppress(ValueError), phase("read"):
            clock.tick(1)
            raise ValueError
        clock.tick(2)
    assert meter.seconds == {"read": 1, "gate": 2}


def test_getting_things_counts_and_using_them_does_not() -> None:
    clock = Clock()
    meter = Meter(clock)

    def things() -> Iterator[int]:
        for number in range(3):
            clock.tick(1)
            yield number

    with measuring(meter):
        for _ in timed("walk", things()):
            clock.tick(10)
    assert meter.seconds == {"walk": 3}


def test_nothing_is_measured_unasked(tree: Path) -> None:
    report = check([str(tree)], RULES, Settings(), stdin=bytes)
    assert report.stats.profile is None


def test_gates(tree: Path) -> None:
    profile = check([str(tree)], RULES, Settings(), stdin=bytes, stats=True).stats.profile
    assert profile is not None
    assert [(one.gate, one.files) for one in profile.gates] == list(zip(GATES, (6, 3, 2, 2, 2), strict=True))
    assert profile.gates[0].bytes == 3 * (33 + 3)
    assert {path for path, _ in profile.files} <= {str(path) for path in tree.rglob("index.js")}
    assert "new-buffer" in render(profile)


def test_figures_of_several_processes_add_up() -> None:
    one, two = Meter(seconds={"parse": 1.0}, files={"a": 1.0}), Meter(seconds={"parse": 2.0}, files={"b": 3.0})
    one.passed("read", 5)
    two.passed("read", 7)
    one.add(two)
    profile = one.profile(2)
    assert (profile.seconds["parse"], profile.files) == (3.0, (("b", 3.0), ("a", 1.0)))
    assert (profile.gates[0].files, profile.gates[0].bytes) == (2, 12)
    assert render(profile, 1.0).splitlines()[0] == "time: 4.00 s in 2 processes, added up"


def test_on_the_command_line(tree: Path, nodemend: Run) -> None:
    done = nodemend("check", "--stats", "--format", "json", tree)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(done.stdout))
    profile: dict[str, Any] = json.loads(done.stdout)["stats"].pop("profile")
    assert list(profile["seconds"]) == list(PHASES)
    assert [line.split()[0] for line in done.stderr.decode().splitlines()[1:8]] == list(PHASES)


def test_progress_comes_to_its_end(tree: Path) -> None:
    said: list[Progress] = []
    check([str(tree)], RULES, Settings(), stdin=bytes, progress=said.append)
    last = said[-1]
    assert (last.files, last.of_files, last.packages, last.of_packages) == (6, 6, 3, 3)
    assert last.left == 0
    assert [one.packages for one in said] == sorted(one.packages for one in said)
    assert said[0].left is None
