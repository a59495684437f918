"""Where a patch may match: never less than where it does."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest
from tree_sitter import Node

from linter import candidates, engine
from linter.about import About
from linter.engine import Identity, check_file
from linter.finding import Finding
from linter.pattern import Pattern, anchor_of, compile_pattern, node_kinds
from linter.rule import Rule, load_rules
from linter.source import FUNCTIONS, Source, walk
from linter.target import Target
from linter.values import Values

RULES = load_rules()
EXAMPLES = [(rule, e) for rule in RULES for e in rule.examples if e.language in {"js", "jsx"}]


def _found(rules: Sequence[Rule], code: str) -> list[Finding]:
    about = About.of(Source("index.js", code.encode()))
    return check_file(rules, about, Target(), Identity("pack", "1.0.0", "index.js"))[0]


def _everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every node and every function is tried."""
    monkeypatch.setattr(
        engine, "scopes_of", lambda _patch, about, *_: [about.source.root, *about.source.shown(*sorted(FUNCTIONS))]
    )

    def all_of(pattern: Pattern, about: About, _places: object) -> list[Node]:
        kinds = node_kinds(pattern)
        return [node for node in walk(about.source.root) if (node.type in kinds if kinds else node.is_named)]

    monkeypatch.setattr(engine, "candidates", all_of)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_elsewhere(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [e.code for _, e in EXAMPLES if not re.search(r"^\s*(import|export)\b|\bawait\b|<\w", e.code, re.MULTILINE)]
    chosen = random.Random(seed).sample(whole, 50)
    code = "\n".join(f"function module_{number}(module, exports) {{\n{one}\n}}" for number, one in enumerate(chosen))
    near = _found(RULES, code)
    assert len(near) > 10
    _everywhere(monkeypatch)
    assert near == _found(RULES, code)


HEADS = "const act = (e, f = e.on('a', b), g = () => e.on('c', d)) => ({ [e.on('k', x)]() { e.on('m', y); } });"


def test_what_runs_in_the_head_of_a_function_may_run_in_the_one_around() -> None:
    about = About.of(Source("index.js", HEADS.encode()))
    calls = about.source.nodes("call_expression")
    starts = [[owner.start_byte for owner in candidates._owners(call, about)] for call in calls]
    act, default, method = (HEADS.index(what) for what in ("(e, f", "() =>", "[e.on('k'"))
    assert starts == [[act, 0], [default], [method, act], [method]]


@pytest.mark.parametrize(
    ("pattern", "words", "depth", "called"),
    [
        ("$E.on($NAME, $F)", ("on", "addListener"), 2, True),
        ("$E.off('x', $F)", ("off", "removeListener"), 2, True),
        ("$E.once($NAME, $F.bind(...))", ("bind",), 4, True),
        ("$X = $Y.headers", ("headers",), 2, False),
        ("createServer(...)", ("createServer",), 1, True),
    ],
)
def test_a_name_to_look_for(pattern: str, words: tuple[str, ...], depth: int, called: bool) -> None:
    anchor = anchor_of(compile_pattern(pattern))
    assert anchor is not None
    assert (anchor.words, anchor.depth, anchor.is_called) == (words, depth, called)


def test_a_pattern_without_a_name() -> None:
    assert anchor_of(compile_pattern("$A[$B] = $C")) is None


def test_all_spellings_of_a_method_are_found() -> None:
    code = "e.on('x', f); e['addListener']('x', f); e.once('x', f); const { on } = e; on('x', f);"
    about = About(source := Source("index.js", code.encode()), Values(source))
    found = candidates.candidates(compile_pattern("$E.on('x', $F)"), about, {})
    assert {code[n.start_byte : n.start_byte + 6] for n in found} >= {"e.on('", "e['add", "on('x'"}
