"""Version ranges, compared with npm's own `semver` module run in Node."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from linter.semver import intersects, parse_range, satisfies, within

ORACLE = """
const semver = require(process.argv[1]);
const {ranges, versions, pairs} = JSON.parse(require('fs').readFileSync(0));
const answers = (holds) => ranges.map((text) => {
  let range;
  try { range = new semver.Range(text, {loose: true}); } catch { return null; }
  return versions.map((version) => holds(range, version));
});
console.log(JSON.stringify({
  held: answers((range, version) => range.test(version)),
  bounded: answers((range, version) => range.set.some((all) => all.every((one) => one.test(version)))),
  meet: pairs.map(([a, b]) => semver.intersects(ranges[a], ranges[b], {loose: true})),
}));
"""
TAGS = ("", "-0", "-1", "-1.0", "-a", "-a.0", "-a.1", "-a.1.0", "-b", "-b.0")
# One number more than the ranges use: what lies just outside a bound must be among the versions.
VERSIONS = [f"{a}.{b}.{c}{tag}" for a in range(4) for b in range(4) for c in range(4) for tag in TAGS]
SEEN_IN_OLD_PACKAGES = (
    ">=0.2.x", ">= 0.1.0", ">0.1", "node >= 0.2", "0.1.x || 0.2.x", "~0.1", "~>0.1.2", "~> 0.1", "*", "", " ", "x",
    "X.X", ">=v0.2", "v1", "=1.2", "1.2.x", "1.x.x", ">=0.1 <0.2.2", ">= 0.1.0 && < 0.2.0", "0.1 - 2",
    "1.2.0 - 1.2.2-a", "1.1-2", "1.2.2b", ">=01.02.01", "^0", "^0.0", "^0.0.1", "^0.1.2", "^1", "~1", "^*", "~*", ">*",
    "<*", ">=*",
    "<=1.x", ">1.x", "<1.x", "1.x ||", "1.0.0+build", ">=1.0.0-a+b <2", "latest || 1", ">=0.2.0 <banana", "^ 1.2",
    "<=0.2.2-a",
    "^1.x.2", "~2.*.1", "*.1", "1.x.2 || 2", "<0.0.0", ">=0.0.0-0", ">=0.0.0", "1.2.0 || 1.2.1-a", "=v1.2.1",
    ">=1.2.0, <2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Npm:
    """What npm's module said: for each range the versions in it, and those between its bounds (None: no range)."""

    ranges: Sequence[str]
    held: Sequence[frozenset[str] | None]
    bounded: Sequence[frozenset[str] | None]
    pairs: Sequence[tuple[int, int]]
    meet: Sequence[bool]


def generated(seed: int, count: int) -> list[str]:
    dice = random.Random(seed)

    def version() -> str:
        parts = [str(dice.randrange(3)) for _ in range(dice.choice((1, 2, 3, 3, 3)))]
        tag = dice.choice(("", "", "-a", "-a.1", "-b", "-1")) if len(parts) == 3 else dice.choice(("", ".x", ".*"))
        return dice.choice(("", "", "", "v", "=")) + ".".join(parts) + tag

    def comparators() -> str:
        if dice.random() < 0.15:
            return f"{version()} - {version()}"
        operators = ("", "^", "~", "~>", ">", ">=", "<", "<=", "=", ">= ", "< ")
        return " ".join(dice.choice(operators) + version() for _ in range(dice.choice((1, 1, 2, 2, 3))))

    bars = (" || ", "||")
    return [dice.choice(bars).join(comparators() for _ in range(dice.choice((1, 1, 2)))) for _ in range(count)]


@pytest.fixture(scope="module")
def npm() -> Npm:
    found = shutil.which("npm")
    if found is None or shutil.which("node") is None:
        pytest.skip("needs node and npm")
    home = subprocess.run([found, "root", "-g"], capture_output=True, text=True, check=True).stdout.strip()
    module = Path(home, "npm", "node_modules", "semver")
    if not module.is_dir():
        pytest.skip("npm does not bring its semver module where `npm root -g` says")
    ranges = [*SEEN_IN_OLD_PACKAGES, *generated(2, 400)]
    dice = random.Random(3)
    first = ask(module, ranges, [])
    known = [i for i, row in enumerate(first["held"]) if row is not None]
    pairs = [(dice.choice(known), dice.choice(known)) for _ in range(4000)]
    said = ask(module, ranges, pairs)
    held, bounded = ([versions(row) for row in said[key]] for key in ("held", "bounded"))
    return Npm(ranges, held, bounded, pairs, said["meet"])


def ask(module: Path, ranges: list[str], pairs: list[tuple[int, int]]) -> dict[str, list[Any]]:
    asked = json.dumps({"ranges": ranges, "versions": VERSIONS, "pairs": pairs})
    command = ["node", "-e", ORACLE, str(module)]
    said = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    answer: dict[str, list[Any]] = json.loads(said)
    return answer


def versions(row: list[bool] | None) -> frozenset[str] | None:
    return None if row is None else frozenset(v for v, inside in zip(VERSIONS, row, strict=True) if inside)


def some(held: frozenset[str] | None) -> frozenset[str]:
    assert held is not None
    return held


def released(held: frozenset[str]) -> frozenset[str]:
    return frozenset(version for version in held if "-" not in version)


def test_satisfies_as_npm(npm: Npm) -> None:
    wrong = []
    for text, expected in zip(npm.ranges, npm.held, strict=True):
        if expected is None:
            with pytest.raises(ValueError, match="not a version range"):
                satisfies("1.0.0", text)
            continue
        ours = frozenset(version for version in VERSIONS if satisfies(version, text))
        if ours != expected:
            wrong.append((text, sorted(ours ^ expected)[:5]))
    assert wrong == []


def test_intersects_says_whether_a_version_is_in_both(npm: Npm) -> None:
    def witness(a: int, b: int) -> bool:
        return bool(some(npm.held[a]) & some(npm.bounded[b]) or some(npm.bounded[a]) & some(npm.held[b]))

    wrong = [
        (npm.ranges[a], npm.ranges[b])
        for a, b in npm.pairs
        if intersects(npm.ranges[a], npm.ranges[b]) != witness(a, b)
    ]
    assert wrong == []


def test_intersects_as_npm_where_npm_is_exact(npm: Npm) -> None:
    # npm compares bounds only, so that `>1.0.0 <1.0.1` and `*` meet; and `1.0.0-a` and `>=0.1` do not.
    exact = [
        ((a, b), met)
        for (a, b), met in zip(npm.pairs, npm.meet, strict=True)
        if not any(re.search("[-0-9][ab]|-[0-9]", npm.ranges[i]) for i in (a, b)) and all(npm.held[i] for i in (a, b))
    ]
    wrong = [
        (npm.ranges[a], npm.ranges[b], met) for (a, b), met in exact if intersects(npm.ranges[a], npm.ranges[b]) != met
    ]
    assert len(exact) > 300
    assert {met for _, met in exact} == {True, False}
    assert wrong == []


def test_within_says_whether_every_version_of_a_is_in_b(npm: Npm) -> None:
    wrong = []
    answers = set()
    for a, b in [*npm.pairs, *((a, a) for a, _ in npm.pairs[:200])]:
        expected = some(npm.held[a]) <= some(npm.bounded[b]) and released(some(npm.held[a])) <= some(npm.held[b])
        answers.add(expected)
        if within(npm.ranges[a], npm.ranges[b]) != expected:
            wrong.append((npm.ranges[a], npm.ranges[b], expected))
    assert answers == {True, False}
    assert wrong == []


@pytest.mark.parametrize(
    ("a", "b", "inside"),
    [
        pytest.param("0.10.x", ">=0.8 <0.11.3", True, id="engines inside a rule's range"),
        pytest.param(">=0.10", ">=0.8 <0.11.3", False, id="open to the top"),
        pytest.param("0.8.x || 0.10.x", ">=0.8 <0.11", True, id="a union inside one interval"),
        pytest.param(">=1 <3", "1.x || 2.x", True, id="two alternatives that touch cover the whole"),
        pytest.param(">=1 <3", "2.x || 1.x", True, id="in any order"),
        pytest.param(">=1 <3", "1.x || >=2.0.1", False, id="2.0.0 is missing"),
        pytest.param(">=1.0.0 <2.0.0", "^1.0.0", True, id="prereleases of 2.0.0 are in neither"),
        pytest.param("*", "*", True, id="any in any"),
        pytest.param("", ">=0.0.0", True, id="the empty text is any"),
        pytest.param("*", ">=0.0.1", False, id="any is more than some"),
        pytest.param("1.2.3-a", "*", True, id="a prerelease in any"),
        pytest.param("1.2.3-a", "1.2.3", False, id="a prerelease is not its release"),
        pytest.param(">=1.2.3-b", ">=1.2.3", False, id="a lower bound with a tag reaches further down"),
        pytest.param(">=1.2.3", ">=1.2.3-b", True, id="and not the other way"),
        pytest.param(">2 <1", "0.0.1", True, id="nothing is in anything"),
        pytest.param("0.0.1", ">2 <1", False, id="something is not in nothing"),
        pytest.param("node >=0.8.1", ">=0.8", True, id="an old engines text"),
    ],
)
def test_within(a: str, b: str, inside: bool) -> None:
    assert within(a, b) is inside


@pytest.mark.parametrize(
    ("a", "b", "meet"),
    [
        pytest.param(">=0.8 <0.11.3", "0.10.x", True, id="inside"),
        pytest.param(">=0.8 <0.11.3", ">=0.11.3", False, id="touching at an exclusive bound"),
        pytest.param("<=0.11.3", ">=0.11.3", True, id="touching at an inclusive bound"),
        pytest.param("*", "1.2.3-beta", True, id="any meets a prerelease"),
        pytest.param("*", "<0.0.1", True, id="any meets the lowest"),
        pytest.param("0.11.2-pre", ">=0.8 <0.11.3", True, id="a nightly build counts by its place"),
        pytest.param("1.2.3", "1.2.3-rc", False, id="a release is not its candidate"),
        pytest.param(">1.2.3 <1.2.4", "*", False, id="no version lies between"),
        pytest.param(">= 4", "node >= 0.6", True, id="a word left out"),
    ],
)
def test_intersects(a: str, b: str, meet: bool) -> None:
    assert intersects(a, b) is meet
    assert intersects(b, a) is meet


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("latest", id="a dist-tag"),
        pytest.param(">=banana", id="no number"),
        pytest.param("node >= 0.6", id="a word before it"),
        pytest.param(">=0.8 <banana", id="one good, one not"),
        pytest.param("1.2.3.4", id="four numbers"),
        pytest.param("1.x.3", id="a number after an x"),
        pytest.param(">=", id="an operator alone"),
        pytest.param("0.8,0.10", id="commas"),
        pytest.param("0.8 | 0.10", id="one bar"),
        pytest.param("٣.1", id="digits that JavaScript does not know"),
        pytest.param("99999999999999999999", id="more than JavaScript can count"),
        pytest.param("9" * 5000, id="endless digits"),
    ],
)
def test_nonsense_is_refused_when_a_rule_says_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a version|too large|too long") as caught:
        parse_range(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", ["", "1", "1.2", "x", "1.2.3.4", "99999999999999999999.0.0", "9" * 9000])
def test_what_is_no_version_satisfies_nothing(version: str) -> None:
    assert satisfies(version, "*") is False


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1" * 4000, id="digits"),
        pytest.param("1.2." + "1" * 120 + "!" * 100, id="digits, then not"),
        pytest.param("1.2.3-" + "a-" * 120 + "! - " + "1.2.3-" + "1-" * 100 + "!", id="hyphens"),
        pytest.param(" ".join([">"] * 2000), id="operators"),
        pytest.param("||".join(["?"] * 1300), id="alternatives"),
        pytest.param("+a." * 1300, id="build metadata"),
    ],
)
def test_hostile_text_ends(text: str) -> None:
    # What fails here is a pattern that backtracks without bound: it would take years.
    with pytest.raises(ValueError, match=r"not a version range$"):
        parse_range(text, loose=True)
