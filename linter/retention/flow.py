"""What holds a value: variables, parameters and `arguments`, from where it enters on, through a package's files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from ..allowance import Allowance
from ..datatype import dataclass, field
from ..isomorphisms import parameters
from ..source import FUNCTIONS, BudgetExceededError, contains, text
from ..values.scopes import Binding
from .calling import parameter_at
from .move import Move, Path
from .moves import declared, moves
from .program import Code, Program, Unit
from .strictness import is_strict
from .unseen import Unseen

_MOST = 400  # holders of one value: beyond that it is everywhere, and nothing is said of it
_SECONDS = 10.0
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})

Key = tuple[int, int, Path]


@dataclass(frozen=True, eq=False, slots=True)
class Holder:
    """A variable that holds the value, at a path of what it holds; without a binding: the `arguments` of `scope`.

    `came` is the holder it came from, by the move that `at` makes; None where the value enters the program.
    """

    unit: Unit
    scope: Node  # the function that declares it, or the program
    binding: Binding | None
    path: Path
    came: Holder | None = None
    at: Code | None = None
    entered: bool = False  # whether it is a parameter, or `arguments`, by which the value came into its function

    @property
    def key(self) -> Key:
        return id(self.unit), self.start, self.path

    @property
    def start(self) -> int:
        return self.binding.declaration.start_byte if self.binding is not None else -1 - self.scope.start_byte


@dataclass(eq=False, slots=True)
class Flow:
    """The holders of one value, and the moves it made. Terminates: each holder is followed once.

    Raises BudgetExceededError when it takes too long.
    """

    program: Program
    into_calls: bool = True
    holders: dict[Key, Holder] = field(default_factory=dict)
    moved: list[tuple[Holder, Move]] = field(default_factory=list)
    _allowance: Allowance = field(default_factory=lambda: Allowance(_SECONDS))

    def enter(self, function: Code, index: int) -> None:
        """Let the value come in as an argument of a function, and follow it."""
        self.enter_all([(function, index)], Unseen())

    def enter_all(self, entries: Iterable[tuple[Code, int]], unseen: Unseen) -> None:
        """Let the value come in by one way after the other, and follow it. Raises HiddenError, for what is unseen."""
        for function, index in entries:
            with unseen.later():
                self._follow(list(entering(function, index)))
        unseen.tell()

    def start(self, code: Code, path: Path = ()) -> None:
        """Let the value be what an expression gives, and follow it."""
        scope = code.unit.function(code.node) or code.unit.source.root
        origin = Holder(code.unit, scope, None, ("<value>",))
        self._follow(list(self._after(origin, moves(self.program, code, path))))

    def _follow(self, waiting: list[Holder]) -> None:
        unseen = Unseen()
        while waiting:
            holder = waiting.pop()
            if holder.key in self.holders or len(self.holders) >= _MOST:
                continue
            if self._allowance.is_spent:
                raise BudgetExceededError
            self.holders[holder.key] = holder
            with unseen.later():
                for use in uses(holder):
                    with unseen.later():
                        found = moves(self.program, Code(holder.unit, use), holder.path)
                        waiting.extend(self._after(holder, found))
        unseen.tell()

    def _after(self, holder: Holder, found: Iterable[Move]) -> Iterator[Holder]:
        for move in found:
            self.moved.append((holder, move))
            if move.kind == "bound" and move.binding is not None:
                yield Holder(holder.unit, _declaring(move.binding), move.binding, move.path, holder, move.at)
            elif move.kind == "passed" and move.function is not None and self.into_calls:
                yield from entering(move.function, move.index, move.path, holder, move.at)


def entering(
    function: Code, index: int, path: Path = (), came: Holder | None = None, at: Code | None = None
) -> Iterator[Holder]:
    """The variables that hold an argument of a function, and its `arguments` where it uses them."""
    unit, node = function.unit, function.node
    parameter = parameter_at(node, index)
    if parameter is not None:
        rest = parameter.type == "rest_pattern"
        inside = (str(index - len(parameters(node)) + 1), *path) if rest else path
        for move in declared(unit, parameter, inside, parameter):
            if move.kind == "bound" and move.binding is not None:
                yield Holder(unit, node, move.binding, move.path, came, at, entered=True)
    if node.type != "arrow_function" and index >= 0:
        yield Holder(unit, node, None, (str(index), *path), came, at, entered=True)


def uses(holder: Holder) -> Iterator[Node]:
    """Where the holder is mentioned and still holds the value."""
    unit, binding = holder.unit, holder.binding
    listed = holder.path if binding is not None else holder.path[1:]
    name = binding.name if binding is not None else _argument_name(holder)
    said = unit.mentions(binding) if binding is not None else unit.source.leaves(b"arguments", holder.scope)
    for leaf in said:
        if leaf.type not in _NAMES:
            continue
        if listed and _is_no_list_there(leaf, name):
            continue
        if binding is None:
            owner = unit.values.scopes.function(leaf.start_byte, arrows=False)
            if owner is not None and owner.id == holder.scope.id and not _is_given_again(holder):
                yield leaf
        elif unit.values.binding(leaf) is binding and leaf.id != binding.declaration.id and _holds(leaf, holder):
            yield leaf


def _holds(leaf: Node, holder: Holder) -> bool:
    """Whether a parameter still has what the caller passed, on some path to where it is used."""
    parameter = holder.binding is not None and holder.binding.is_parameter
    return not parameter or len(holder.unit.values.canonical(leaf)) != 3  # else ("binding", offset, "assigned")


def _argument_name(holder: Holder) -> str:
    """What the function calls the argument that holds the value."""
    given = parameters(holder.scope)
    index = int(holder.path[0]) if holder.path[0].isdigit() else len(given)
    return text(given[index]) if index < len(given) else ""


def _is_no_list_there(leaf: Node, name: str) -> bool:
    """Whether a test that it is an array has failed where a variable is used: then no list is in it."""
    node = leaf
    while (parent := node.parent) is not None and parent.type not in FUNCTIONS:
        condition = parent.child_by_field_name("condition")
        other = parent.child_by_field_name("alternative")
        if condition is not None and other is not None and other.id == node.id:
            tested = text(condition)
            lists = "isArray(" in tested or "[object Array]" in tested
            if lists and name and re.search(rf"(?<![\w$!]){re.escape(name)}\b", tested) and "!" not in tested:
                return True
        node = parent
    return False


def _is_given_again(holder: Holder) -> bool:
    """Whether the parameter that `arguments` shows here is given another value first thing, as a copy at entry does.

    In strict code `arguments` goes on showing what the caller passed.
    """
    if is_strict(holder.scope, holder.unit):
        return False
    given = parameters(holder.scope)
    index = int(holder.path[0]) if holder.path[0].isdigit() else -1
    if not 0 <= index < len(given) or given[index].type != "identifier":
        return False
    binding = holder.unit.values.binding(given[index])
    body = holder.scope.child_by_field_name("body")
    statements = [child for child in body.named_children if not _is_directive(child)] if body is not None else []
    writes = binding.writes if binding is not None else []
    return any(contains(first, write.at) and write.value is not None for first in statements[:1] for write in writes)


def _is_directive(node: Node) -> bool:
    first = node.named_children[:1] if node.type == "expression_statement" else []
    return node.type == "comment" or any(child.type == "string" for child in first)



def _declaring(binding: Binding) -> Node:
    """The function whose variable it is, or the program."""
    return binding.scope.hoisting().node


def is_inside(inner: Node, outer: Node) -> bool:
    """Whether a function is made in another, or is that one itself."""
    return contains(outer, inner) and outer.type in FUNCTIONS
