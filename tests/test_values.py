"""Which expressions denote the same value, and what a name stands for."""

from __future__ import annotations

import pytest
from tree_sitter import Node

from linter.source import Source, text
from linter.values import Values, arguments_of


def compared(code: str) -> tuple[Values, list[Node]]:
    """The values of a file, and the arguments of its call of `same`."""
    source = Source("f.js", code.encode())
    (call,) = (c for c in source.nodes("call_expression") if text(c.named_children[0]) == "same")
    return Values(source), arguments_of(call)


SAME = {
    "a name": "same(a, a)",
    "parentheses": "same(a, (a))",
    "spellings of a member": "same(a.b, a['b'])",
    "optional chaining": "same(a.b, a?.b)",
    "an alias": "var b = a; same(a, b)",
    "an alias of a member": "function f(a) { var b = a.c; same(a.c, b) }",
    "what is taken out": "function f(a) { var {c: b} = a; same(a.c, b) }",
    "what is taken out of what is taken out": "function f(a) { var {c: {d}} = a; same(a.c.d, d) }",
    "this in an arrow function": "same(this, this)",
    "this by another name": "function f() { var self = this; g(function () { same(self, self) }) }",
    "this kept for a closure": "function f() { var self = this; () => same(self, this) }",
    "globals by way of globalThis": "same(globalThis.process, process)",
    "modules": "same(require('fs'), require('node:fs'))",
    "imports and requires": "import f from 'fs'; same(f, require('fs'))",
    "the last of a comma expression": "same((0, a), a)",
    "an assignment": "same(b = a, a)",
    "undefined and void 0": "same(undefined, void 0)",
    "literals": "same('a', \"a\")",
    "numbers": "same(1000, 1e3)",
    "a parameter and arguments": "function f(a, b) { same(b, arguments[1]) }",
    "computed members": "same(a[i], a[i])",
    "a variable that is let go of": "function f(a) { var b = null; b = a; same(a, b) }",
}
DIFFERENT = {
    "names": "same(a, b)",
    "members": "same(a.b, a.c)",
    "shadowed": "var a; function f(a) { same(a, this.a) }",
    "scopes": "let a; { let a = 1; same(a, globalThis.a) }",
    "this of another function": "function f() { same(this, function () { return this }) }",
    "objects": "same({}, {})",
    "calls of new": "same(new A(), new A())",
    "functions": "same(() => 1, () => 1)",
    "computed members": "same(a[i], a[j])",
    "computed and named": "same(a[b], a.b)",
    "two values": "function f(a) { var b = a; b = c; same(a, b) }",
    "a parameter that was assigned": "function f(a) { var b = arguments[0]; a = 1; same(a, b) }",
    "other arguments": "function f(a, b) { same(a, arguments[1]) }",
    "arguments of another function": "function f(a) { function g() { same(a, arguments[0]) } }",
    "what a call gives is new": "var b = f(); same(b, f())",
    "a number and a string": "same(1, '1')",
    "null and undefined": "same(null, undefined)",
    "a default": "function f({a = 1}) { same(a, 1) }",
    "elements": "function f(a) { var [b] = a; same(a, b) }",
    "a rest": "function f(a) { var {...b} = a; same(a, b) }",
}


@pytest.mark.parametrize("code", SAME.values(), ids=SAME)
def test_same(code: str) -> None:
    values, (one, other) = compared(code)
    assert values.same(one, other)


@pytest.mark.parametrize("code", DIFFERENT.values(), ids=DIFFERENT)
def test_different(code: str) -> None:
    values, (one, other) = compared(code)
    assert not values.same(one, other)


CONSTANTS = {
    "a literal": ("const a = 1; same(a)", "1"),
    "through names": ("const a = 1, b = a; let c = b; same(c)", "1"),
    "given later": ("let a; a = f(); same(a)", "f()"),
    "a function": ("function f() {} same(f)", "function f() {}"),
    "a parameter is itself": ("function f(a) { same(a) }", "a"),
    "two values": ("let a = 1; a = 2; same(a)", "a"),
    "counted": ("let a = 1; a++; same(a)", "a"),
    "a loop variable": ("for (const a of b) same(a)", "a"),
    "a loop's, declared later": ("for (a in b) f(); var a = 1; same(a)", "a"),
    "a loop's, in a function": ("var a = 1; function f() { for (a of b) g(); } same(a)", "a"),
    "a caught error": ("try {} catch (a) { same(a) }", "a"),
    "what is taken out": ("const {a} = b; same(a)", "a"),
    "itself": ("var a = a; same(a)", "a"),
    "each other": ("var a = b, b = a; same(a)", "a"),
}


@pytest.mark.parametrize(("code", "constant"), CONSTANTS.values(), ids=CONSTANTS)
def test_constant(code: str, constant: str) -> None:
    values, (name,) = compared(code)
    assert text(values.constant(name)) == constant


PARAMETERS = {
    "itself": ("function f(a) { same(a) }", "a"),
    "an alias": ("function f(a) { var b = a; same(b) }", "a"),
    "arguments[1]": ("function f(a, b) { same(arguments[1]) }", "b"),
    "of an outer function": ("function f(a) { return () => same(a) }", "a"),
    "a member of it": ("function f(a) { same(a.b) }", None),
    "assigned before": ("function f(a) { a = 1; same(a) }", None),
    "assigned on one path": ("function f(a) { if (b) a = 1; same(a) }", "a"),
    "assigned on both paths": ("function f(a) { if (b) a = 1; else a = 2; same(a) }", None),
    "assigned in a loop, later": ("function f(a) { while (b) { same(a); a = 1 } }", "a"),
    "let go of before": ("function f(a) { a = null; same(a) }", "a"),
    "a variable": ("function f() { var a; same(a) }", None),
    "a piece of a parameter": ("function f({a}) { same(a) }", None),
}


@pytest.mark.parametrize(("code", "name"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameter(code: str, name: str | None) -> None:
    values, (node,) = compared(code)
    binding = values.parameter(node)
    assert (binding.name if binding is not None else None) == name


PLACES = {
    "one variable": ("let a; same(a, a)", True),
    "an alias is another place": ("function f(a) { let b = a; same(a, b) }", False),
    "one property of one object": ("function f(a) { let b = a; same(a.p, b.p) }", True),
    "properties of two": ("same(a.p, b.p)", False),
    "a variable and a property": ("same(a, b.a)", False),
    "globals": ("same(a, a)", True),
}


@pytest.mark.parametrize(("code", "same"), PLACES.values(), ids=PLACES)
def test_same_place(code: str, same: bool) -> None:
    values, (one, other) = compared(code)
    assert values.same_place(one, other) is same


def test_deep_code_comes_to_an_end() -> None:
    depth = 2_000
    values, (one, other) = compared(f"same({'a(' * depth}1{')' * depth}, {'[' * depth}{']' * depth})")
    assert not values.same(one, other)


def test_long_chain_of_names_comes_to_an_end() -> None:
    names = "".join(f"var a{i + 1} = a{i};" for i in range(500))
    values, (one, other) = compared(f"function f(a0) {{ {names} same(a500, a0) }}")
    assert values.same(one, one)
    assert not values.same(one, other)  # followed only so far: then it says nothing
