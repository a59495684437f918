"""A large file that is parsed in parts gives what it gives when it is parsed as a whole."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest

from linter import analysis, focus, outline
from linter.edit import Edit, apply
from linter.focus import Focus
from linter.outline import Outline, left
from linter.packages import File, Package
from linter.pipeline import Pipeline
from linter.rule import Rule, load_rules
from linter.source import HiddenError, Source, walk
from linter.values import Values
from linter.work import Settings, Work

RULES = load_rules()
CODES = {f"{rule.id}:{e.line}": e.code for rule in RULES for e in rule.examples if e.language in {"js", "jsx"}}
NEVER = 1 << 62


def _work(data: bytes, rules: Sequence[Rule], large: int, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setattr(analysis, "LARGE", large)
    file = File.single("index.js", "index.js", "")
    package = Package("pack", "1.0.0", "", "", (file,))
    return Pipeline(rules, Settings(node="all", suggestions=True), mends=True).on(package, [(file, data)]).work


def _whole(data: bytes, rules: Sequence[Rule], monkeypatch: pytest.MonkeyPatch) -> Work:
    return _work(data, rules, NEVER, monkeypatch)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every function with a body of more than a few bytes can be left out, whatever the size of the file."""
    monkeypatch.setattr(outline, "_LEAST", 12)
    monkeypatch.setattr(outline, "_UNIT", 0)
    monkeypatch.setattr(focus, "_WORTH", NEVER)
    return monkeypatch


@pytest.fixture
def blind(parts: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """At first everything is hidden: what is needed has to be asked for."""

    def of(data: bytes, _rules: Iterable[Rule]) -> Focus | None:
        known = Outline.of(data)
        return None if known is None else Focus(known, frozenset(), rounds=1000)

    parts.setattr(Focus, "of", of)
    return parts


@pytest.mark.parametrize("code", CODES.values(), ids=CODES.keys())
def test_each_example_when_everything_is_hidden_at_first(code: str, blind: pytest.MonkeyPatch) -> None:
    data = code.encode()
    assert _work(data, RULES, 0, blind) == _whole(data, RULES, blind)


def _bundle(seed: int) -> bytes:
    """Many examples, each a function of one file, in an order of chance."""
    codes = [
        code for code in CODES.values() if not re.search(r"^\s*(import|export)\b|\bawait\b|<\w", code, re.MULTILINE)
    ]
    chosen = random.Random(seed).sample(codes, 60)
    return b"".join(
        f"function module_{number}(module, exports) {{\n{code}\n}}\n".encode() for number, code in enumerate(chosen)
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_bundle_of_examples(seed: int, parts: pytest.MonkeyPatch) -> None:
    data = _bundle(seed)
    whole = _whole(data, RULES, parts)
    assert len(whole.findings) > 10
    assert _work(data, RULES, 0, parts) == whole


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_bundle_under_one_rule(rule: Rule, parts: pytest.MonkeyPatch) -> None:
    data = _bundle(7)
    assert _work(data, [rule], 0, parts) == _whole(data, [rule], parts)


def test_most_of_a_bundle_is_not_parsed(parts: pytest.MonkeyPatch) -> None:
    """Or all of the above would say nothing."""
    data = _bundle(1)
    rules = [rule for rule in RULES if rule.id == "new-buffer"]
    seen: list[Source] = []
    parts.setattr(Source, "_fits", lambda self, tree, fits=Source._fits: seen.append(self) or fits(self, tree))  # type: ignore[func-returns-value]
    work = _work(data, rules, 0, parts)
    hidden = sum(end - start for start, end in seen[-1].hidden)
    assert work.findings or work.patches
    assert hidden > len(data) // 3


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize("seed", range(6))
def test_what_is_parsed_on_top_of_what_was_gives_the_same_tree(seed: int) -> None:
    chance, data = random.Random(seed), _bundle(seed)
    known = Outline.of(data)
    assert known is not None
    at: list[int] = []
    before = None
    for _ in range(8):
        source = Source("a.js", data, hidden=known.hidden(at), before=before)
        assert [*_all_nodes(source)] == [*_all_nodes(Source("a.js", data, hidden=source.hidden))]
        before = source.tree
        at += [chance.randrange(len(data)) for _ in range(chance.randrange(1, 20))]
    assert [*_all_nodes(Source("a.js", data, before=before))] == [*_all_nodes(Source("a.js", data))]


def _all_nodes(source: Source) -> Iterator[tuple[str, int, int, bytes | None]]:
    stack = [source.root]
    while stack:
        node = stack.pop()
        yield node.type, node.start_byte, node.end_byte, node.text
        stack.extend(reversed(node.children))


@pytest.mark.usefixtures("parts")
def test_what_lies_near_cannot_be_had_either() -> None:
    """Each way into a part that was left out says so."""
    data = (
        b"var seen = 1; function quiet(other) { seen = other; return function () { return seen + 1; }; } quiet(seen);"
    )
    known = Outline.of(data)
    assert known is not None
    source = Source("a.js", data, hidden=known.hidden([]))

    values = Values(source)
    (function,) = source.shown("function_declaration")
    (declarator,) = source.shown("variable_declarator")
    name = declarator.child_by_field_name("name")
    assert name is not None
    ways = {
        "a word": lambda: source.leaves(b"other", within=function),
        "all nodes of a kind": lambda: source.nodes("return_statement"),
        "a walk": lambda: [*walk(source.root)],
        "an offset": lambda: source.at(data.index(b"return"), data.index(b"return") + 6),
        "control flow": lambda: values.graph(function),
        "what a variable may hold": lambda: values.only_write(name),
    }
    assert [way for way, take in ways.items() if not _is_refused(take)] == []
    assert [node.text for node in source.leaves(b"quiet")] == [b"quiet", b"quiet"]


def _is_refused(take: Callable[[], object]) -> bool:
    try:
        take()
    except HiddenError:
        return True
    return False


UNREADABLE = {
    "a brace too many": b"function f() { return 1; } }",
    "a string without an end": b"function f() { return 'a; }\n",
    "a template without an end": b"function f() { return `a ${b; }",
    "a comment of HTML": b"<!-- function f() {\nfunction g() { return 1; }",
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_cannot_be_told_is_parsed_as_a_whole(data: bytes) -> None:
    assert Outline.of(data) is None


TELLABLE = {
    "a pattern behind a parenthesis": (
        rb"function f(a) { if (a) /[}]/.test(a); return '                          '; }",
        1,
    ),
    "a division behind a parenthesis": (
        b"function f(a) { return (a + 1) / 2 + '}' / 3 + '                        '; }",
        1,
    ),
    "a pattern behind a block": (
        rb"function f(a) { for (;;) { break /**/ } /}/.test(a); return '                  '; }",
        2,
    ),
    "a pattern behind a small block": (
        rb"function f(a) { for (;;) { break } /}/.test(a); return '                  '; }",
        1,
    ),
    "a pattern behind a keyword": (
        rb"function f(a) { return /}'/.test(a) + '                                  '; }",
        1,
    ),
    "templates in templates": (
        b"function f(a) { return `}${ `{${ { a } }` }{` + '                                '; }",
        1,
    ),
    "blocks in templates in templates": (
        b"function f(a) { return `}${ `{${ { a /**/ } }` }{` + '                                '; }",
        2,
    ),
    "a division behind a step": (
        b"function f(a) { return a++ / 2 + '}' + 1 / 3 + '                             '; }",
        1,
    ),
    "a comment with a quote": (
        b"function f(a) { // don't {\n /* nor } ' */ return '                            '; }",
        1,
    ),
    "an escape in a name": (
        rb"function f(\u0061) { return \u{61} + '                                           '; }",
        1,
    ),
}


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(("data", "blocks"), TELLABLE.values(), ids=TELLABLE.keys())
def test_braces_are_told_apart_from_text(data: bytes, blocks: int) -> None:
    known = Outline.of(data)
    assert known is not None
    assert len(known.starts) == blocks
    assert known.hidden([]) == ((data.index(b"{", data.index(b")")), len(data)),)
    assert [data[start:end] for start, end in left(len(data), known.hidden([]))] == [
        data[: data.index(b"{", data.index(b")")) + 1],
        b"}",
    ]


def _nodes(source: Source) -> list[tuple[object, ...]]:
    return [(node.type, node.start_byte, node.end_byte, node.start_point, node.end_point) for node in walk(source.root)]


@pytest.mark.parametrize("code", CODES.values(), ids=CODES.keys())
def test_an_edited_file_has_the_tree_of_one_that_is_new(code: str) -> None:
    """Though only what was edited is parsed."""
    chance, data = random.Random(len(code)), code.encode()
    source = Source("index.js", data)
    for _ in range(20):
        start, end = sorted(chance.choices(range(len(data) + 1), k=2)) if chance.random() < 0.3 else [len(data)] * 2
        words = [b"delete a.b;\n", b"x", b"(", b"", b" ", b"\n\nif (a) {", b"/* \xc3\xa9 */", b"'", b"`${"]
        at = chance.randrange(len(data) + 1)
        edits = {Edit(start, end, chance.choice(words)), Edit(at, at, chance.choice(words))}
        if any(one.touches(other) for one in edits for other in edits if one != other):
            continue
        after = apply(data, sorted(edits))
        fresh = Source("index.js", after)
        if not fresh.root.has_error or not source.edited(after, sorted(edits)).root.has_error:
            assert _nodes(source.edited(after, sorted(edits))) == _nodes(fresh)
