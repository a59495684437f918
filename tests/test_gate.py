"""What the bytes of a file tell before it is parsed: never less than what is in its tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linter import sightings
from linter.gate import Gate, Glance, openings, shortest, weakest
from linter.head_entries import may_enter
from linter.library import check
from linter.rule import Due, load_rules, wanted
from linter.spellings import may_call, spellings
from tests.ungated import ungated

YES, NO = True, False
CALLS = {
    "made": (b"new Buffer(1)", YES), "called": (b"Buffer (1)", YES), "a property": (b"new buffer.Buffer(1)", YES),
    "in brackets": (b"x['Buffer'](1)", YES), "by a compiler": (b"(0, _b.Buffer)(1)", YES),
    "a cast": (b"(Buffer as any)(1)", YES),
    "optional": (b"Buffer?.(1)", YES), "with a comment": (b"new Buffer /* old */ (1)", YES),
    "a type argument": (b"new Buffer<T>(1)", YES), "another name": (b"var B = Buffer; new B(1)", YES),
    "another name of another": (b"var B = Buffer; var C = B; new C(1)", YES),
    "renamed": (b"import {Buffer as B} from 'buffer'; B(1)", YES), "taken out": (b"const {Buffer: B} = b; B(1)", YES),
    "a module": (b"import x from 'Buffer'; x.default(1)", YES), "required": (b"require('Buffer')(1)", YES),
    "a longer name": (b"new ArrayBuffer(1); Buffers(2)", NO), "a method of it": (b"Buffer.from(x); isBuffer(x)", NO),
    "declared": (b"function Buffer(x) {}", NO), "another name, not called": (b"var B = Buffer; B.from(1)", NO),
    "only a word": (b"// a Buffer is kept\nx(1)", NO), "a string": (b"x('Buffer')", YES),
}  # fmt: skip
HEADS = {
    "a listener": (b"s.on('upgrade', f)", YES), "another method": (b's . once\n("connect", f)', YES),
    "with a comment": (b"s.on(/* (a, b) */ 'upgrade', f)", YES), "a type": (b"s.on<X>('upgrade', f)", YES),
    "optional": (b"s.on?.('upgrade', f)", YES), "an option": (b"x({action: 'connect'})", NO),
    "another call": (b"open('connect', f)", NO), "emitted": (b"s.emit('upgrade', req, socket)", NO),
    "by the handler": (b"M.prototype.handleUpgrade = function (a, b, head) {}", YES),
    "a method": (b"class A { async onUpgrade(a, b, head = null) {} }", YES),
    "an arrow": (b"x.websocketRequest = (a, b, data) => 1", YES),
    "by the parameters": (b"function f(req, socket, head) {}", YES),
    "later in the list": (b"function f(x, res, y, conn, z, body) {}", YES),
    "typed": (b"f(req: http.Request, socket: net.Socket, head: Buffer): void {}", YES),
    "a head of the socket": (b"function f(req, socket, socketHead) {}", YES),
    "called": (b"wss.handle(req, socket, head);", NO), "headers": (b"function f(req, socket, headers) {}", NO),
    "properties": (b"function f(a) { g(a.req, a.socket, a.head); }", NO),
    "another order": (b"function f(socket, req, head) {}", NO),
    "two lists": (b"function f(req, socket) { g(head) }", NO),
}  # fmt: skip
SIGHTS = {
    "walked": ("walked", b"o = o[k]", YES), "walked, in brackets": ("walked", b"o = (o[k] || {})", YES),
    "walked, and made": ("walked", b"o = o[k] = o[k] || {}", YES), "walked, if there": ("walked", b"o = o?.[k]", YES),
    "taken": ("walked", b"var n = o[k]; if (!n) return; o = n;", YES), "left": ("walked", b"var n = o[k]; o = m;", NO),
    "another object": ("walked", b"oo = o[k]; o = ooo[k]", NO), "its first": ("walked", b"o = o[0]", NO),
    "handed on": ("walked", b"set(o[k], path.slice(1))", YES), "made, too": ("walked", b"f(o[k] = {}, a || b)", YES),
    "handed on, behind": ("walked", b"set(x, o[k], path.slice(1))", YES), "all": ("walked", b"f(o[k], rest)", NO),
    "emptied": ("emptied", b"m[k] = {}; delete m[k].x", YES), "kept": ("emptied", b"m[k] = {}; x(m)", NO),
    "a cursor": ("dequeued", b"return q[i++]", YES), "moved behind": ("dequeued", b"x = q[i]; i += 1", YES),
    "an index": ("dequeued", b"x = q[i]; j++", NO),
    "a response": ("answered", b"f.pipe(res)", YES), "a result": ("answered", b"f.pipe(result)", NO),
}  # fmt: skip


@pytest.mark.parametrize(("data", "may"), CALLS.values(), ids=CALLS)
def test_calls(data: bytes, may: bool) -> None:
    assert may_call(data, b"Buffer") is may


def test_what_is_mentioned_everywhere_may_be_called() -> None:
    assert not may_call(b"Buffer;" * 10, b"Buffer")
    assert may_call(b"Buffer;" * 10_001, b"Buffer")


def test_spellings_are_given_once_and_those_close_to_the_name_first() -> None:
    assert [*spellings(b"a = Buffer; b = a; c = b; d = c; a = b;", b"Buffer")] == [b"Buffer", b"a", b"b", b"c"]


@pytest.mark.parametrize(("data", "may"), HEADS.values(), ids=HEADS)
def test_heads(data: bytes, may: bool) -> None:
    assert may_enter(data) is may


@pytest.mark.parametrize(("kind", "data", "seen"), SIGHTS.values(), ids=SIGHTS)
def test_sightings(kind: str, data: bytes, seen: bool) -> None:
    assert bool([*getattr(sightings, kind)(data)]) is seen


# -- gates --------------------------------------------------------------------------------------------


LISTS = st.lists(st.lists(st.sampled_from(["a", "ab", "b", "'b'", "bc"]), min_size=1, max_size=3), max_size=3)
GATES = st.lists(LISTS.map(lambda words: Gate.of(words, [])), min_size=1, max_size=4)


@given(gates=GATES, text=st.text("abc'", max_size=6))
def test_the_weakest_gates_admit_what_one_of_all_does(gates: list[Gate], text: str) -> None:
    data = text.encode()
    admitted = any(all(any(word in data for word in words) for words in gate.words) for gate in gates)
    assert any(gate.admits(Glance(data)) for gate in weakest(gates)) is admitted


@given(gates=GATES, text=st.text("abc'", max_size=6))
def test_no_gate_that_admits_a_file_is_passed_over(gates: list[Gate], text: str) -> None:
    glance = Glance(text.encode())
    opened = set(glance.opens(openings(tuple(gates))))
    assert {number for number, gate in enumerate(gates) if gate.admits(glance)} <= opened


def test_a_word_that_holds_another_is_not_looked_for() -> None:
    assert shortest([b"'upgrade'", b"pgrade", b"head)", b"head"]) == (b"pgrade", b"head")


HANDLER = b"exports.handleUpgrade = function (req, socket, head) { require('./keep')(req, head); };"
KEEPER = b"module.exports = function (pgrade, first) { pgrade.kept = first; };"


def test_a_head_may_come_from_another_file_of_the_package() -> None:
    rules = [rule for rule in load_rules() if rule.id == "upgrade-head-retained"]
    alone, together = Due[str](rules), Due[str](rules)
    alone.look("keep.js", KEEPER)
    together.look("keep.js", KEEPER)
    together.look("index.js", HANDLER, asked=False)
    assert alone.found() == {}
    assert together.found() == {"keep.js": rules}


RULES = load_rules()
PIECES = st.sampled_from([
    "new Buffer(x)", "Buffer(x)", "var B = Buffer", "new B(x)", "s.on('upgrade', f)", "function f(req, socket, head) {",
    "req.head = head", "}", "o = o[k]", "q[i++]", "q.push(x)", "delete m[k]", "m[k] = m[k] || {}", "leak = []",
    "setTimeout(f, 1)", "clearTimeout(t)", "t = setTimeout(g, 5)", "a.b(", ")", "'", "/*", "*/", "\n", ";", " ", ",",
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_what_is_found_comes_through_the_gate(tmp_path_factory: pytest.TempPathFactory, code: str) -> None:
    file = tmp_path_factory.getbasetemp() / "code.js"
    file.write_text(code)
    with ungated([rule for rule in RULES if not wanted(rule, Glance(code.encode()))]) as rules:
        assert [*check(file, rules=rules, node="all").findings] == []
