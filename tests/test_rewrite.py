"""What a fix looks like in the file it lands in, and how safe it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.edit import Edit, Safety
from linter.source import Source
from tests.pages import Subject, findings, fixed, rule, verdicts

RELEASE = """ function $F(...) {
   ...
   $O.head = $H
   ... when != delete $O.head
+  delete $O.head;
 }"""

# why: before, after
RELEASED: dict[str, tuple[str, str]] = {
    "two spaces": (
        "function f(o, h) {\n  o.head = h;\n  go(o);\n}\n",
        "function f(o, h) {\n  o.head = h;\n  go(o);\n  delete o.head;\n}\n",
    ),
    "four spaces": (
        "function f(o, h) {\n    o.head = h;\n}\n",
        "function f(o, h) {\n    o.head = h;\n    delete o.head;\n}\n",
    ),
    "tabs": ("function f(o, h) {\n\to.head = h;\n}\n", "function f(o, h) {\n\to.head = h;\n\tdelete o.head;\n}\n"),
    "CRLF": (
        "function f(o, h) {\r\n  o.head = h;\r\n}\r\n",
        "function f(o, h) {\r\n  o.head = h;\r\n  delete o.head;\r\n}\r\n",
    ),
    "BOM and no final newline": (
        "\ufefff = function (o, h) {\n  o.head = h;\n}",
        "\ufefff = function (o, h) {\n  o.head = h;\n  delete o.head;\n}",
    ),
    "not UTF-8 before it": (
        "s = '\udcff';\nfunction f(o, h) {\n  o.head = h;\n}\n",
        "s = '\udcff';\nfunction f(o, h) {\n  o.head = h;\n}\n",
    ),
    "no semicolons": (
        "function f(o, h) {\n  o.head = h\n  go(o)\n}\n",
        "function f(o, h) {\n  o.head = h\n  go(o)\n  delete o.head\n}\n",
    ),
    "no semicolons, though a comment ends in one": (
        "function f(o, h) {\n  o.head = h // o = h;\n}\n",
        "function f(o, h) {\n  o.head = h // o = h;\n  delete o.head\n}\n",
    ),
    "no semicolons, the line begins with one": (
        "function f(o, h) {\n  o.head = h\n  ;[1].map(o)\n}\n",
        "function f(o, h) {\n  o.head = h\n  ;[1].map(o)\n  delete o.head\n}\n",
    ),
    "a comment behind the line": (
        "function f(o, h) {\n  o.head = h; // kept\n}\n",
        "function f(o, h) {\n  o.head = h; // kept\n  delete o.head;\n}\n",
    ),
    "a comment at the end stays last": (
        "function f(o, h) {\n  o.head = h;\n  // end\n}\n",
        "function f(o, h) {\n  o.head = h;\n  delete o.head;\n  // end\n}\n",
    ),
    "a comment of several lines behind it": (
        "function f(o, h) {\n  o.head = h; /* a\n  b */\n}\n",
        "function f(o, h) {\n  o.head = h; delete o.head; /* a\n  b */\n}\n",
    ),
    "on one line": ("function f(o, h) { o.head = h; go() }", "function f(o, h) { o.head = h; go(); delete o.head }"),
    "on one line, ended": ("function f(o, h) { o.head = h; }", "function f(o, h) { o.head = h; delete o.head; }"),
    "on one line behind an object": (
        "function f(o, h) { o.head = h; x = {} }",
        "function f(o, h) { o.head = h; x = {}; delete o.head }",
    ),
    "on one line before a comment": (
        "function f(o, h) { o.head = h /* ; */ }",
        "function f(o, h) { o.head = h; delete o.head; /* ; */ }",
    ),
    "minified": ("x=function(a,b,c){a.head=c;this.x(a)}", "x=function(a,b,c){a.head=c;this.x(a);delete a.head}"),
    "minified, commas": (
        "x=function(a,b,c){a.head=c,this.x(a)}",
        "x=function(a,b,c){a.head=c,this.x(a);delete a.head}",
    ),
    "minified, an early return": (
        "function f(o,h){o.head=h;if(x)return}",
        "function f(o,h){o.head=h;if(x){ delete o.head; return };delete o.head;}",
    ),
    "minified, a call returned": (
        "function f(o,h){o.head=h;return this.x(o)}",
        "function f(o,h){o.head=h;try { return this.x(o); } finally { delete o.head; }}",
    ),
    "an early return": (
        "function f(o, h) {\n  o.head = h;\n  if (x) {\n    return;\n  }\n  go();\n}\n",
        "function f(o, h) {\n  o.head = h;\n  if (x) {\n    delete o.head;\n"
        "    return;\n  }\n  go();\n  delete o.head;\n}\n",
    ),
    "an early return without braces": (
        "function f(o, h) {\n  o.head = h;\n  if (x) return; // early\n  go();\n}\n",
        "function f(o, h) {\n  o.head = h;\n"
        "  if (x) { delete o.head; return; } // early\n  go();\n  delete o.head;\n}\n",
    ),
    "an early return without braces, on its own line": (
        "function f(o, h) {\n  o.head = h;\n  if (x)\n    return; // early\n  go();\n}\n",
        "function f(o, h) {\n  o.head = h;\n  if (x) {\n    delete o.head;\n"
        "    return; // early\n  }\n  go();\n  delete o.head;\n}\n",
    ),
    "returns in if and else, the last statement": (
        "function f(o, h) {\n  o.head = h;\n  if (a) return; else if (b) return;\n}\n",
        "function f(o, h) {\n  o.head = h;\n"
        "  if (a) { delete o.head; return; } else if (b) { delete o.head; return; }\n"
        "  delete o.head;\n}\n",
    ),
    "a call returned": (
        "function f(o, h) {\n  o.head = h;\n  if (x) {\n    return g(o);\n  }\n  return 1;\n}\n",
        "function f(o, h) {\n  o.head = h;\n  if (x) {\n    try {\n"
        "      return g(o);\n    } finally {\n      delete o.head;\n"
        "    }\n  }\n  delete o.head;\n  return 1;\n}\n",
    ),
    "a call returned without braces": (
        "function f(o, h) {\n  o.head = h;\n  if (x) return g(o);\n}\n",
        "function f(o, h) {\n  o.head = h;\n"
        "  if (x) { try { return g(o); } finally { delete o.head; } }\n  delete o.head;\n}\n",
    ),
    "an object of several lines returned": (
        "function f(o, h) {\n  o.head = h;\n  return {\n    a: o.head\n  };\n}\n",
        "function f(o, h) {\n  o.head = h;\n  try { return {\n    a: o.head\n  }; } finally { delete o.head; }\n}\n",
    ),
    "the store itself is returned": (
        "function f(o, h) {\n  return o.head = h;\n}\n",
        "function f(o, h) {\n  try {\n    return o.head = h;\n  } finally {\n    delete o.head;\n  }\n}\n",
    ),
    "cases of a switch": (
        "function f(o, h) {\n  o.head = h;\n  switch (x) {\n    case 1:\n"
        "      return;\n    case 2: return;\n    default:\n"
        "      go();\n  }\n}\n",
        "function f(o, h) {\n  o.head = h;\n  switch (x) {\n    case 1:\n      delete o.head;\n      return;\n"
        "    case 2: delete o.head; return;\n    default:\n      go();\n  }\n  delete o.head;\n}\n",
    ),
    "a return in a loop": (
        "function f(o, h) {\n  o.head = h;\n  while (x) { if (y) return; }\n}\n",
        "function f(o, h) {\n  o.head = h;\n  while (x) { if (y) { delete o.head; return; } }\n  delete o.head;\n}\n",
    ),
    "nothing behind a last return": (
        "function f(o, h) {\n  o.head = h\n  return\n}\n",
        "function f(o, h) {\n  o.head = h\n  delete o.head\n  return\n}\n",
    ),
    "a class method": (
        "class A {\n  m(o, h) {\n    o.head = h;\n  }\n}\n",
        "class A {\n  m(o, h) {\n    o.head = h;\n    delete o.head;\n  }\n}\n",
    ),
    "a getter": ("x = {get y() { o.head = 1; return 2 }}", "x = {get y() { o.head = 1; delete o.head; return 2 }}"),
    "a generator": (
        "function* f(o, h) {\n  o.head = h;\n  yield 1;\n}\n",
        "function* f(o, h) {\n  o.head = h;\n  yield 1;\n  delete o.head;\n}\n",
    ),
    "an async function": (
        "async (o, h) => {\n  o.head = h\n  await 1\n}\n",
        "async (o, h) => {\n  o.head = h\n  await 1\n  delete o.head\n}\n",
    ),
    "after try and finally": (
        "function f(o, h) {\n  try {\n    o.head = h;\n  } finally {\n    y();\n  }\n}\n",
        "function f(o, h) {\n  try {\n    o.head = h;\n  } finally {\n    y();\n  }\n  delete o.head;\n}\n",
    ),
    "an arrow function's expression is left": ("f = (o, h) => o.head = h", "f = (o, h) => o.head = h"),
    "other spellings of the property": (
        "function f(o, h) {\n  o['head'] = h;\n}\n",
        "function f(o, h) {\n  o['head'] = h;\n  delete o.head;\n}\n",
    ),
    "names that are not ASCII": (
        "function f(ö, h) {\n  ö.head = h; // ü\n}\n",
        "function f(ö, h) {\n  ö.head = h; // ü\n  delete ö.head;\n}\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), RELEASED.values(), ids=RELEASED)
def test_release_on_the_ways_out(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, RELEASE), before) == after


# Statements beside one that matches `a(…)`: the fix is `b(…);`, and what it does is settled once b occurs.
BESIDE = "unless: b($_)\n"
AFTER: dict[str, tuple[str, str]] = {
    "the next line begins with (": ("x\na(1)\n;(y)()\n", "x\na(1)\n; b(1);(y)()\n"),
    "the next line begins with [": ("a(1);\n[1].map(y)\n", "a(1);\nb(1);\n[1].map(y)\n"),
    "the next line begins with ++": ("a(1)\n++x\n", "a(1)\nb(1);\n++x\n"),
    "if without braces": ("if (q) a(1)\nelse c()\n", "if (q) { a(1); b(1); }\nelse c()\n"),
    "if without braces on two lines": ("if (q)\n  a(1)\nelse\n  c()\n", "if (q) {\n  a(1)\n  b(1)\n}\nelse\n  c()\n"),
    "else without braces": ("if (q) c(); else a(1);", "if (q) c(); else { a(1); b(1); }"),
    "for without braces": ("for (;;)\n  a(1) // z\n", "for (;;) {\n  a(1) // z\n  b(1)\n}\n"),
    "do without braces": ("do a(1); while (q)", "do { a(1); b(1); } while (q)"),
    "with a label": ("l: a(1)", "l: { a(1); b(1); }"),
    "a case": ("switch (q) {\n  case 1:\n    a(1);\n}\n", "switch (q) {\n  case 1:\n    a(1);\n    b(1);\n}\n"),
    "a case on one line": ("switch (q) { case 1: a(1) }", "switch (q) { case 1: a(1); b(1) }"),
    "a declaration": ("let x = a(1), y = 2;\n", "let x = a(1), y = 2;\nb(1);\n"),
    "an exported declaration": ("export const z = a(1);\n", "export const z = a(1);\nb(1);\n"),
    "a statement of several lines": ("x\n  .y(a(1))\n  .z()\n", "x\n  .y(a(1))\n  .z()\nb(1)\n"),
    "a template of several lines": ("var s = `\n${a(1)}`\n", "var s = `\n${a(1)}`\nb(1)\n"),
    "a hashbang": ("#!/usr/bin/env node\na(1)\n", "#!/usr/bin/env node\na(1)\nb(1)\n"),
    "no final newline": ("a(1)", "a(1)\nb(1)"),
    "nothing can stand behind a return": ("function f() { return a(1) }", "function f() { return a(1) }"),
    "nothing can stand behind an if": ("if (a(1)) x()", "if (a(1)) x()"),
}


@pytest.mark.parametrize(("before", "after"), AFTER.values(), ids=AFTER)
def test_statement_behind(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, " a($X)\n+b($X);", front=BESIDE), before) == after


BEFORE: dict[str, tuple[str, str]] = {
    "a statement": ("x()\na(1)\n", "x()\nb(1)\na(1)\n"),
    "behind another on the line": ("x(); a(1);", "x(); b(1); a(1);"),
    "below a comment": ("x();\n/* doc */\na(1);\n", "x();\n/* doc */\nb(1);\na(1);\n"),
    "the next line begins with (": ("x()\n;(a(1))\n", "x()\n;b(1); (a(1))\n"),
    "if without braces": ("if (q) a(1);", "if (q) { b(1); a(1); }"),
    "else if": ("if (q) x()\nelse if (a(1)) z()\n", "if (q) x()\nelse { b(1); if (a(1)) z() }\n"),
    "if without braces on two lines": ("if (q)\n  a(1); // c\n", "if (q) {\n  b(1);\n  a(1); // c\n}\n"),
    "a return": ("function f() {\n  return a(1)\n}\n", "function f() {\n  b(1)\n  return a(1)\n}\n"),
    "an arrow function's expression": ("f = () => a(1)", "f = () => { b(1); return a(1); }"),
    "an arrow function's object": ("f = () => ({x: a(1)})", "f = () => { b(1); return ({x: a(1)}); }"),
    "an awaited expression": ("f = async x => await a(1)", "f = async x => { b(1); return await a(1); }"),
    "a BOM": ("\ufeffa(1);\n", "\ufeffb(1);\na(1);\n"),
    "a hashbang and a directive": (
        "#!/usr/bin/env node\n'use strict';\na(1);\n",
        "#!/usr/bin/env node\n'use strict';\nb(1);\na(1);\n",
    ),
    "a case": ("switch (q) {\n  case 1:\n    a(1);\n}\n", "switch (q) {\n  case 1:\n    b(1);\n    a(1);\n}\n"),
}


@pytest.mark.parametrize(("before", "after"), BEFORE.values(), ids=BEFORE)
def test_statement_before(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, "+b($X);\n a($X)", front=BESIDE), before) == after


QUOTES = {
    "single": ("a('x', 1);\n", "a('x', 1);\nb('y');\n"),
    "double": ('a("x", 1);\n', 'a("x", 1);\nb("y");\n'),
    "none": ("a(x, 1);\n", "a(x, 1);\nb('y');\n"),
}


@pytest.mark.parametrize(("before", "after"), QUOTES.values(), ids=QUOTES)
def test_quotes_of_new_statements(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, " a(...)\n+b('y');", front=BESIDE), before) == after


def test_quotes_of_new_tokens(tmp_path: Path) -> None:
    it = rule(tmp_path, "-f($X)\n+g('y', $X)")
    assert fixed(it, 'f("x")') == 'g("y", "x")'
    assert fixed(it, "f('x')") == "g('y', 'x')"


def test_quotes_of_the_file_itself_are_left(tmp_path: Path) -> None:
    it = rule(tmp_path, " a($X)\n+b($X);", front=BESIDE)
    assert fixed(it, 'y = "\'" + "z";\na(q + \'r\');\n') == "y = \"'\" + \"z\";\na(q + 'r');\nb(q + 'r');\n"


GONE: dict[str, tuple[str, str]] = {
    "with its line": ("x();\n  a(1);\ny();\n", "x();\ny();\n"),
    "with a CRLF": ("a(1);\r\ny();\r\n", "y();\r\n"),
    "the only line": ("function f() {\n  a(1);\n}\n", "function f() {\n}\n"),
    "the last line, without a newline": ("x();\na(1);", "x();\n"),
    "behind a BOM": ("\ufeffa(1);\nb();\n", "\ufeffb();\n"),
    "a doc comment above stays": ("/** doc */\na(1);\nb();\n", "/** doc */\nb();\n"),
    "the body of an if": ("if (q) a(1);\nelse b();\n", "if (q) ;\nelse b();\n"),
    "the body of a loop": ("while (q)\n  a(1);\n", "while (q)\n  ;\n"),
    "what is left would run on into (": ("let x = y\na(1);\n(z)()\n", "let x = y\n;\n(z)()\n"),
    "what is left would run on into [": ("x = {}\na(1);\n[1].map(z)\n", "x = {}\n;\n[1].map(z)\n"),
    "what is left would run on into a template": ("x()\na(1);\n`q`\n", "x()\n;\n`q`\n"),
    "what is left is ended": ("x();\na(1);\n(z)()\n", "x();\n(z)()\n"),
    "a function before it ends itself": ("function f() {}\na(1);\n(z)()\n", "function f() {}\n(z)()\n"),
    "part of an expression stays": ("x = a(1);\n", "x = a(1);\n"),
    "part of a comma expression stays": ("a(1), b();\n", "a(1), b();\n"),
    "what is returned stays": ("function f() { return a(1) }", "function f() { return a(1) }"),
    "an arrow function's expression stays": ("f = () => a(1)", "f = () => a(1)"),
    "an exported value stays": ("export default a(1);\n", "export default a(1);\n"),
}


@pytest.mark.parametrize(("before", "after"), GONE.values(), ids=GONE)
def test_statement_that_goes(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, "-a($X)"), before) == after


TOKENS: dict[str, tuple[str, str, str]] = {
    "only the name": ("-f($X, ...)\n+g($X, ...)", "f( 1 , /* two */ 2 )", "g( 1 , /* two */ 2 )"),
    "blanks and comments between": ("-new Old($X)\n+Old.of($X)", "new  Old( /* n */ 1)", "Old.of( /* n */ 1)"),
    "optional chaining stays": ("-$X.old($Y)\n+$X.now($Y)", "a?.old(1)", "a?.now(1)"),
    "quotes stay": ("-$X.on('a', $F)\n+$X.once('a', $F)", 'b.on("a", f)', 'b.once("a", f)'),
    "an alias is replaced": ("-$X.on('a', $F)\n+$X.once('a', $F)", "b.addListener('a', f)", "b.once('a', f)"),
    "let stays let": ("-var $X = f();\n+var $X = g();", "let a = f();", "let a = g();"),
    "no semicolon stays none": ("-var $X = f();\n+var $X = g();", "let a = f()\nb()", "let a = g()\nb()"),
    "arguments change places": ("-f($A, $B)\n+f2($B, $A)", "f(x(1), y)", "f2(y, x(1))"),
    "arguments change places, with their parentheses": ("-f($A, $B)\n+f2($B, $A)", "f((x), y)", "f2(y, (x))"),
    "an argument behind none": ("-f(...)\n+g(..., 1)", "f()", "g(1)"),
    "an argument behind some": ("-f(...)\n+g(..., 1)", "f(a, b)", "g(a, b, 1)"),
    "an argument behind a comma": ("-f(...)\n+g(..., 1)", "f(a, )", "g(a, 1, )"),
    "an argument before none": ("-f(...)\n+g(1, ...)", "f()", "g(1)"),
    "an argument before some": ("-f(...)\n+g(1, ...)", "f(a)", "g(1, a)"),
    "an argument goes": ("-f($A, ...)\n+g(...)", "f(a, b, c)", "g(b, c)"),
    "the only argument goes": ("-f($A, ...)\n+g(...)", "f(a)", "g()"),
    "braces that are not there": (
        "-if ($C) {\n-  x();\n-} else {\n-  y();\n-}\n+if ($C) x(); else z();",
        "if(q)x();else y();",
        "if(q)x();else z();",
    ),
    "in a template": ("-f($X)\n+g($X)", "`a${f(1)}b`", "`a${g(1)}b`"),
    "by another spelling": ("-$X.old($Y)\n+$X.now($Y)", "a['old'](1)", "a.now(1)"),
    "sides of a comparison": ("-$X == null\n+$X === null", "null == a", "a === null"),
    "two on a line": ("-f($X)\n+g($X)", "f(1); f(2)", "g(1); g(2)"),
    "one in another": ("-f($X)\n+g($X, 0)", "f(f(f(1)))", "g(g(g(1, 0), 0), 0)"),
    "beside each other": ("-f\n+g", "f+f", "g+g"),
}


@pytest.mark.parametrize(("fence", "before", "after"), TOKENS.values(), ids=TOKENS)
def test_tokens(fence: str, before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, fence), before) == after


MEMBER, PLUS = "-f($X)\n+$X.length", "-f($X)\n+$X + 1"
GROUPED: dict[str, tuple[str, str, str]] = {
    "a name needs none": (MEMBER, "f(a)", "a.length"),
    "||": (MEMBER, "f(a || b)", "(a || b).length"),
    "a sign": (MEMBER, "f(-a)", "(-a).length"),
    "a number": (MEMBER, "f(1)", "(1).length"),
    "new without parentheses": (MEMBER, "f(new A)", "(new A).length"),
    "new with parentheses": (MEMBER, "f(new A())", "new A().length"),
    "an arrow function": (MEMBER, "f(() => 1)", "(() => 1).length"),
    "an object": (MEMBER, "f({})", "({}).length"),
    "an assignment": (MEMBER, "f(a = b)", "(a = b).length"),
    "await": (MEMBER, "async () => f(await a)", "async () => (await a).length"),
    "parentheses that are there": (MEMBER, "f((a || b))", "(a || b).length"),
    "a conditional beside an operator": (PLUS, "x = f(a ? b : c)", "x = (a ? b : c) + 1"),
    "an argument stays one": ("-f($X)\n+g($X)", "f((a, b))", "g((a, b))"),
    "an argument moved stays one": ("-f($X, $Y)\n+g($Y, $X)", "f((a, b), c)", "g(c, (a, b))"),
    "what is around binds closer": (PLUS, "2 * f(a)", "2 * (a + 1)"),
    "a member of it": (PLUS, "f(a).b", "(a + 1).b"),
    "a sign before it": (PLUS, "!f(a)", "!(a + 1)"),
    "as an argument": (PLUS, "g(f(a))", "g(a + 1)"),
    "assigned": (PLUS, "x = f(a)", "x = a + 1"),
    "in brackets": (PLUS, "x[f(a)]", "x[a + 1]"),
    "an operator for one like it": ("-$X == null\n+$X === null", "a == null && b", "a === null && b"),
}


@pytest.mark.parametrize(("fence", "before", "after"), GROUPED.values(), ids=GROUPED)
def test_parentheses(fence: str, before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, fence), before) == after


SEVERAL = "-a($X)\n+b($X);\n+c($X);"
LINES: dict[str, tuple[str, str]] = {
    "a line": ("\ta(1);\n", "\tb(1);\n\tc(1);\n"),
    "no semicolons": ("x()\na(1)\ny()\n", "x()\nb(1)\nc(1)\ny()\n"),
    "CRLF": ("  a(1);\r\n", "  b(1);\r\n  c(1);\r\n"),
    "on one line": ("x();a(1);y()", "x();b(1); c(1);y()"),
    "the body of an if": ("if (q) a(1);", "if (q) { b(1); c(1); }"),
    "the body of an else, on its own line": ("if (q) x();\nelse\n  a(1);\n", "if (q) x();\nelse\n  { b(1); c(1); }\n"),
    "a closure on one line": ("f(() => { a(1) })", "f(() => { b(1); c(1); })"),
    "the next line begins with [": ("a(1)\n;[1].map(x)\n", "b(1); c(1);[1].map(x)\n"),
    "part of an expression stays": ("x = a(1);\n", "x = a(1);\n"),
}


@pytest.mark.parametrize(("before", "after"), LINES.values(), ids=LINES)
def test_several_lines_for_one(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(rule(tmp_path, SEVERAL), before) == after


def test_declaration_in_a_loop_or_an_export_is_not_torn_apart(tmp_path: Path) -> None:
    it = rule(tmp_path, "-var $X = f($Y), $Z = 1;\n+var $X = g($Y);\n+var $Z = 1;")
    for code in ("for (var a = f(2), b = 1;;);", "export var a = f(2), b = 1;"):
        assert verdicts(it, code) == [("none", "")]


# -- how safe it is ---------------------------------------------------------------------------------------

AFTER_START = " function $F() {\n   ...\n   start()\n   ...\n-  a()\n+  b()\n   ...\n }"
DOUBTS: dict[str, tuple[str, str, str]] = {  # why: rule, JavaScript, the reason; "" when it is safe
    "every path stores": (RELEASE, "function f(o, h) { o.head = h; go() }", ""),
    "a way out before it": (RELEASE, "function f(o, h) { if (x) return; o.head = h; }", ""),
    "some paths store": (RELEASE, "function f(o, h) { if (x) o.head = h; go() }", "another path reaches this way out"),
    "a loop that may not run": (
        RELEASE,
        "function f(o, h) { for (x of h) o.head = x }",
        "another path reaches this way out",
    ),
    "some paths release": (
        RELEASE,
        "function f(o, h) { o.head = h; if (x) delete o.head }",
        "on another path it is released already",
    ),
    "some paths release, then go on": (
        RELEASE,
        "function f(o, h) { o.head = h; if (x) { delete o.head; go() } }",
        "on another path it is released already",
    ),
    "one of two ways out releases": (
        RELEASE,
        "function f(o, h) { o.head = h; if (x) { delete o.head; return } go() }",
        "",
    ),
    "a call is returned": (
        RELEASE,
        "function f(o, h) { o.head = h; return g(o) }",
        "what is returned may still need the value",
    ),
    "a name is returned": (
        RELEASE,
        "function f(o, h) { o.head = h; return o }",
        "what is returned may still need the value",
    ),
    "another name is returned": (RELEASE, "function f(o, h) { o.head = h; return q }", ""),
    "a closure reads it": (RELEASE, "function f(o, h) { o.head = h; go(() => o.head) }", "a closure mentions `o.head`"),
    "a closure reads another": (RELEASE, "function f(o, h) { o.head = h; go(() => h.head) }", ""),
    "a closure that is returned reads it": (
        RELEASE,
        "function f(o, h) { o.head = h; return () => o.head }",
        "a closure mentions `o.head`",
    ),
    "the owner is called for again": (RELEASE, "function f(o, h) { g(o).head = h }", "`g(o)` would be evaluated again"),
    "the owner counts up": (RELEASE, "function f(o, h) { o[i++].head = h }", "`o[i++]` would be evaluated again"),
    "a line that every path reaches by the other": (AFTER_START, "function f() { start(); a() }", ""),
    "a line that is reached without the other": (
        AFTER_START,
        "function f() { if (x) start(); a() }",
        "another path reaches this line",
    ),
    "used twice: a name": ("-f($X)\n+$X && g($X)", "f(a.b)", ""),
    "used twice: a call": ("-f($X)\n+$X && g($X)", "f(a())", "`a()` would be evaluated again"),
    "used twice: a new object": ("-f($X)\n+$X && g($X)", "f([])", "`[]` would be evaluated again"),
    "used once, as before": ("-f($X)\n+g($X)", "f(a())", ""),
    "used twice, as before": ("-f($X, $X)\n+g($X, $X)", "f(a(), a())", ""),
    "a comment inside": ("-f($X, $Y)\n+g($X)", "f(1, /* two */ 2)", "a comment would be lost"),
    "a comment that stays": ("-f($X, $Y)\n+g($X, $Y)", "f(1, /* two */ 2)", ""),
    "a comment behind": ("-f($X)", "x();\nf(1); // why\ny();\n", "a comment would be lost"),
    "a comment on the next line": ("-f($X)", "f(1);\n// why\ny();\n", ""),
}


@pytest.mark.parametrize(("fence", "code", "why"), DOUBTS.values(), ids=DOUBTS)
def test_safety(fence: str, code: str, why: str, tmp_path: Path) -> None:
    it = rule(tmp_path, fence)
    assert verdicts(it, code)[:1] == [("suggested" if why else "safe", why)]
    if why:
        assert fixed(it, code, Safety.SAFE) == code


SOMETIMES: dict[str, tuple[str, str]] = {
    "a statement of its own": ("a(1)", ""),
    "part of a statement": ("x = [a(1)]", ""),
    "the condition of an if": ("if (a(1)) x()", ""),
    "the beginning of a loop": ("for (var i = a(1); i; i++) {}", ""),
    "what a loop goes over": ("for (x of a(1)) {}", ""),
    "the right side of &&": ("q && a(1)", "only one branch of the statement gets there"),
    "a conditional": ("x = q ? a(1) : 2", "only one branch of the statement gets there"),
    "the question of a conditional": ("x = a(1) ? 1 : 2", ""),
    "??=": ("x ??= a(1)", "only one branch of the statement gets there"),
    "the condition of a loop": ("while (a(1)) x()", "a loop evaluates it again and again"),
    "a parameter's default": ("function f(x = a(1)) {}", "it is evaluated at another time than the statement it is in"),
    "a field": ("class A { x = a(1) }", "it is evaluated at another time than the statement it is in"),
}


@pytest.mark.parametrize(("code", "why"), SOMETIMES.values(), ids=SOMETIMES)
def test_statement_before_what_runs_only_sometimes(code: str, why: str, tmp_path: Path) -> None:
    it = rule(tmp_path, "+b($X);\n a($X)", front=BESIDE)
    assert verdicts(it, code) == [("suggested" if why else "safe", why)]


def test_reasons_add_up(tmp_path: Path) -> None:
    it = rule(tmp_path, "-f($X)\n+$X && g($X)", front="safe: false\n")
    assert verdicts(it, "f(a())") == [
        ("suggested", "`a()` would be evaluated again; the rule's page asks for a human's judgement")
    ]


def test_file_that_is_not_utf8_is_only_shown(tmp_path: Path) -> None:
    code = "s = '\udcff'; f(1)"
    it = rule(tmp_path, "-f($X)\n+g($X)")
    assert verdicts(it, code) == [("shown", "the file is not valid UTF-8, which no patch tool handles")]
    assert fixed(it, code) == code


def test_part_that_cannot_be_parsed_is_left(tmp_path: Path) -> None:
    it = rule(tmp_path, "-f($X)\n+g($X)")
    assert fixed(it, "f(1);\nfunction h( {\n}\n") == "g(1);\nfunction h( {\n}\n"


def test_call_that_is_not_closed_is_left(tmp_path: Path) -> None:
    assert findings(rule(tmp_path, "-f($X)\n+g($X)"), "f(1, ;") == []


# -- several fixes ------------------------------------------------------------------------------------------


def test_fixes_that_touch_wait_for_the_next_pass(tmp_path: Path) -> None:
    first = rule(tmp_path, "-f($X)\n+g($X)")
    (tmp_path / "other").mkdir()
    second = rule(tmp_path / "other", "-f($X)\n+h($X)")
    assert fixed([first, second], "f(1)") == "g(1)"
    assert fixed([second, first], "f(1)") == "h(1)"


def test_loser_comes_in_the_next_pass(tmp_path: Path) -> None:
    outer = rule(tmp_path, "-f($X)\n+g({x: $X})")
    (tmp_path / "other").mkdir()
    inner = rule(tmp_path / "other", "-old\n+now")
    assert fixed([outer, inner], "f(old)") == fixed([inner, outer], "f(old)") == "g({x: now})"


def test_rules_that_undo_each_other_come_to_an_end(tmp_path: Path) -> None:
    there = rule(tmp_path, "-f($X)\n+g($X)")
    (tmp_path / "other").mkdir()
    back = rule(tmp_path / "other", "-g($X)\n+f($X)")
    assert fixed([there, back], "f(1)") in {"f(1)", "g(1)"}


def test_same_line_twice(tmp_path: Path) -> None:
    code = "function f(o, p, h) { o.head = h; p.head = h; }"
    assert fixed(rule(tmp_path, RELEASE), code).count("delete") == 2


def test_fix_is_one_fix_for_all_ways_out(tmp_path: Path) -> None:
    code = "function f(o, h) {\n  o.head = h;\n  if (x) return;\n  go();\n}\n"
    (finding,) = findings(rule(tmp_path, RELEASE), code)
    start, end, last = code.index("return"), code.index("return;") + len("return;"), code.index("go();") + len("go();")
    assert finding.fix is not None
    assert finding.fix.edits == (
        Edit(start, start, b"{ delete o.head; "),
        Edit(end, end, b" }"),
        Edit(last, last, b"\n  delete o.head;"),
    )


FINISHED = [*RELEASED.values(), *AFTER.values(), *BEFORE.values()]


@pytest.mark.parametrize(("before", "after"), FINISHED, ids=range(len(FINISHED)))
def test_no_new_syntax_error(before: str, after: str) -> None:
    first, last = (Source("f.js", Subject(code).about().source.data) for code in (before, after))
    assert len(last.errors) <= len(first.errors)
