"""The page that sets nodemend beside other tools is about what the mapping says, and its numbers add up."""

from __future__ import annotations

import json

import pytest

from linter.rule import load_rules
from tests import npm
from tests.evidence.pairs import pairs
from tests.peers.compare import OURS, Answer, Contender
from tests.peers.eslint import lint
from tests.peers.mapping import MAPPING, POPULAR, Peer, compared
from tests.peers.page import HEAD, PAGE, versions
from tests.peers.retire import KNOWN, reported

BUFFER = Peer("unicorn/no-new-buffer")
DEPRECATED = Peer("n/no-deprecated-api", "Buffer()", (("version", ">=20.0.0"),))


def _tables() -> list[list[list[str]]]:
    """The cells of each table of the page, its head first."""
    tables: list[list[list[str]]] = [[]]
    for line in PAGE.read_text("utf8").split("\n"):
        if line.startswith("| "):
            tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif not line.startswith("|") and tables[-1]:
            tables.append([])
    return [table for table in tables if table]


def test_the_page_has_what_the_mapping_says() -> None:
    """When this fails, a rule or a row has come or gone: run `make peers`."""
    rows = compared({rule.id for rule in load_rules()})
    head, *lines = _tables()[0]
    assert tuple(head) == HEAD
    assert [line[:2] for line in lines] == [[r.rule, name] for r in rows for name in (OURS, *map(str, r.peers))]
    counts = {row.rule: sum(pair.rule == row.pairs for pair in pairs()[0]) for row in rows}
    assert {line[0]: int(line[2]) for line in lines} == counts


def test_its_numbers_are_those_of_its_pairs() -> None:
    summary, *details = _tables()
    told = {}
    rules = dict.fromkeys(line[0] for line in summary[1:])
    for rule, (head, *lines) in zip(rules, details, strict=True):
        for column, name in enumerate(head[1:], 1):
            said = [line[column].split(", ") for line in lines]
            counts = [sum(word in cell for cell in said) for word in
                      ("found", "missed", "false on the good", "fix", "suggestion")]  # fmt: skip
            told[rule, name] = [len(said), *counts]
    assert {(line[0], line[1]): [*map(int, line[2:8])] for line in summary[1:]} == told


def test_it_names_the_versions_that_were_run() -> None:
    text = PAGE.read_text("utf8")
    assert versions()
    assert all(f"\n- {name} {version}\n" in text for name, version in versions().items())
    lock = json.loads((npm.FIXTURES / "peers" / "package-lock.json").read_text("utf8"))["packages"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in versions()} == versions()


def test_the_mapping_is_about_pairs_and_packages_that_there_are() -> None:
    assert len({row.rule for row in MAPPING}) == len(MAPPING)
    assert {row.pairs for row in MAPPING} <= {pair.rule for pair in pairs()[0]}
    assert set(POPULAR) <= set(npm.integrities())


def test_counting() -> None:
    answers = (Answer(True, True, "fix"), Answer(True, None, "suggestion"), Answer(False, False, ""))
    one = Contender("a/b", answers, 7)
    assert (one.found, one.false, one.fixes("fix"), one.fixes("suggestion")) == (2, 1, 1, 1)


@pytest.mark.slow
def test_the_peers_run() -> None:
    files = {
        (
            "a",
            "a.js",
        ): b"var b = new Buffer(x);\nvar c = new Buffer('x');\n// eslint-disable-next-line\nnew Buffer(y);\n",
        ("a", "b.js"): b"import x from 'x';\nexport default new Buffer(1);\n",
        ("a", "c.js"): b"var = ;\n",
    }
    linted = lint(files, [BUFFER, DEPRECATED])
    assert [(r.first, r.fix) for r in linted.by(BUFFER, ("a", "a.js"))] == [
        (1, "suggestion"),
        (2, "fix"),
        (4, "suggestion"),
    ]
    assert [(r.first, r.fix) for r in linted.by(DEPRECATED, ("a", "a.js"))] == [(1, ""), (2, ""), (4, "")]
    assert [r.first for r in linted.by(BUFFER, ("a", "b.js"))] == [2]
    assert linted.unparsed == (("a", "c.js"),)
    assert (npm.tree("peers") / "node_modules" / KNOWN).is_file()
    old, new = ("jquery", "3.3.1"), ("fresh", "0.5.2")
    assert reported([old, new]) == {old: True, new: False}
