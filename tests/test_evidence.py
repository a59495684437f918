"""The rules on verified pairs: found where the defect is, silent where it was mended, and fixes that hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from linter.rule import Rule, load_rules
from tests import npm
from tests.evidence.judge import judge, verdicts
from tests.evidence.pairs import TABLE, Pair, pairs
from tests.evidence.places import Text, tokens
from tests.evidence.table import FOUND, SILENT, Share, Tally, as_json, lines

HERE, LEFT_OUT = pairs()
CODE = b"""\
var a = require('a');

Manager.prototype.first = function (req, head) {
  req.head = head;
  on(function () { return 1; });
};

function second() {
  return 'x';
}
"""


def test_every_row_of_the_table_is_a_fact_and_none_is_told_twice() -> None:
    rows = [json.loads(line) for line in TABLE.read_text("utf8").splitlines()]
    assert len(rows) >= 100
    assert len({(r["rule"], r["package"], r["bad"], r["file"], r["lines"][0]) for r in rows}) == len(rows)
    assert all((r["evidence"] and r["bad"] != r["good"]) or r.get("good_package") for r in rows)


def test_what_is_not_settled_is_left_out_by_name(tmp_path: Path) -> None:
    table = tmp_path / "pairs.jsonl"
    row = {"rule": "a", "package": "no-such-package-here", "bad": "1.0.0", "good": "1.0.1", "file": "index.js"}
    table.write_text(json.dumps({**row, "lines": [3], "evidence": "none"}) + "\n", "utf8")
    here, left_out = pairs(table)
    assert here == []
    text = "\n".join(lines([], left_out))
    assert "left out, not on npm any more: 1\n  a: no-such-package-here 1.0.0 -> 1.0.1, index.js:3" in text


@pytest.mark.parametrize(
    ("line", "symbol", "first", "last"),
    [
        pytest.param(4, "Manager.prototype.first", -1, 9, id="in a method"),
        pytest.param(5, "Manager.prototype.first", 0, 10, id="in a callback without a name: the function around it"),
        pytest.param(9, "second", 4, 14, id="in another function"),
        pytest.param(1, "", -9, 11, id="at the top level: a few lines"),
    ],
)
def test_place(line: int, symbol: str, first: int, last: int) -> None:
    place = Text.of("a.js", CODE).place(line)
    assert (place.symbol, place.first, place.last) == (symbol, first, last)


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [pytest.param(4, 5, 8, id="by the function's name"), pytest.param(1, -7, 13, id="by the lines that go on")],
)
def test_the_same_place_in_another_release(line: int, first: int, last: int) -> None:
    old, new = Text.of("a.js", CODE), Text.of("a.js", b"// one\n// two\n" + CODE)
    place = new.same(old.place(line), old, line)
    assert (place.first, place.last) == (first, last)


def test_tokens_leave_out_what_makes_no_difference() -> None:
    one, other = (Text.of("a.js", code).source.root for code in (b"var a = 'x'; // c\n", b'let a = "x"\n'))
    assert tokens(one) == tokens(other) == ["var", "a", "=", "'x'"]


@pytest.mark.parametrize(
    ("answers", "text", "rate"),
    [
        pytest.param([True, False, None], "1/2", 0.5, id="what was not asked does not count"),
        pytest.param([None], "-", 1.0, id="nothing asked"),
    ],
)
def test_share(answers: list[bool | None], text: str, rate: float) -> None:
    share = Share.count(answers)
    assert (str(share), share.rate) == (text, rate)


PAIR = Pair(
    rule="upgrade-head-retained", package="socket.io", bad="0.9.13", good_package="socket.io", good="0.9.14",
    file="lib/manager.js", lines=(617,), evidence="", incomplete=False,
)  # fmt: skip


@pytest.fixture(scope="module")
def rule() -> Rule:
    return next(rule for rule in load_rules() if rule.id == "upgrade-head-retained")


def test_a_pair_that_holds(rule: Rule) -> None:
    verdict = judge(PAIR, rule)
    assert verdict.found is not None
    assert (verdict.found.span.line, verdict.safety) == (617, "safe")
    assert (verdict.silent, verdict.file_silent, verdict.clean, verdict.parses) == (True, True, True, True)
    assert verdict.like in ("text", "change", "guard")


def test_a_miss_is_explained(rule: Rule) -> None:
    verdict = judge(replace(PAIR, lines=(30,)), rule)
    assert verdict.found is None
    text = "\n".join(lines([verdict], []))
    assert "missed: upgrade-head-retained: socket.io 0.9.13 -> 0.9.14, lib/manager.js:30: " in text
    assert verdict.reason
    assert "found 0/1 (0.0%, wanted 85%)" in text


def test_a_good_release_that_is_none_is_not_silent(rule: Rule) -> None:
    verdict = judge(replace(PAIR, good="0.9.13"), rule)
    assert (verdict.silent, verdict.residue, verdict.like) == (False, ("lib/manager.js:617",), "other")
    assert json.loads(as_json([verdict], []))["pairs"][0]["silent"] is False


def test_a_pair_without_a_rule_counts_for_nothing() -> None:
    verdict = judge(replace(PAIR, rule="no-such-rule"), None)
    assert Tally.of([verdict]).pairs == 0
    assert "no rule: 1 pairs: no-such-rule (1)" in "\n".join(lines([verdict], []))


@pytest.mark.slow
def test_the_rules_reach_their_targets() -> None:
    judged = list(verdicts(HERE, load_rules()))
    total, report = Tally.of(judged), "\n".join(lines(judged, LEFT_OUT))
    assert total.pairs > 0
    assert total.found.rate >= FOUND, report
    assert total.silent.rate >= SILENT, report
    assert total.clean.yes == total.clean.of, report
    assert total.parses.yes == total.parses.of, report


def test_every_release_of_the_table_is_settled() -> None:
    assert [str(pair) for pair in LEFT_OUT] == []
    assert {spec for pair in HERE for spec in pair.specs} <= set(npm.integrities())
