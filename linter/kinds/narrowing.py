"""Whether what was tested on the way to a value shows that it is no number."""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..naming import called_method
from ..regexes import regex
from ..source import text, walk
from ..values import arguments_of
from . import sorts
from .guards import Test, operator_of, tests

_ACCESSES = frozenset({"member_expression", "subscript_expression"})
_NUMERIC_TESTS = frozenset({"isNumber", "isFinite", "isInteger", "isSafeInteger", "isNaN", "isNumeric", "isInt"})
_TESTS = regex(r"^_?is[A-Z]\w*$|^is[a-z]+$")


def known_no_number(node: Node, about: About) -> bool:
    """Whether some test on every way to the node shows that its value is no number, or saw to it."""
    return any(_excludes_number(test, node, about) or _was_converted(test, node, about) for test in tests(node))


def _excludes_number(test: Test, node: Node, about: About) -> bool:
    """Whether the value is no number where the test has come out like this."""
    condition, outcome = bare(about.values.constant(test.condition)), test.outcome
    if outcome is None:
        return False
    operator = operator_of(condition)
    left, right = (condition.child_by_field_name(side) for side in ("left", "right"))
    if operator == "!" and (inner := condition.child_by_field_name("argument")) is not None:
        return _excludes_number(Test(inner, not outcome), node, about)
    if operator in {"&&", "||"} and left is not None and right is not None:
        sides = [_excludes_number(Test(side, outcome), node, about) for side in (left, right)]
        return (any if outcome == (operator == "&&") else all)(sides)
    if condition.type == "switch_case":
        return _is_case(condition, node, about)
    if operator in {"==", "===", "!=", "!=="} and left is not None and right is not None:
        return _equals(left, right, outcome == (operator[0] == "="), node, about)
    if operator == "instanceof" and left is not None:
        return outcome and _is_same(left, node, about)
    if operator == "in" and right is not None:
        return outcome and _is_same(right, node, about)
    if condition.type == "call_expression":
        return _is_test(condition, outcome, node, about)
    return outcome and _is_part(condition, node, about)  # a number has no such property


def _equals(left: Node, right: Node, equal: bool, node: Node, about: About) -> bool:
    """Whether `left == right`, or its opposite, shows that the value is no number."""
    for one, other in ((left, right), (right, left)):
        if _is_typeof(one, node, about) and other.type == "string":
            return equal != (text(other)[1:-1] == "number")
        if _is_same(one, node, about) and equal and sorts.string(other, about, {}):
            return True
        if equal and _is_part(one, node, about):
            return True
    return False


def _is_case(case: Node, node: Node, about: About) -> bool:
    switch = case.parent.parent if case.parent is not None else None
    subject = switch.child_by_field_name("value") if switch is not None else None
    value = case.child_by_field_name("value")
    return subject is not None and value is not None and _equals(bare(subject), value, True, node, about)


def _is_typeof(condition: Node, node: Node, about: About) -> bool:
    condition = bare(about.values.constant(condition))
    argument = condition.child_by_field_name("argument") if operator_of(condition) == "typeof" else None
    return argument is not None and _is_same(argument, node, about)


def _is_test(call: Node, outcome: bool, node: Node, about: About) -> bool:
    """`Buffer.isBuffer(x)`, `isString(x)`, `_.isPlainObject(x)`, and the like."""
    if not any(_is_same(given, node, about) for given in arguments_of(call)):
        return False
    callee = call.child_by_field_name("function")
    name = called_method(call) or (text(callee) if callee is not None else "")
    if name in _NUMERIC_TESTS:
        return not outcome
    return outcome and bool(_TESTS.match(name))


def _is_part(condition: Node, node: Node, about: About) -> bool:
    """Whether a condition looks at a property of the value, or calls a method of it."""
    for inner in walk(condition, into_functions=False):
        owner = inner.child_by_field_name("object") if inner.type in _ACCESSES else None
        if owner is not None and _is_same(owner, node, about):
            return True
    return False


def _was_converted(test: Test, node: Node, about: About) -> bool:
    """Whether a statement that is over has seen to it: `if (typeof x === 'number') x = String(x)`."""
    if test.statement is None or test.outcome is not None or _excludes_number(Test(test.condition, True), node, about):
        return False  # `if (typeof x === 'string') x = parse(x)` sees to something else
    if not any(_is_typeof(p, node, about) or _is_numeric_test(p, node, about) for p in walk(test.condition)):
        return False
    targets = [
        part.child_by_field_name("left") for part in walk(test.statement) if part.type == "assignment_expression"
    ]
    return any(left is not None and about.values.same_place(left, node) for left in targets)


def _is_numeric_test(part: Node, node: Node, about: About) -> bool:
    return part.type == "call_expression" and _is_test(part, False, node, about)


def _is_same(one: Node, other: Node, about: About) -> bool:
    one, other = bare(one), bare(other)
    if one.type == other.type == "identifier":
        return about.values.same_place(one, other) or about.values.same(one, other)
    return about.values.same(one, other)
