"""What was tested on every way to an expression: the conditions around it and before it, and how they came out."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..datatype import dataclass
from ..isomorphisms import bare, meaningful
from ..source import FUNCTIONS, text
from ..values import arguments_of

_LISTS = frozenset({"statement_block", "program", "switch_case", "switch_default"})
_LEAVING = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})
_ASSERTING = frozenset({"assert", "ok", "invariant", "must", "check"})
_LOOPS = frozenset({"while_statement", "for_statement"})


@dataclass(frozen=True, slots=True)
class Test:
    """A condition that was evaluated before, and how it came out; None when it may have come out either way.

    The condition of a case of a switch is the case itself. `statement` is what was done about it, when that is over.
    """

    condition: Node
    outcome: bool | None
    statement: Node | None = None


def tests(node: Node) -> Iterator[Test]:
    """What was tested on every way to a node, innermost first: in its own function, and where its closure was made.

    Nothing says that what was tested has stayed as it was.
    """
    child, parent = node, node.parent
    while parent is not None:
        yield from _of_branch(child, parent)
        if parent.type in _LISTS:
            yield from _before(child)
        if parent.type in FUNCTIONS and parent.type not in {"function_expression", "arrow_function"}:
            return  # it is called from elsewhere
        child, parent = parent, parent.parent


def parts(test: Test) -> Iterator[Test]:
    """A test taken apart into the conditions that are known by it: both sides of an `&&` that held, and so on."""
    stack = [test]
    while stack:
        current = stack.pop()
        condition = bare(current.condition)
        operator = operator_of(condition)
        sides = [condition.child_by_field_name(side) for side in ("left", "right")]
        if operator == "!" and (argument := condition.child_by_field_name("argument")) is not None:
            flipped = None if current.outcome is None else not current.outcome
            stack.append(Test(argument, flipped, current.statement))
        elif (operator, current.outcome) in {("&&", True), ("||", False)}:
            stack.extend(Test(side, current.outcome, current.statement) for side in sides if side is not None)
        else:
            yield Test(condition, current.outcome, current.statement)


def operator_of(node: Node) -> str:
    """The operator of a unary or binary expression; "" for anything else."""
    found = node.child_by_field_name("operator")
    return found.type if found is not None and node.type in {"binary_expression", "unary_expression"} else ""


def leaves(statement: Node | None) -> bool:
    """Whether control never gets behind a statement, as far as its last line tells."""
    while statement is not None and statement.type in {"statement_block", "else_clause"}:
        statement = next(reversed(meaningful(statement)), None)
    if statement is None:
        return False
    if statement.type == "if_statement":
        return all(leaves(statement.child_by_field_name(way)) for way in ("consequence", "alternative"))
    if statement.type == "expression_statement":
        return text(statement).startswith("process.exit(")
    return statement.type in _LEAVING


def _of_branch(child: Node, parent: Node) -> Iterator[Test]:
    """What is known in this part of its parent."""

    def stands_as(field: str) -> bool:
        part = parent.child_by_field_name(field)
        return part is not None and part.id == child.id

    condition = parent.child_by_field_name("condition")
    if parent.type in {"if_statement", "ternary_expression"} and condition is not None:
        if stands_as("consequence") or stands_as("alternative"):
            yield from parts(Test(condition, stands_as("consequence")))
    elif parent.type in _LOOPS and condition is not None and stands_as("body"):
        yield from parts(Test(condition, True))
    elif parent.type == "switch_case" and not stands_as("value"):
        yield Test(parent, True)
    elif stands_as("right") and operator_of(parent) in {"&&", "||"}:
        left = parent.child_by_field_name("left")
        if left is not None:
            yield from parts(Test(left, operator_of(parent) == "&&"))


def _before(statement: Node) -> Iterator[Test]:
    """What the statements before this one of a list tell."""
    earlier = statement.prev_named_sibling
    while earlier is not None:
        if earlier.type == "if_statement":
            yield from _decided(earlier)
        elif earlier.type == "expression_statement" and earlier.named_children:
            call = bare(earlier.named_children[0])
            callee = call.child_by_field_name("function") if call.type == "call_expression" else None
            if callee is not None and text(callee).split(".")[-1].lower() in _ASSERTING:
                yield from (part for given in arguments_of(call)[:1] for part in parts(Test(given, True)))
        earlier = earlier.prev_named_sibling


def _decided(statement: Node) -> Iterator[Test]:
    """What an `if` tells those behind it."""
    condition = statement.child_by_field_name("condition")
    if condition is None:
        return
    then, other = (leaves(statement.child_by_field_name(way)) for way in ("consequence", "alternative"))
    outcome = False if then and not other else True if other and not then else None
    yield from parts(Test(condition, outcome, statement))
