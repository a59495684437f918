"""What runs after what: the graph of small functions, of odd ones, and of ones nested beyond all reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from linter.cfg import Graph, Step
from linter.dialect import Dialect
from linter.parsing import BudgetExceededError, parse
from linter.source import text, walk

DEEP = 100_000
LESS = 20_000  # where the same machinery is at work as in a deeper test


def graph_of(source: str, scope: str = "program", dialect: Dialect = "javascript") -> Graph:
    # Not a Source: that refuses files far less deep than what the graph can take.
    return Graph(next(node for node in walk(parse(source.encode(), dialect).root_node) if node.type == scope))


def events(graph: Graph, step: Step) -> str:
    """The marker calls of a step, by the order of their closing brackets: `A()` happens before `B(A())`."""
    calls = [node for node in graph.evaluated(step) if node.type == "call_expression"]
    called = [node.named_children[0] for node in sorted(calls, key=lambda node: node.end_byte)]
    names = (text(function) for function in called if function.type == "identifier")
    return "".join(name for name in names if name.isupper())


def traces(graph: Graph) -> set[str]:
    """The markers on each path that takes no edge twice; `!` for the way out by a throw, `~` for a throw within."""
    found = set[str]()
    stack: list[tuple[Step, str, frozenset[tuple[Step, Step]]]] = [(graph.entry, "", frozenset())]
    while stack:
        step, trace, used = stack.pop()
        if step in (graph.exit, graph.thrown):
            found.add(trace + "!" * (step is graph.thrown))
            continue
        ways = [(after, trace + events(graph, step)) for after in step.next]
        ways += [(step.throws, trace + "~")] if step.throws is not None else []
        stack += [(after, seen, used | {(step, after)}) for after, seen in ways if (step, after) not in used]
    return found


STRAIGHT = {
    "one after the other": ("A(); B();", "AB"),
    "if without else": ("A(); if (c) B(); C();", "ABC AC"),
    "else if": ("if (c) A(); else if (d) B(); else C();", "A B C"),
    "return leaves": ("function f() { if (c) { A(); return; } B(); }", "A B"),
    "nothing after a return": ("function f() { A(); return B(); C(); }", "AB"),
    "a throw leaves by another way": ("A(); if (c) throw B(); C();", "AB! AC"),
    "arrow without braces": ("(x) => c && A()", "A -"),
    "arrow that is an optional chain": ("() => a?.b(A())", "A -"),
    "a comma expression on one minified line": ("c?A():B(),C();d||(e(),A())", "AC BC ACA BCA"),
    "default of a parameter": ("function f(x = A(), {y = B()}) { C() }", "ABC AC BC C"),
    "TypeScript default of a parameter": ("function f(x: number = A(), y?: T) { C() }", "AC C"),
    "with": ("with (A()) B();", "AB"),
    "hoisted functions and empty statements run nothing": ("A(); function g() { B() } ; C()", "AC"),
    "a nested function is only a value": ("A(function () { c && B() }, () => B())", "A"),
    "directly called": ("(function () { A() })(); B()", "B"),
    "generator": ("function* f() { A(yield c && B()); }", "A BA"),
    "async": ("async function f() { await (c ? A() : B()); for await (const x of y) C(); }", "A B AC BC"),
    "with a byte order mark and CRLF": ("\ufeffA();\r\nif (c) B();\r\n", "A AB"),
    "names that are not ASCII": ("if (é && ü) A(); else B()", "A B"),
}

LOOPS = {
    "while": ("while (c) A(); B();", "B AB"),
    "while true leaves by break alone": ("while (true) { A(); if (c) break; B(); } C();", "AC"),
    "while 1": ("while (1) { if (A()) return }", "A"),
    "while !0 as minifiers write it": ("while (!0) { A(); if (c) break }", "A"),
    "for without a condition": ("for (A();;B()) { if (c) break; C() } D()", "AD ACBD"),
    "a loop that never ends": ("A(); for (;;) {} B();", ""),
    "loops in a loop that never end": ("A(); for (;;) for (;;) ; B();", ""),
    "do runs once": ("do { if (c) A(); else B() } while (d); C();", "AC BC ABC BAC"),
    "do while 0 is no loop": ("do { A(); if (c) break; B() } while (0); C()", "AC ABC"),
    "for of": ("for (const x of A()) B(); C();", "AC ABC"),
    "for in with a default in its target": ("for (const {x = A()} of y) B();", "- AB B"),
    "continue skips the rest": ("for (; c; A()) { if (d) continue; B() }", "- A BA"),
    "continue in do goes to the test": ("do { if (c) continue; A() } while (B())", "B AB BAB ABB"),
    "labelled continue": ("l: for (const x of y) { for (;;) { A(); continue l } }", "- A"),
    "labelled break": ("l: for (;;) { for (;;) { A(); break l } } B()", "AB"),
    "two labels on one loop": ("k: l: for (const x of y) { A(); if (c) continue k; break l }", "- A"),
    "break out of a block": ("l: { A(); if (c) break l; B() } C()", "AC ABC"),
}

SWITCH = {
    "fall through": ("switch (c) { case 1: A(); case 2: B(); break; case 3: C() }", "AB B C -"),
    "default in the middle": ("switch (c) { case 1: A(); break; default: B(); case 2: C() }", "A BC C"),
    "tests are evaluated in order, until one matches": (
        "switch (c) { case A(): D(); break; case B(): E() }",
        "AD ABE AB",
    ),
    "a test that branches": ("switch (c) { case d && A(): B() }", "- A AB B"),
    "continue goes on with the loop": ("for (const x of y) { switch (c) { case 1: continue } A() }", "- A"),
}

TRY = {
    "what may throw leads to the handler": ("try { A() } catch (e) { B() } C()", "AC ~BC"),
    "what may not throw does not": ("try { a = 1; } catch (e) { B() } C()", "C"),
    "throw goes to the handler": ("try { throw A() } catch { B() }", "~B AB"),
    "throw in a handler leaves": ("try { throw 1 } catch (e) { A(); throw e }", "A! ~A!"),
    "finally runs on every way": (
        "function f() { try { if (c) return A(); B() } finally { C() } D() }", "AC BCD ~C!",
    ),
    "finally that returns swallows": ("function f() { try { A() } finally { return B() } C() }", "AB ~B"),
    "break and continue pass finally": (
        "for (const x of y) { try { if (c) break; continue } finally { A() } B() } C()", "C AC",
    ),
    "a handler that throws passes finally": (
        "try { throw 1 } catch (e) { throw A() } finally { B() }", "AB! ~B! ~AB! ~~B!",
    ),
    "handler of the outer try": ("try { try { throw 1 } finally { A() } } catch (e) { B() }", "AB ~B ~AB ~~B"),
    "each turn of for await may throw": (
        "async function f() { try { for await (const x of y) a = 1; } catch (e) { A() } }", "- ~A",
    ),
    "default in the handler's parameter": ("try { throw 1 } catch ({a = A()}) { B() }", "AB B ~AB ~B"),
    "await, yield, new, import() and tags may throw": (
        "async function* f() { try { await a; yield b; new c; import('d'); e`f` } catch (e) { A() } }", "- ~A",
    ),
}  # fmt: skip

BRANCHING = {
    "and": ("c && A(); B();", "B AB"),
    "or": ("c || A();", "- A"),
    "nullish": ("c ?? A();", "- A"),
    "ternary": ("x = c ? A() : B();", "A B"),
    "optional call skips its arguments": ("a?.b(A()); B()", "AB B"),
    "the rest of an optional chain is skipped": ("a?.b(A()).c[B()].d; C()", "ABC C"),
    "brackets end an optional chain": ("(a?.b(A())).c(B())", "AB B"),
    "a chain of optional links": ("a?.b(A())?.(B())", "- A AB"),
    "TypeScript: ! is part of a chain": ("a?.b!.c(A())", "- A"),
    "logical assignment": ("a.b ||= A(); B()", "AB B"),
    "what comes first comes first": ("f(A(), c && B(), C())", "ABC AC"),
    "a call before a branch of its arguments": ("A()(c && B())", "A AB"),
    "and in or": ("x = (c && A()) || B()", "A B AB"),
    "in a return": ("function f() { return c && A() }", "- A"),
    "in a declarator": ("var a = c && A(), b = B();", "B AB"),
    "in a template": ("`${c && A()} ${B()}`", "B AB"),
    "in an object and an array": ("x = {a: [c ? A() : B(), C()]}", "AC BC"),
    "default of a pattern": ("var {a = A(), b: [c = B()]} = C();", "C CA CB CAB"),
    "right before left in a destructuring assignment": ("[a[c && A()]] = B()", "B BA"),
    "target before value in an assignment": ("a[A()] = c && B()", "A AB"),
    "constants know their way": ("true && A(); !1 || B(); 0 ? C() : D()", "ABD"),
    "condition: and": ("if (a && b) A(); else B()", "A B"),
    "condition: false of and goes to else at once": ("if (A() && B()) C(); else D()", "AD ABC ABD"),
    "condition: or goes on at once": ("if (A() || B()) C(); else D()", "AC ABC ABD"),
    "condition: not": ("if (!(A() || B())) C(); else D()", "AD ABD ABC"),
    "condition: nullish is false": ("if (A() ?? B()) C(); else D()", "AC AD ABC ABD"),
    "condition: an optional chain cut short is false": ("if (a?.b(A())) B(); else C()", "AB AC C"),
    "condition: the last of a comma expression": ("if (A(), c && B()) C(); else D()", "AD ABC ABD"),
    "condition: ||= tests what it reads": ("if (a ||= A()) B(); else C()", "AB AC B"),
    "condition: &&= tests what it reads": ("if (a &&= A()) B(); else C()", "AB AC C"),
    "condition: null is nullish, not null is not": ("null ?? A(); if (!null) B(); else C()", "AB"),
    "condition: ternary": ("if (c ? A() : !B()) C(); else D()", "AC AD BC BD"),
}

MODULES = {
    "import and export": ("import a from 'a'; export const x = c && A(); export default B();", "AB B"),
    "export of a function runs nothing": ("export function f() { A() }", "-"),
    "extends, and static fields": (
        "class A extends (c && A()) { static x = d && B(); y = C(); z() { D() } }", "- A B AB",
    ),
    "what cannot be parsed is one step": ("A(); if (c) { @ # } B();", "AB"),
    "types run nothing": (
        "interface I { a(): B } type T = C; declare function f(): void; declare var g: any; A()", "A",
    ),
    "TypeScript casts": ("x = (c && A()) as T; y = <T>(d || B())", "- A B AB"),
    "enum and namespace are opaque": ("enum E { a = A() } namespace N { if (c) B() }", "AB"),
}  # fmt: skip

SCOPES = {
    "function f": "function_declaration", "async function f": "function_declaration", "async (": "arrow_function",
    "function* f": "generator_function_declaration", "async function* f": "generator_function_declaration",
    "(x) =>": "arrow_function", "() =>": "arrow_function",
}  # fmt: skip
CASES = STRAIGHT | LOOPS | SWITCH | TRY | BRANCHING | MODULES


@pytest.mark.parametrize("name", CASES)
def test_traces(name: str) -> None:
    source, expected = CASES[name]
    dialect: Dialect = "typescript" if "TypeScript" in name or name.startswith(("types", "enum")) else "javascript"
    scope = next((kind for start, kind in SCOPES.items() if source.startswith(start)), "program")
    assert traces(graph_of(source, scope, dialect)) == {trace.strip("-") for trace in expected.split()}


@pytest.mark.parametrize(
    ("source", "kind", "expected"),
    [
        pytest.param("class K { m() { c && A() } }", "method_definition", {"", "A"}, id="method"),
        pytest.param("class K { get [B()]() { return A() } }", "method_definition", {"A"}, id="getter"),
        pytest.param("class K { constructor(a = A()) { B() } }", "method_definition", {"AB", "B"}, id="constructor"),
        pytest.param("class K { static { if (c) A(); B() } }", "class_static_block", {"AB", "B"}, id="static block"),
        pytest.param("x => { try { A() } finally { B() } }", "arrow_function", {"AB", "~B!"}, id="arrow with braces"),
        pytest.param("x = function* () { yield A() }", "generator_function", {"A"}, id="generator expression"),
    ],
)
def test_every_kind_of_function_has_its_own_graph(source: str, kind: str, expected: set[str]) -> None:
    assert traces(graph_of(source, kind)) == expected


def steps(source: str, scope: str = "program") -> Iterator[tuple[str, str]]:
    """The source of each step and the kind of statement that begins there."""
    for step in graph_of(source, scope).steps():
        yield text(step.node) if step.node else "", step.statement.type if step.statement else ""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("f(a, b), c.d;", [("f(a, b), c.d;", "expression_statement")], id="one step without a branch"),
        pytest.param(
            "if (!a && b) c();",
            [("!a", "if_statement"), ("b", ""), ("c();", "expression_statement")],
            id="condition",
        ),
        pytest.param(
            "x = a || b;",
            [("a", "expression_statement"), ("b", ""), ("x = a || b;", "")],
            id="a statement ends in its own step",
        ),
        pytest.param(
            "a.b.c = d || e;",
            [("a.b", "expression_statement"), ("d", ""), ("e", ""), ("a.b.c = d || e;", "")],
            id="what is assigned to is not read",
        ),
        pytest.param(
            "for (let i = 0; i < n; i++) a();",
            [("let i = 0;", "for_statement"), ("i < n", ""), ("a();", "expression_statement"), ("i++", "")],
            id="the head of a loop is no statement of its own",
        ),
        pytest.param(
            "l: while (a) b();",
            [("a", "labeled_statement"), ("b();", "expression_statement")],
            id="nothing may come between a label and its loop",
        ),
        pytest.param(
            "export const a = 1;", [("const a = 1;", "export_statement")], id="an export is one with its declaration"
        ),
        pytest.param("do a(); while (b)", [("a();", "expression_statement"), ("b", "")], id="do begins with its body"),
        pytest.param(
            "var {a = 1} = b;",
            [("b", "variable_declaration"), ("1", ""), ("var {a = 1} = b;", "")],
            id="a pattern with defaults begins with its value",
        ),
        pytest.param(
            "if (a) b(); else if (c) d(); else e(); f();",
            [("a", "if_statement"), ("b();", "expression_statement"), ("c", "if_statement")]
            + [(name, "expression_statement") for name in ("d();", "e();", "f();")],
            id="in the order of the source",
        ),
    ],
)
def test_steps_and_the_statements_that_begin_there(source: str, expected: list[tuple[str, str]]) -> None:
    assert list(steps(source)) == expected


def test_every_node_is_evaluated_once_and_operators_at_the_end() -> None:
    graph = graph_of("x = f(a && b(c), d ?? e.g);")
    seen = [node for step in graph.steps() for node in graph.evaluated(step)]
    assert len(seen) == len({node.id for node in seen})
    assert {node.id for node in seen} == {node.id for node in walk(graph.scope)} - {graph.scope.id}
    *_, last = graph.steps()
    assert [text(part) for part in last.done] == ["a", "b(c)", "d", "e.g"]


@pytest.mark.parametrize(
    ("source", "into_functions", "expected"),
    [
        pytest.param("f(function () { g() })", False, ["f"], id="functions are opaque"),
        pytest.param("f(function () { g() })", True, ["f", "g"], id="unless asked for"),
        pytest.param("class A extends f() { m() { g() } x = h() }", False, ["f"], id="class: only its heritage"),
        pytest.param("class A { static x = f(); [g()] = h() }", False, ["f", "g"], id="class: static and computed"),
        pytest.param("x = {[f()]() { g() }}", False, ["f"], id="computed name of a method"),
        pytest.param("class A { static { f() } m() { g() } }", True, ["f", "g"], id="all of a class"),
    ],
)
def test_what_a_step_evaluates(source: str, into_functions: bool, expected: list[str]) -> None:
    graph = graph_of(source)
    calls = [n for n in graph.evaluated(graph.steps()[-1], into_functions) if n.type == "call_expression"]
    assert [text(call.named_children[0]) for call in calls] == expected


def test_a_function_is_yielded_though_not_entered() -> None:
    graph = graph_of("f(x => x)")
    assert "arrow_function" in [node.type for node in graph.evaluated(graph.steps()[0])]


def test_ways_out_can_be_told_apart() -> None:
    graph = graph_of("function f() { if (a) return 1; if (b) throw 2; c(); }", "function_declaration")
    leaves = [step.node.type for step in graph.steps() if graph.exit in step.next and step.node]
    assert leaves == ["return_statement", "expression_statement"]
    assert [text(step.node) for step in graph.steps() if graph.thrown in step.next and step.node] == ["throw 2;"]


@pytest.mark.parametrize(
    ("source", "copies"),
    [
        pytest.param("function f() { try { A() } catch (e) {} finally { z() } }", 1, id="nothing else leaves"),
        pytest.param(
            "function f() { try { return A() } catch (e) {} finally { z() } }", 1, id="return to the same end"
        ),
        pytest.param("function f() { try { return 1 } finally { z() } g() }", 1, id="the end is never reached"),
        pytest.param("function f() { try { if (a) return A(); } finally { z() } g() }", 3, id="return, throw and on"),
        pytest.param(
            "function f() { for (;;) { try { if (a) continue; b } finally { z() } } }", 1, id="continue is on"
        ),
    ],
)
def test_finally_is_there_once_for_each_way_that_is_taken(source: str, copies: int) -> None:
    found = [
        step for step in graph_of(source, "function_declaration").steps() if step.node and text(step.node) == "z()"
    ]
    assert len(found) == copies


NESTED = {
    "blocks": ("{" * DEEP + "A()" + "}" * DEEP, {"A"}),
    "brackets": ("(" * DEEP + "A()" + ")" * DEEP, {"A"}),
    "brackets with a branch": ("(" * DEEP + "c && A()" + ")" * DEEP, {"", "A"}),
    "condition": ("if (" + "!(" * LESS + "c && d" + ")" * LESS + ") A()", {"", "A"}),
    "arrays": ("[" * LESS + "c || A()" + "]" * LESS, {"", "A"}),
    "calls": ("f(" * DEEP + "c ? A() : B()" + ")" * DEEP, {"A", "B"}),
    "operators": ("x" + " + x" * LESS + " && A()", {"", "A"}),
    "a chain": ("f(c && A())" + ".b(x)" * LESS, {"", "A"}),
    "an optional chain": ("a?.b(A())" + ".b(x)" * LESS + ".b(B())", {"", "AB"}),
    "assignments": ("a = " * LESS + "c && A()", {"", "A"}),
    "patterns": ("[" * LESS + "b = A()" + "]" * LESS + " = B()", {"B", "BA"}),
    "functions": ("(function () {" * LESS + "A()" + "})()" * LESS, {""}),
    "classes": ("class A { static x = " * LESS + "c && A()" + "}" * LESS, {"", "A"}),
    "labels": ("".join(f"l{i}: " for i in range(LESS)) + "A()", {"A"}),
    "loops": ("for (;;) " * LESS + "{ A(); break }", set()),
    "try": ("try {" * 2_000 + "a = 1;" + "} finally { b }" * 2_000 + "A()", {"A"}),
    "one line of everything": ("c?a():b(),d;" * 2_000 + "if(0)A();" + "{" * 3_000 + "}" * 3_000, None),
}


@pytest.mark.parametrize("name", NESTED)
def test_nesting_has_no_limit(name: str) -> None:
    source, expected = NESTED[name]
    graph = graph_of(source)
    if expected is not None:
        assert traces(graph) == expected
    else:
        assert graph.exit in {after for step in graph.steps() for after in step.next}


def test_a_chain_of_else_if_as_long_as_generated_code_has_it() -> None:
    graph = graph_of("if (c) a();" + "else if (c) a();" * 5_000 + "else A();")
    assert len(graph.steps()) == 2 * 5_001 + 1
    assert graph.steps()[-1].next == [graph.exit]


def test_finally_in_finally_does_not_explode() -> None:
    assert len(graph_of("try { a() } finally {" * 30 + "}" * 30).steps()) < 1_000


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("a;" * 100_001, id="long"),
        pytest.param("a && (" * DEEP + "b" + ")" * DEEP, id="deep"),
        pytest.param("".join(f"l{i}: for (;;) " for i in range(5_000)) + "a", id="a tower of labelled loops"),
        pytest.param(
            "for (;;) { try { if (a) break; if (b) continue; t() } finally {" * 30 + "}}" * 30, id="ways out, cubed"
        ),
    ],
)
def test_too_many_steps_are_refused(source: str) -> None:
    with pytest.raises(BudgetExceededError, match="100000 steps"):
        graph_of(source)
