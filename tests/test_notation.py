"""Each construct of the rule language: what it matches, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.dialect import Dialect
from linter.edit import Safety
from linter.engine import Identity, Target
from linter.notation.semantic_patch import Code, Dots, Plus
from tests.pages import Subject, findings, fixed, gated, places, rule, verdicts

Cases = dict[str, tuple[str, str, list[str]]]  # why: rule, JavaScript, the pieces that are reported

USE = " function $F($A, ...) {\n   ...\n*  use($A)\n   ...\n }"
VALUES: Cases = {
    "the parameter": (USE, "function f(a) { use(a) }", ["use(a)"]),
    "an alias": (USE, "function f(a) { var b = a, c = b; use(c) }", ["use(c)"]),
    "an alias given later": (USE, "function f(a) { let b; b = a; use(b) }", ["use(b)"]),
    "an alias that is let go of": (USE, "function f(a) { let b = a; use(b); b = null }", ["use(b)"]),
    "an alias with two values": (USE, "function f(a) { let b = a; b = c; use(b) }", []),
    "arguments[0]": (USE, "function f(a) { use(arguments[0]) }", ["use(arguments[0])"]),
    "arguments[1] is another": (USE, "function f(a, b) { use(arguments[1]) }", []),
    "arguments of an inner function": (USE, "function f(a) { g(function () { use(arguments[0]) }) }", []),
    "arguments through an arrow function": (
        " function $F($A, ...) {\n   ...\n*  use(() => $A)\n   ...\n }",
        "function f(a) { use(() => arguments[0]) }",
        ["use(() => arguments[0])"],
    ),
    "shadowed by a block": (USE, "function f(a) { { let a = 1; use(a) } }", []),
    "shadowed by a catch": (USE, "function f(a) { try { g() } catch (a) { use(a) } }", []),
    "var in a block is the parameter": (USE, "function f(a) { { var a; use(a) } }", ["use(a)"]),
    "parenthesised": (USE, "function f(a) { use((a)) }", ["use((a))"]),
    "a property of it is another value": (USE, "function f(a) { use(a.b) }", []),
    "a copy is another value": (USE, "function f(a) { var b = Buffer.from(a); use(b) }", []),
    "assigned before": (USE, "function f(a) { a = 2; use(a) }", []),
    "assigned after": (USE, "function f(a) { use(a); a = 2 }", ["use(a)"]),
    "assigned on one path": (USE, "function f(a) { if (x) a = 2; use(a) }", ["use(a)"]),
    "with a default": (USE, "function f(a = 1) { use(a) }", ["use(a)"]),
    "a rest parameter is an array of it": (USE, "function f(...a) { use(a) }", []),
    "TypeScript would call it the same": (USE, "function f(a) { use(a) } function g(b) { use(a) }", ["use(a)"]),
    "taken apart: longhand": (
        " function $F({p: $A}) {\n   ...\n*  use($A)\n }",
        "function f({p: q}) { use(q) }",
        ["use(q)"],
    ),
    "taken apart: shorthand": (
        " function $F({p: $A}) {\n   ...\n*  use($A)\n }",
        "function f({p}) { use(p) }",
        ["use(p)"],
    ),
    "property taken out of it": (
        " function $F($A) {\n   ...\n*  use($A.p)\n }",
        "function f(a) { const {p} = a; use(p) }",
        ["use(p)"],
    ),
    "property taken out under another name": (
        " function $F($A) {\n   ...\n*  use($A.p)\n }",
        "function f(a) { const {p: q} = a; use(q) }",
        ["use(q)"],
    ),
    "another property taken out": (
        " function $F($A) {\n   ...\n*  use($A.p)\n }",
        "function f(a) { const {r: p} = a; use(p) }",
        [],
    ),
    "the place where it is taken out is no use": ("*$X.p", "const {p: q} = x; q", ["q"]),
    "same name, same value": ("*$X.a = $X.b", "x.a = x.b; x.a = y.b; x['a'] = x?.b", ["x.a = x.b", "x['a'] = x?.b"]),
    "fresh objects are never the same": ("*same($X, $X)", "same({}, {}); same([], []); same(1, 1)", ["same(1, 1)"]),
    "this of another function": ("*same($X, $X)", "same(this, this); same(this, () => this)", ["same(this, this)"]),
    "$_ is anything, each time": ("*f($_, $_)", "f(1, 2); f(1); f({}, x)", ["f(1, 2)", "f({}, x)"]),
    "a place is not its value": (
        " $A = open()\n ... when != $A = null\n*use($A)",
        "let a = open(); a = null; use(a)",
        [],
    ),
}

READ = "@@ $FS: module fs @@\n*$FS.readFile($_, ...)"
MODULES: Cases = {
    "require": (READ, "var f = require('fs'); f.readFile(1)", ["f.readFile(1)"]),
    "require in place": (READ, "require('fs').readFile(1)", ["require('fs').readFile(1)"]),
    "the node: prefix": (READ, "const f = require('node:fs'); f.readFile(1)", ["f.readFile(1)"]),
    "a template for a string": (READ, "var f = require(`fs`); f.readFile(1)", ["f.readFile(1)"]),
    "another module": (READ, "var f = require('fsx'); f.readFile(1)", []),
    "destructured": (READ, "const {readFile} = require('fs'); readFile(1)", ["readFile(1)"]),
    "destructured under another name": (READ, "const {readFile: r} = require('fs'); r(1)", ["r(1)"]),
    "a member kept": (READ, "var r = require('fs').readFile; r(1)", ["r(1)"]),
    "a default import": (READ, "import f from 'fs'; f.readFile(1)", ["f.readFile(1)"]),
    "a namespace import": (READ, "import * as f from 'node:fs'; f.readFile(1)", ["f.readFile(1)"]),
    "a named import": (READ, "import {readFile as r} from 'fs'; r(1)", ["r(1)"]),
    "both": (READ, "import f, {readFile} from 'fs'; readFile(1); f.readFile(2)", ["readFile(1)", "f.readFile(2)"]),
    "a dynamic import": (READ, "const f = await import('fs'); f.readFile(1)", ["f.readFile(1)"]),
    "Babel's interop": (
        READ,
        "var _fs = _interopRequireDefault(require('fs')); (0, _fs.default.readFile)(1)",
        ["(0, _fs.default.readFile)(1)"],
    ),
    "TypeScript's interop": (READ, "var f = __importStar(require('fs')); f.readFile(1)", ["f.readFile(1)"]),
    "esbuild's interop": (READ, "var f = __toESM(require('fs')); (0, f.readFile)(1)", ["(0, f.readFile)(1)"]),
    "by way of another name": (READ, "var f = require('fs'), g = f; g.readFile(1)", ["g.readFile(1)"]),
    "perhaps the module": (READ, "var f = x || require('fs'); f.readFile(1)", []),
    "a shadowed name": (READ, "var f = require('fs'); function g(f) { f.readFile(1) }", []),
    "optional chaining": (READ, "var f = require('fs'); f?.readFile(1)", ["f?.readFile(1)"]),
    "too few arguments": (READ, "var f = require('fs'); f.readFile()", []),
}

GLOBAL = "*Buffer($X)"
GLOBALS: Cases = {
    "the global": (GLOBAL, "Buffer(1)", ["Buffer(1)"]),
    "by way of globalThis": (
        GLOBAL,
        "globalThis.Buffer(1); global.Buffer(2)",
        ["globalThis.Buffer(1)", "global.Buffer(2)"],
    ),
    "under another name": (GLOBAL, "var B = Buffer; B(1)", ["B(1)"]),
    "out of its module": (GLOBAL, "var B = require('buffer').Buffer; B(1)", ["B(1)"]),
    "imported": (GLOBAL, "import {Buffer as B} from 'node:buffer'; B(1)", ["B(1)"]),
    "shadowed by a parameter": (GLOBAL, "function f(Buffer) { Buffer(1) }", []),
    "shadowed by a class": (GLOBAL, "class Buffer {} Buffer(1)", []),
    "a property of that name": (GLOBAL, "x.Buffer(1)", []),
    "new is no call": (GLOBAL, "new Buffer(1)", []),
}

SIBLINGS: Cases = {
    "arguments: one, declared without a kind": ("@@ $X @@\n*f($X)", "f(1); g(2)", ["f(1)"]),
    "arguments: none": ("*f(...)", "f(); f(1, 2); g()", ["f()", "f(1, 2)"]),
    "arguments: last": (
        "*f(..., $A, last)",
        "f(1, last); f(1, 2, last); f(last); f(last, 1)",
        ["f(1, last)", "f(1, 2, last)"],
    ),
    "arguments: anywhere, twice": (
        "*f(..., $A, ..., $A, ...)",
        "f(x, y, x); f(x, x, 1); f(x, y)",
        ["f(x, y, x)", "f(x, x, 1)"],
    ),
    "arguments: with a comma at the end": ("*f($A, ...)", "f(1, 2, )", ["f(1, 2, )"]),
    "parameters": (
        "*function $F(..., done) { ... }",
        "x = function (a, done) {}; y = (done) => 1; z = done => 2; w = a => 3",
        ["function (a, done) {}", "(done) => 1", "done => 2"],
    ),
    "elements": ("*[..., 1]", "[1]; [0, 1]; [1, 0]; []", ["[1]", "[0, 1]"]),
    "elements: any": ("*f([...])", "f([]); f([1]); f({})", ["f([])", "f([1])"]),
    "properties": (
        "*f({..., key: $V, ...})",
        "f({key: 1}); f({a, 'key': 2, b}); f({key}); f({key() {}}); f({a: 1}); f({[key]: 1})",
        ["f({key: 1})", "f({a, 'key': 2, b})", "f({key})", "f({key() {}})"],
    ),
    "properties: exactly": ("*f({key: $V})", "f({key: 1}); f({key: 1, a: 2})", ["f({key: 1})"]),
    "properties: any": ("*f({...})", "f({}); f({a: 1}); f([])", ["f({})", "f({a: 1})"]),
    "statements of a block": (
        "*if ($C) {\n   ...\n   bad();\n   ...\n }",
        "if (a) { x(); bad(); y() } if (b) bad(); if (c) { x() }",
        ["if (a) { x(); bad(); y() }", "if (b) bad();"],
    ),
    "a block in full": ("*if ($C) { bad(); }", "if (a) { bad() } if (b) { bad(); x() }", ["if (a) { bad() }"]),
    "a class body": ("*class $C { ... }", "class A {} class B { m() {} }", ["class A {}", "class B { m() {} }"]),
    "inside: itself": ("*f(<... secret ...>)", "f(secret)", ["f(secret)"]),
    "inside: deep, also in a closure": (
        "*f(<... secret ...>)",
        "f(1 + g(secret)); f({secret}); f(() => secret); f(x)",
        ["f(1 + g(secret))", "f({secret})", "f(() => secret)"],
    ),
    "inside: a name that ends so": ("*f(<... secret ...>)", "f(secrets, mysecret); f(secrets)", []),
    "inside: with a metavariable": (
        "*$X = <... h($X) ...>",
        "x = 1 + h(x); y = h(x); var z = [h(z)]",
        ["x = 1 + h(x)", "z = [h(z)]"],
    ),
    "inside: of several arguments one": ("*f(..., <... s ...>, ...)", "f(1, g(s)); f(1, 2)", ["f(1, g(s))"]),
}

SAME: Cases = {
    "quotes and templates": ("*f('a')", "f(\"a\"); f(`a`); f('b')", ['f("a")', "f(`a`)"]),
    "members": ("*x.y", "x['y']; x?.y; x[y]", ["x['y']", "x?.y"]),
    "var, let and const": (
        "*var $X = 1",
        "var a = 1; let b = 1; const c = 1",
        ["var a = 1;", "let b = 1;", "const c = 1"],
    ),
    "a declaration is an assignment": ("*$X = 1", "var a = 1; b = 1; c.d = 1", ["a = 1", "b = 1", "c.d = 1"]),
    "an assignment is no declaration": ("*var $X = 1", "a = 1", []),
    "on and addListener": ("*$X.on('a', $F)", "x.addListener('a', f); x.once('a', f)", ["x.addListener('a', f)"]),
    "sides of ==": ("*$X === null", "null === a; a === null; a == null", ["null === a", "a === null"]),
    "sides of < do matter": ("*$X < 1", "1 < a; a < 1", ["a < 1"]),
    "numbers": ("*f(1000)", "f(1e3); f(1_000); f(0x3e8); f('1000')", ["f(1e3)", "f(1_000)", "f(0x3e8)"]),
    "minified booleans": ("*f(true)", "f(!0); f(!1); f(true)", ["f(!0)", "f(true)"]),
    "undefined": ("*f(undefined)", "f(void 0); f(undefined); f(null)", ["f(void 0)", "f(undefined)"]),
    "parentheses": ("*f($X)", "(f)(1); (0, f)(2)", ["(f)(1)", "(0, f)(2)"]),
    "new without parentheses": ("*new $C(...)", "new A; new a.B(1)", ["new A", "new a.B(1)"]),
    "braces": ("*if ($C) { x(); }", "if (a) x()", ["if (a) x()"]),
    "kinds of functions": (
        "*function named(...) { ... }",
        "function named() {} var named = () => 1; a.named = function () {}; ({named() {}}); function other() {}",
        ["function named() {}", "() => 1", "function () {}", "named() {}"],
    ),
    "async asked for": ("*async function $F(...) { ... }", "async () => 1; () => 2", ["async () => 1"]),
    "async not asked for": (
        "*function $F(...) { ... }",
        "async () => 1; function* g() {}",
        ["async () => 1", "function* g() {}"],
    ),
    "labels": ("*break out;", "out: for (;;) break out; in_: for (;;) break in_", ["break out;"]),
    "the whole statement": ("*P();", "P(); a, P(); x = P(); P()", ["P();", "P()"]),
    "the expression, anywhere": ("*P()", "P(); a, P(); if (P()); z && P()", ["P()"] * 4),
}

OPEN = " function $F(...) {\n   ...\n   open($A)\n   ... when != close($A)\n       when != $A = null\n }"
PATHS: Cases = {
    "never closed": (OPEN, "function f(a) { open(a) }", ["open(a)"]),
    "closed": (OPEN, "function f(a) { open(a); close(a) }", []),
    "the second when": (OPEN, "function f(a) { open(a); a = null }", []),
    "closed before": (OPEN, "function f(a) { close(a); open(a) }", ["open(a)"]),
    "another one closed": (OPEN, "function f(a) { open(a); close(b) }", ["open(a)"]),
    "closed by another name": (OPEN, "function f(a) { var b = a; open(a); close(b) }", []),
    "closed on one path": (OPEN, "function f(a) { open(a); if (x) close(a) }", ["open(a)"]),
    "closed behind &&": (OPEN, "function f(a) { open(a); x && close(a) }", ["open(a)"]),
    "closed in a comma expression": (OPEN, "function f(a){open(a),close(a)}", []),
    "closed on the way out": (OPEN, "function f(a) { open(a); return close(a) }", []),
    "closed by finally": (OPEN, "function f(a) { open(a); try { g() } finally { close(a) } }", []),
    "closed by catch alone": (OPEN, "function f(a) { open(a); try { g() } catch (e) { close(a) } }", ["open(a)"]),
    "closed by a loop that may not run": (OPEN, "function f(a) { open(a); while (x) close(a) }", ["open(a)"]),
    "closed by a loop that runs": (OPEN, "function f(a) { open(a); do close(a); while (x) }", []),
    "no way out": (OPEN, "function f(a) { open(a); for (;;) {} }", []),
    "a throw is no way out": (OPEN, "function f(a) { open(a); throw 1 }", []),
    "closed by all cases": (
        OPEN,
        "function f(a) { open(a); switch (x) { case 1: close(a); break; default: close(a) } }",
        [],
    ),
    "closed by some cases": (OPEN, "function f(a) { open(a); switch (x) { case 1: close(a) } }", ["open(a)"]),
    "closed by a closure made on the way": (OPEN, "function f(a) { open(a); g(() => close(a)) }", []),
    "closed by a closure made before": (OPEN, "function f(a) { g(() => close(a)); open(a) }", ["open(a)"]),
    "closed by a closure named on the way": (OPEN, "function f(a) { var c = () => close(a); open(a); g(c) }", []),
    "closed by a hoisted function, called": (
        OPEN,
        "function f(a) { open(a); done(); function done() { close(a) } }",
        [],
    ),
    "closed by a function nobody mentions": (
        OPEN,
        "function f(a) { open(a); function done() { close(a) } }",
        ["open(a)"],
    ),
    "opened in a closure": (OPEN, "function f(a) { g(() => { open(a) }) }", ["open(a)"]),
    "opened twice, closed once": (OPEN, "function f(a, b) { open(a); open(b); close(a) }", ["open(b)"]),
    "opened in each round": (OPEN, "function f(a) { for (const i of a) { open(i); close(i) } }", []),
    "an arrow function's expression": (OPEN, "f = a => open(a)", ["open(a)"]),
    "a method, a generator, an async function": (
        OPEN,
        "class C { m(a) { open(a) } } function* g(b) { open(b); yield } async function h(c) { "
        "open(c); await 1; close(c) }",
        ["open(a)", "open(b)"],
    ),
    "not in a function": (OPEN, "open(a)", []),
}

STRICT = " function $F(...) {\n   ...\n   open($A)\n   ... when != close($A)\n       when strict\n }"
STRICTLY: Cases = {
    "a throw counts": (STRICT, "function f(a) { open(a); throw 1 }", ["open(a)"]),
    "a throw on one path": (STRICT, "function f(a) { open(a); if (x) throw 1; close(a) }", ["open(a)"]),
    "closed before the throw": (STRICT, "function f(a) { open(a); close(a); throw 1 }", []),
    "a throw that is caught": (STRICT, "function f(a) { open(a); try { throw 1 } catch (e) {} close(a) }", []),
    "finally sees to it": (STRICT, "function f(a) { open(a); try { throw 1 } finally { close(a) } }", []),
    "on one line": (
        STRICT.replace("\n       when strict", " when strict"),
        "function f(a) { open(a); throw 1 }",
        ["open(a)"],
    ),
}

NEXT = " function $F(...) {\n   ...\n*  a()\n   b()\n   ...\n }"
AFTER = " a()\n ... when != c()\n*b()"
ORDER: Cases = {
    "next to each other": (NEXT, "function f() { a(); b() }", ["a()"]),
    "something between": (NEXT, "function f() { a(); c(); b() }", []),
    "only a comment and a function between": (NEXT, "function f() { a(); /* c */; function g() {} b() }", ["a()"]),
    "a condition between": (NEXT, "function f() { a(); if (x) b() }", []),
    "a part of a condition": (NEXT, "function f() { if (x) a(); b() }", ["a()"]),
    "a part of ||": (NEXT, "function f() { x || a(); b() }", ["a()"]),
    "in a comma expression": (NEXT, "function f(){a(),b()}", ["a()"]),
    "next in a block": (NEXT, "function f() { a(); { b() } }", ["a()"]),
    "the wrong order": (NEXT, "function f() { b(); a() }", []),
    "first in the function": (
        " function $F() {\n*  a()\n   ...\n }",
        "function f() { a() } function g() { x(); a() }",
        ["a()"],
    ),
    "last in the function": (
        " function $F() {\n   ...\n*  a()\n }",
        "function f() { x(); a() } function g() { a(); x() }",
        ["a()"],
    ),
    "some path": (AFTER, "a(); if (x) c(); b()", ["b()"]),
    "no path": (AFTER, "a(); c(); b()", []),
    "each place once": (AFTER, "a(); b(); b()", ["b()", "b()"]),
    "never executed": (AFTER, "a(); g(() => b())", []),
    "the other branch": (AFTER, "if (x) a(); else b()", []),
    "the next round of a loop": (AFTER, "while (x) { b(); a() }", ["b()"]),
    "in each function and at the top": (
        AFTER,
        "a(); b(); function f() { a(); b() } function g() { a() } ",
        ["b()", "b()"],
    ),
}

EITHER = "(\n-a($X)\n+A($X)\n|\n b($X)\n|\n*c($X)\n)"
ALTERNATIVES: Cases = {
    "of all, in order of the source": (EITHER, "c(3); b(2); a(1)", ["c(3)", "a(1)"]),
    "no marks: all are reported": ("(\n f(1)\n|\n g(1)\n)", "f(1); g(1); h(1)", ["f(1)", "g(1)"]),
    "an unmarked one beside marked ones exempts": ("(\n f(1)\n|\n*f($X)\n)", "f(1); f(2)", ["f(2)"]),
    "only a part of a rule": (
        " function $F(...) {\n   ...\n(\n   open($A)\n|\n   start($A)\n)\n   ... when != close($A)\n }",
        "function f(a, b, c) { open(a); start(b); start(c); close(c) }",
        ["open(a)", "start(b)"],
    ),
    "two groups": (
        "(\n open($A)\n|\n start($A)\n)\n ...\n(\n*go($A)\n|\n*run($A)\n)",
        "open(x); run(x); go(y)",
        ["run(x)"],
    ),
}

TABLES = {
    "value": VALUES,
    "module": MODULES,
    "global": GLOBALS,
    "siblings": SIBLINGS,
    "same": SAME,
    "path": PATHS,
    "strict": STRICTLY,
    "order": ORDER,
    "alternatives": ALTERNATIVES,
}
ALL = {f"{table}: {why}": case for table, cases in TABLES.items() for why, case in cases.items()}


@pytest.mark.parametrize(("fence", "code", "reported"), ALL.values(), ids=ALL)
def test_what_is_reported(fence: str, code: str, reported: list[str], tmp_path: Path) -> None:
    assert places(rule(tmp_path, fence), code) == reported


TYPESCRIPT: Cases = {
    "import = require": (READ, "import f = require('fs'); f.readFile(1)", ["f.readFile(1)"]),
    "a cast": (USE, "function f(a: any) { use(a as string) }", ["use(a as string)"]),
    "a non-null assertion": (USE, "function f(a?: T) { use(a!) }", ["use(a!)"]),
    "this as a parameter": (USE, "function f(this: T, a: U) { use(a) }", ["use(a)"]),
}


@pytest.mark.parametrize(("fence", "code", "reported"), TYPESCRIPT.values(), ids=TYPESCRIPT)
def test_typescript(fence: str, code: str, reported: list[str], tmp_path: Path) -> None:
    dialect: Dialect = "typescript"
    assert places(rule(tmp_path, fence), Subject(code, dialect=dialect)) == reported


def test_fences_are_tried_in_order(tmp_path: Path) -> None:
    it = rule(tmp_path, "@@ $X: number @@\n-f($X)\n+number($X)", "-f($X, ...)\n+other($X, ...)", "*f(...)")
    assert fixed(it, "f(1); f(x, 2); f()") == "number(1); other(x, 2); f()"
    assert verdicts(it, "f()") == [("none", "")]


def test_exempting_fence_comes_first(tmp_path: Path) -> None:
    it = rule(tmp_path, "(\n f('ok')\n|\n*f($X)\n)")
    assert places(it, "f('ok'); f('no')") == ["f('no')"]


def test_how_a_rule_is_read(tmp_path: Path) -> None:
    body = "   ... when != g() when strict\n-  f($A)\n+  h($A)\n+  i()\n"
    fence = "@@ $A: number | string, $B @@\n function $F($B) {\n" + body + " }"
    (patch,) = rule(tmp_path, fence).patches
    dots, code = patch.items
    assert patch.header is not None
    assert patch.kinds == {"$A": (("number",), ("string",)), "$B": ()}
    assert isinstance(dots, Dots)
    assert (dots.strict, len(dots.without)) == (True, 1)
    assert isinstance(code, Code)
    assert (code.mark, code.plus) == ("-", "h($A)\ni()")


def test_plus_lines_are_one_item(tmp_path: Path) -> None:
    (patch,) = rule(tmp_path, " f($X)\n+g($X);\n+h($X);\n ...\n*i()").patches
    assert [item.text for item in patch.items if isinstance(item, Plus)] == ["g($X);\nh($X);"]


# -- marks -------------------------------------------------------------------------------------------

MARKS = {
    "* is reported": (" a()\n ...\n*b()", "a(); b()", "b()"),
    "* wins over -": (" a()\n ...\n*b()\n ...\n-c()", "a(); b(); c()", "b()"),
    "- is reported": (" a()\n ...\n-b()", "a(); b()", "b()"),
    "else the first line": (" a()\n ...\n b()", "a(); b()", "a()"),
}


@pytest.mark.parametrize(("fence", "code", "reported"), MARKS.values(), ids=MARKS)
def test_which_line_is_reported(fence: str, code: str, reported: str, tmp_path: Path) -> None:
    assert places(rule(tmp_path, fence), code) == [reported]


CHANGES = {
    "- goes": ("-f()", "f();\ng();\n", "g();\n"),
    "- and + change": ("-f($X)\n+g($X)", "x = f(1);", "x = g(1);"),
    "- and + of several lines": ("-f($X)\n-  .end()\n+g($X)\n", "f(1).end();", "g(1);"),
    "+ before": (" function $F() {\n+  a();\n   b()\n   ...\n }", "function f() { b() }", "function f() { a(); b() }"),
    "+ after": (" b()\n+c();\n ... when != c()\n d()", "b();\ne();\nd();\n", "b();\nc();\ne();\nd();\n"),
    "+ at the ways out": (
        " function $F() {\n   ...\n   b()\n   ... when != c()\n+  c();\n }",
        "function f() {\n  b();\n  if (x) return 1;\n  d();\n}\n",
        "function f() {\n  b();\n  if (x) { c(); return 1; }\n  d();\n  c();\n}\n",
    ),
    "* with + beside it": ("*b()\n+c();\n ... when != c()\n d()", "b();\nd();\n", "b();\nc();\nd();\n"),
    "only a part of a call changes": (
        " f({\n   ...,\n-  a: $X\n+  b: $X\n })",
        "f({ c: 1,  a : 2 });",
        "f({ c: 1,  b : 2 });",
    ),
}


@pytest.mark.parametrize(("fence", "before", "after"), CHANGES.values(), ids=CHANGES)
def test_what_changes(fence: str, before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, fence), before) == after


def test_change_that_leaves_the_rule_unsatisfied_is_no_fix(tmp_path: Path) -> None:
    it = rule(tmp_path, " b()\n+c();\n ...\n d()")
    assert verdicts(it, "b(); d()") == [("none", "")]


# -- gates ---------------------------------------------------------------------------------------------

UNLESS: dict[str, tuple[str, dict[str, str], bool]] = {
    "nothing": ("f(1)", {}, True),
    "in the same file": ("f(1); settled(true)", {}, False),
    "in another file": ("f(1)", {"b.js": "settled(1)"}, False),
    "another thing in another file": ("f(1)", {"b.js": "unsettled(1); settled()"}, True),
    "only in a comment": ("f(1) // settled(1)", {"b.js": "/* settled(1) */"}, True),
    "only in a string": ("f('settled(1)')", {}, True),
    "the second of two": ("f(1)", {"b.js": "x.DONE = 3"}, False),
}


@pytest.mark.parametrize(("code", "others", "reported"), UNLESS.values(), ids=UNLESS)
def test_unless(code: str, others: dict[str, str], reported: bool, tmp_path: Path) -> None:
    it = rule(tmp_path, "*f($X)", front="unless:\n  - settled($_)\n  - $_.DONE = $_\n")
    assert bool(findings(it, Subject(code, others=others))) is reported


def test_unless_reports_only_the_first(tmp_path: Path) -> None:
    it = rule(tmp_path, "*f($X)", front="unless: settled($_)\n")
    assert places(it, "f(1); f(2)") == ["f(1)"]


PACKAGES: dict[str, tuple[str, Identity, bool]] = {
    "the package": ("a", Identity("a", "1.0.0"), True),
    "another package": ("a", Identity("b", "1.0.0"), False),
    "no package": ("a", Identity(), False),
    "a version in the range": ("a@>=1 <2", Identity("a", "1.9.0"), True),
    "a version outside": ("a@>=1 <2", Identity("a", "2.0.0"), False),
    "a version that is none": ("a@>=1 <2", Identity("a", "banana"), False),
    "no version": ("a@>=1 <2", Identity("a"), True),
    "a scope": ("'@s/a@^1'", Identity("@s/a", "1.2.3"), True),
    "a scope without a range": ("'@s/a'", Identity("@s/a", "9.0.0"), True),
}


@pytest.mark.parametrize(("package", "who", "reported"), PACKAGES.values(), ids=PACKAGES)
def test_package(package: str, who: Identity, reported: bool, tmp_path: Path) -> None:
    it = rule(tmp_path, "*f($X)", front=f"package: {package}\n")
    assert bool(findings(it, Subject("f(1)", who=who))) is reported


NODES: dict[str, tuple[Target, int, int]] = {  # target, findings, gated
    "within": (Target("0.10"), 1, 0),
    "outside": (Target("4"), 0, 2),
    "partly within": (Target(">=0.10"), 1, 0),
    "not known": (Target(), 1, 0),
    "outside, but all are asked for": (Target("4", gated=False), 1, 0),
}


@pytest.mark.parametrize(("target", "reported", "left_out"), NODES.values(), ids=NODES)
def test_node(target: Target, reported: int, left_out: int, tmp_path: Path) -> None:
    it = rule(tmp_path, "*f($X)", front="node: '<0.11'\n")
    assert len(findings(it, Subject("f(1)", target))) == reported
    seen = gated(it, Subject("f(1); f(2)", target))
    assert [(one.rule, one.node, one.count) for one in seen] == ([("a-rule", "<0.11", left_out)] if left_out else [])


FIX_NODES: dict[str, tuple[str, str]] = {
    "4": ("shown", "the fix needs Node >=6, and the target is 4"),
    ">=4": ("shown", "the fix needs Node >=6, and the target is >=4"),
    "8": ("safe", ""),
    "": ("safe", ""),
}


@pytest.mark.parametrize("node", FIX_NODES)
def test_fix_node_of_a_rule(node: str, tmp_path: Path) -> None:
    it = rule(tmp_path, "-f($X)\n+g($X)", front="fix-node: '>=6'\n")
    assert verdicts(it, Subject("f(1)", Target(node))) == [FIX_NODES[node]]
    assert fixed(it, Subject("f(1)", Target(node))) == ("g(1)" if FIX_NODES[node][0] == "safe" else "f(1)")


@pytest.mark.parametrize(("node", "after"), [("8", "new_(1)"), ("4", "old(1)"), (">=4", "old(1)"), ("", "old(1)")])
def test_fix_node_of_a_fence(node: str, after: str, tmp_path: Path) -> None:
    it = rule(tmp_path, 'fix-node=">=6 <9"\n-f($X)\n+new_($X)', "-f($X)\n+old($X)")
    assert fixed(it, Subject("f(1)", Target(node))) == after


def test_outside_is_told(tmp_path: Path) -> None:
    it = rule(tmp_path, "*f($X)", front="node: '>=0.9'\noutside: does nothing there\n")
    (finding,) = findings(it, Subject("f(1)", Target(">=0.8")))
    assert [hop.text for hop in finding.trace] == ["the target is Node >=0.8: does nothing there"]


def test_safe_false(tmp_path: Path) -> None:
    it = rule(tmp_path, "-f($X)\n+g($X)", front="safe: false\n")
    assert verdicts(it, "f(1)") == [("suggested", "the rule's page asks for a human's judgement")]
    assert fixed(it, "f(1)", Safety.SAFE) == "f(1)"
    assert it.safety == "suggested"


def test_a_fence_may_say_that_its_fix_is_not_safe(tmp_path: Path) -> None:
    it = rule(tmp_path, "safe=false\n-f($X)\n+g($X)", "-h($X)\n+g($X)")
    assert verdicts(it, "f(1); h(2)") == [("suggested", "the rule's page asks for a human's judgement"), ("safe", "")]
    assert it.safety == "safe"


def test_release_style(tmp_path: Path) -> None:
    path = "   ...\n   $O.p = 1\n   ... when != delete $O.p\n       when != $O.p = null\n+  delete $O.p;\n"
    fence = " function $F($O) {\n" + path + " }"
    code = "function f(o) { o.p = 1; }"
    it = rule(tmp_path, fence)
    assert fixed(it, Subject(code, Target(release="null"))) == "function f(o) { o.p = 1; o.p = null; }"
    assert fixed(it, code) == "function f(o) { o.p = 1; delete o.p; }"


# -- the message ---------------------------------------------------------------------------------------

MESSAGES = {
    "one name": ("`$X` is bad", "f(a.b)", "`a.b` is bad"),
    "two, and one twice": ("$X, $Y, $X", "f(1, 2)", "1, 2, 1"),
    "on one line": ("is $X", "f({\n  a: 1\n})", "is { a: 1 }"),
    "cut when it is long": ("is $X", f"f({'x' * 90})", f"is {'x' * 59}…"),
    "a dollar that is no name": ("costs $5, $x and $X", "f(1)", "costs $5, $x and 1"),
    "the name, not its value": ("is $X", "var a = b; f(a)", "is a"),
}


@pytest.mark.parametrize(("message", "code", "shown"), MESSAGES.values(), ids=MESSAGES)
def test_message(message: str, code: str, shown: str, tmp_path: Path) -> None:
    fence = "*f($X, $Y)" if "$Y" in message else "*f($X)"
    (finding,) = findings(rule(tmp_path, fence, message=message), code)
    assert finding.message == shown


# -- what the file is asked before it is parsed ----------------------------------------------------------

WORDS = {
    "names": ("*foo.bar($X)", [{"foo"}, {"bar"}]),
    "strings": ("*$X.on('upgrade', $F)", [{"upgrade"}]),
    "short and aliased names say nothing": ("*a.on($X)", []),
    "kinds": ("@@ $T: module tls | module https @@\n*$T.go()", [{"tls", "https"}]),
    "a kind without a hint beside one": ("@@ $T: module tls | number @@\n*gone($T)", [{"gone"}]),
    "not what must be absent": (" foo()\n ... when != bar()\n*baz()", [{"baz"}, {"foo"}]),
}


@pytest.mark.parametrize(("fence", "words"), WORDS.values(), ids=WORDS)
def test_words(fence: str, words: list[set[str]], tmp_path: Path) -> None:
    (patch,) = rule(tmp_path, fence).patches
    assert sorted(map(sorted, patch.words())) == sorted(map(sorted, words))
