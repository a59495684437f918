"""What each kind admits, and what it does not for certain."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from linter import kinds
from linter.kinds import KINDS
from tests.pages import Subject, places, rule

FOLDER = Path(kinds.__file__).parent
YES, NO = True, False

NUMBERS = {
    "a literal": ("x(1)", YES), "a BigInt": ("x(1n)", YES), "a sign": ("x(-a)", YES), "a minus": ("x(a - b)", YES),
    "a plus of numbers": ("x(1 + a.length)", YES), "a plus of anything": ("x(a + 1)", NO),
    "a length": ("x(a.length)", YES), "a computed property": ("x(a[length])", NO), "Math": ("x(Math.min(a, b))", YES),
    "parseInt": ("x(parseInt(a, 10))", YES), "some call": ("x(f(1))", NO),
    "a constant": ("const n = 4 * 1024; x(n)", YES),
    "a name of a name": ("const n = 4, m = n; x(m)", YES), "a counter": ("let i = 0; i++; x(i)", YES),
    "a sum": ("let i = 0; i += 2; x(i)", YES), "a text that grows": ("let i = 0; i += 'a'; x(i)", NO),
    "now and then a string": ("let n = 1; if (c) n = 'a'; x(n)", NO), "a parameter": ("function f(n) { x(n) }", NO),
    "a parameter with a default": ("function f(n = 1) { x(n) }", NO), "either way": ("x(c ? 1 : 2)", YES),
    "one way": ("x(c ? 1 : 'a')", NO), "||": ("x(a || 1)", NO), "|| of numbers": ("x(a.length || 1)", YES),
    "a string": ("x('1')", NO), "undeclared": ("x(n)", NO), "not yet given": ("let n; x(n)", NO),
    "taken out of an object": ("const {length} = a; x(length)", NO), "in parentheses": ("x((1))", YES),
}  # fmt: skip
STRINGS = {
    "a literal": ("x('a')", YES), "a template": ("x(`a${b}`)", YES), "a plus with one": ("x(a + 'b')", YES),
    "a plus without": ("x(a + b)", NO), "toString": ("x(a.toString())", YES), "String": ("x(String(a))", YES),
    "JSON": ("x(JSON.stringify(a))", YES), "typeof": ("x(typeof a)", YES), "a number": ("x(1)", NO),
    "a constant": ("const s = 'a' + b; x(s)", YES), "a regular expression": ("x(/a/)", NO), "some call": ("x(f())", NO),
    "either way": ("x(c ? 'a' : `b`)", YES), "a variable that changes": ("let s = 'a'; s = f(); x(s)", NO),
    "a slice, of whatever": ("x(a.slice(1))", NO),
}  # fmt: skip
ARRAYS = {
    "a literal": ("x([1])", YES), "Array.from": ("x(Array.from(a))", YES), "a constant": ("const a = []; x(a)", YES),
    "an object": ("x({})", NO), "a call": ("x(f())", NO), "Array(3)": ("x(Array(3))", NO),
}  # fmt: skip
BUFFERS = {
    "Buffer.from": ("x(Buffer.from(a))", YES), "Buffer.concat": ("x(Buffer.concat(a))", YES),
    "new Buffer": ("x(new Buffer(1))", YES), "a file": ("x(fs.readFileSync(a))", YES),
    "a file with an encoding": ("x(fs.readFileSync(a, 'utf8'))", NO), "a string": ("x('a')", NO),
    "the head of an upgrade": ("s.on('upgrade', function (q, s, head) { x(head) })", YES),
}  # fmt: skip
FUNCTIONS = {
    "an expression": ("x(function () {})", YES), "an arrow": ("x(() => 1)", YES),
    "a name": ("function f() {} x(f)", YES),
    "a variable": ("const f = () => 1; x(f)", YES), "a parameter": ("function g(f) { x(f) }", NO),
    "a member": ("x(a.f)", NO), "a class": ("class A {} x(A)", NO), "changed": ("let f = () => 1; f = g; x(f)", NO),
}  # fmt: skip
HEADS = {
    "by event": ("s.on('upgrade', function (req, socket, h) { x(h) })", YES),
    "CONNECT": ("s.once('connect', (req, socket, h) => x(h))", YES),
    "another event": ("s.on('request', function (req, res, h) { x(h) })", NO),
    "the second argument": ("s.on('upgrade', function (req, h, head) { x(h) })", NO),
    "a named listener": ("s.on('upgrade', f); function f(req, socket, h) { x(h) }", YES),
    "a bound listener": ("s.on('upgrade', f.bind(null, 1)); function f(n, req, socket, h) { x(h) }", YES),
    "an alias": ("s.on('upgrade', function (req, socket, h) { var b = h; x(b) })", YES),
    "arguments[2]": ("s.on('upgrade', function (req, socket, h) { x(arguments[2]) })", YES),
    "a slice": ("s.on('upgrade', function (req, socket, h) { x(h.slice(0, 8)) })", YES),
    "a copy": ("s.on('upgrade', function (req, socket, h) { x(Buffer.from(h)) })", NO),
    "handed on": ("s.on('upgrade', function (req, socket, h) { g(h) }); function g(b) { x(b) }", YES),
    "shadowed": ("s.on('upgrade', function (req, socket, h) { (function (h) { x(h) })() })", NO),
    "by the name of the handler": ("S.prototype.handleUpgrade = function (req, socket, head) { x(head) }", YES),
    "by the name of the handler, no head": ("S.prototype.handleUpgrade = function (req, socket, cb) { x(cb) }", NO),
}  # fmt: skip
TABLES = {
    "number": NUMBERS, "string": STRINGS, "array": ARRAYS, "buffer": BUFFERS, "function": FUNCTIONS,
    "upgrade_head": HEADS,
}  # fmt: skip
ALL = {f"{kind}: {why}": (kind, *case) for kind, table in TABLES.items() for why, case in table.items()}


@pytest.mark.parametrize(("kind", "code", "admitted"), ALL.values(), ids=ALL)
def test_kind(kind: str, code: str, admitted: bool, tmp_path: Path) -> None:
    hint = "\n// pgrade" if kind == "upgrade_head" else ""
    assert bool(places(rule(tmp_path, f"@@ $X: {kind} @@\n*x($X)"), code + hint)) is admitted


MODULES = {
    "required": ("const t = require('tls'); x(t)", YES), "in place": ("x(require('node:tls'))", YES),
    "another": ("x(require('tls2'))", NO), "a member of it": ("x(require('tls').y)", NO),
    "a name only": ("x(tls)", NO), "imported": ("import * as t from 'tls'; x(t)", YES),
}  # fmt: skip


@pytest.mark.parametrize(("code", "admitted"), MODULES.values(), ids=MODULES)
def test_module(code: str, admitted: bool, tmp_path: Path) -> None:
    assert bool(places(rule(tmp_path, "@@ $X: module tls @@\n*x($X)"), code)) is admitted


def test_module_with_the_prefix(tmp_path: Path) -> None:
    assert places(rule(tmp_path, "@@ $X: module node:tls @@\n*x($X)"), "x(require('tls'))") == ["x(require('tls'))"]


OUTLIVES = {
    "a parameter": ("function f(a) { x(a) }", YES), "this": ("function f() { x(this) }", YES),
    "a module": ("var m = require('m'); function f() { x(m) }", YES), "a global": ("function f() { x(process) }", YES),
    "an outer variable": ("var o = {}; function f() { x(o) }", YES),
    "its own": ("function f() { var o = {}; x(o) }", NO),
    "a property of a parameter": ("function f(a) { x(a.b) }", YES),
    "a property of its own": ("function f() { var o = {}; x(o.p) }", NO),
    "an alias of a parameter": ("function f(a) { var b = a; x(b) }", YES),
    "an outer function's variable": ("function g() { var o = {}; return function f() { x(o) } }", YES),
    "a new object": ("function f() { x({}) }", NO), "a call": ("function f() { x(g()) }", NO),
}  # fmt: skip


@pytest.mark.parametrize(("code", "admitted"), OUTLIVES.values(), ids=OUTLIVES)
def test_outlives(code: str, admitted: bool, tmp_path: Path) -> None:
    assert bool(places(rule(tmp_path, "@@ $X: outlives @@\n*x($X)"), code)) is admitted


READ_LATER = {
    "by nobody": ("function f(o) { o.p = 1 }", {}, NO),
    "in the function itself": ("function f(o) { o.p = 1; g(o.p) }", {}, NO),
    "in a callback": ("function f(o) { o.p = 1; later(function () { g(o.p) }) }", {}, YES),
    "in a callback that runs at once": ("function f(o) { o.p = 1; a.forEach(function () { g(o.p) }) }", {}, NO),
    "another property": ("function f(o) { o.p = 1; later(function () { g(o.q) }) }", {}, NO),
    "in a callback of another file": ("function f(o) { o.p = 1 }", {"b.js": "s.on('x', function (o) { g(o.p) })"}, YES),
    "written in a callback": ("function f(o) { o.p = 1; later(function () { o.p = 2 }) }", {}, NO),
}


@pytest.mark.parametrize(("code", "others", "admitted"), READ_LATER.values(), ids=READ_LATER)
def test_read_later(code: str, others: dict[str, str], admitted: bool, tmp_path: Path) -> None:
    it = rule(tmp_path, "@@ $P: read_later $O @@\n*$O.$P = 1")
    assert bool(places(it, Subject(code, others=others))) is admitted


FALLBACKS = {
    "the other side of a choice": ("var b = B.from ? B.from(a) : x(a)", YES),
    "a part of the condition": ("if (B.from && B.from !== U.from) b = B.from(a); else b = x(a)", YES),
    "after a return": ("function f(a) { if (typeof B.from === 'function') return B.from(a); return x(a) }", YES),
    "not there": ("if (!B.from) B.from = function (a) { return x(a) }", YES),
    "called by what asks": ("var f = (U.from !== B.from && B.from) || old; function old(a) { return x(a) }", YES),
    "in the module that asks": ("function m() { if (B.from) e = b; function old(a) { return x(a) } }", YES),
    "in another module": ("function m() { if (B.from) e = b } function n(a) { return x(a) }", NO),
    "called, not asked": ("if (B.from(a)) x(a)", NO), "used, not asked": ("var f = B.from; x(a)", NO),
    "handed on": ("if (f(B.from)) x(a)", NO), "another member": ("if (B.alloc) x(a)", NO),
    "a member of another": ("if (A.from) x(a)", NO), "what is chosen": ("f(c ? B.from : 1); x(a)", NO),
    "a branch": ("if (c) B.from; x(a)", NO),
}  # fmt: skip


@pytest.mark.parametrize(("code", "admitted"), FALLBACKS.values(), ids=FALLBACKS)
def test_fallback_for(code: str, admitted: bool, tmp_path: Path) -> None:
    assert bool(places(rule(tmp_path, "@@ $X: fallback_for B.from @@\n*x($X)"), code)) is admitted


def test_either_of_several_kinds(tmp_path: Path) -> None:
    it = rule(tmp_path, "@@ $X: number | string @@\n*f($X)")
    assert places(it, "f(1); f('a'); f(a); f([])") == ["f(1)", "f('a')"]


@pytest.mark.parametrize("name", KINDS)
def test_kind_says_what_it_is_in_one_line(name: str) -> None:
    kind = KINDS[name]
    assert kind.about
    assert "\n" not in kind.about
    assert kind.arity[0] <= kind.arity[1]


def test_each_kind_is_found_in_its_module() -> None:
    names = [path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"]
    found = {name: import_module(f"linter.kinds.{name}") for name in names}
    own = {name: " ".join(module.KINDS) for name, module in found.items() if hasattr(module, "KINDS")}
    assert own == dict(kinds.MODULES)
    assert [*KINDS] == [name for names in kinds.MODULES.values() for name in names.split()]
    assert all(KINDS[name].about for name in KINDS)
    with pytest.raises(KeyError):
        KINDS["no_such_kind"]
