"""Functions that wait: an async function keeps its parameters and variables until what it waits for settles."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..isomorphisms import bare, meaningful, parameters, shape
from ..naming import called_method
from ..source import FUNCTIONS, text
from ..values import arguments_of
from .callees import targets
from .calling import callee_of, returns
from .flow import Flow, Holder, uses
from .program import Code, Program

_DEPTH = 5
# Events with which a connection, or what stands for it, is over.
_OVER = frozenset({"close", "aborted", "disconnect", "exit"})
_ENDING = _OVER | {"end", "finish", "error"}
_WAITERS = frozenset({"finished", "pipeline"})  # https://nodejs.org/api/stream.html: settle when the streams are done
_REACTIONS = frozenset({"then", "catch", "finally"})
# What compilers wrap the generator in that stands for an async function.
_DRIVERS = frozenset({"__awaiter", "_asyncToGenerator", "asyncToGenerator", "co", "coroutine", "wrap"})


def long_wait(program: Program, function: Code, depth: int = _DEPTH) -> Code | None:
    """The first `await` of an async function that lasts as long as a connection; None when it has none."""
    for node, waited in waits(function):
        if waited is None or is_long(program, Code(function.unit, waited), depth):
            return Code(function.unit, node)
    return None


def waits(function: Code) -> Iterator[tuple[Node, Node | None]]:
    """Each place where a function waits, with what for: None where it reads a stream to its end."""
    if not _is_async(function.node):
        return
    unit = function.unit
    kinds = ("await_expression", "yield_expression", "for_in_statement")
    for node in unit.source.nodes(*kinds, within=function.node):
        inner = unit.values.scopes.function(node.start_byte)
        if inner is None or inner.id != function.node.id:
            continue
        if node.type == "for_in_statement":
            if any(child.type == "await" for child in node.children):
                right = node.child_by_field_name("right")
                if right is not None and text(bare(right)).rpartition(".")[2] in {"socket", "connection"}:
                    yield node, None
        elif (value := next(iter(meaningful(node)), None)) is not None:
            yield node, value


def _is_async(function: Node) -> bool:
    if any(child.type == "async" for child in function.children):
        return True
    parent = function.parent
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    callee = callee_of(call) if call is not None and call.type == "call_expression" else None
    return "generator" in function.type and callee is not None and text(callee).rpartition(".")[2] in _DRIVERS


def is_long(program: Program, code: Code, depth: int = _DEPTH) -> bool:
    """Whether a promise settles only when a connection is over, as far as that can be seen."""
    if depth <= 0:
        return False
    node = code.unit.values.constant(code.node)
    if node.type == "await_expression":
        return False
    if node.type == "new_expression":
        callee = callee_of(node)
        if callee is None or text(callee) != "Promise":
            return False
        return any(_settles_late(program, Code(code.unit, executor)) for executor in _functions(node))
    if node.type == "ternary_expression":
        sides = [node.child_by_field_name(name) for name in ("consequence", "alternative")]
        return any(side is not None and is_long(program, Code(code.unit, side), depth - 1) for side in sides)
    if node.type == "call_expression":
        return _call_is_long(program, Code(code.unit, node), depth)
    return False


def _functions(call: Node) -> list[Node]:
    return [bare(given) for given in arguments_of(call)[:1] if bare(given).type in FUNCTIONS]


def _call_is_long(program: Program, call: Code, depth: int) -> bool:
    callee, given = callee_of(call.node), arguments_of(call.node)
    if callee is None:
        return False
    method, owner = called_method(call.node), callee.child_by_field_name("object")
    if method in _REACTIONS and owner is not None:
        return is_long(program, Code(call.unit, owner), depth - 1)
    if text(callee) in {"Promise.all", "Promise.allSettled"} and given and given[0].type == "array":
        return any(is_long(program, Code(call.unit, item), depth - 1) for item in meaningful(given[0]))
    value = call.unit.values.canonical(callee)
    if value[0] == "module" and value[-1] == "once" and len(given) > 1:
        return _event(given[1]) in _OVER
    if value[0] == "module" and value[-1] in _WAITERS:
        return "promises" in str(value)
    for target in targets(program, Code(call.unit, callee)):
        if long_wait(program, target.function, depth - 1) is not None:
            return True
        if any(is_long(program, returned, depth - 1) for returned in returns(target.function)):
            return True
    return False


# -- promises made by hand ------------------------------------------------------------------------


def _settles_late(program: Program, executor: Code) -> bool:
    """Whether what settles a promise is called when a connection is over, and never before."""
    events: set[str] = set()
    for index, parameter in enumerate(parameters(executor.node)[:2]):
        if parameter.type != "identifier":
            continue
        flow = Flow(program)
        flow.enter(executor, index)
        for holder in list(flow.holders.values()):
            for closure in _closures_around(holder, executor):
                flow.start(closure)
        for _, move in flow.moved:
            if move.kind == "listens":
                events.add(move.name)
            elif move.kind == "stored" and move.owner is not None:
                events.update(_listened(Code(move.at.unit, move.owner), move.at))
            elif move.kind == "scheduled":
                return False
    return bool(events & _OVER) and events <= _ENDING


def _closures_around(holder: Holder, executor: Code) -> Iterator[Code]:
    """The closures of the executor that mention a way to settle."""
    binding = holder.binding
    if binding is None or holder.unit is not executor.unit:
        return
    for leaf in holder.unit.mentions(binding):
        inner = holder.unit.values.scopes.function(leaf.start_byte)
        if (
            inner is not None
            and holder.unit.values.binding(leaf) is binding
            and executor.node.start_byte < inner.start_byte
            and inner.end_byte <= executor.node.end_byte
        ):
            yield Code(holder.unit, inner)


def _listened(owner: Code, at: Code) -> Iterator[str]:
    """The events of an object that the function around a place listens to."""
    function = owner.unit.values.scopes.function(at.node.start_byte)
    for call in owner.unit.source.nodes("call_expression", within=function or owner.unit.source.root):
        callee, given = callee_of(call), arguments_of(call)
        if callee is None or called_method(call) not in {"on", "once", "addListener"} or len(given) < 2:
            continue
        target = callee.child_by_field_name("object")
        while target is not None and target.type == "call_expression" and called_method(target) in {"on", "once"}:
            inner = callee_of(target)
            target = inner.child_by_field_name("object") if inner is not None else None
        if target is not None and owner.unit.values.same(target, owner.node):
            yield _event(given[0])


def _event(node: Node) -> str:
    seen = shape(node)
    return seen.text if seen.kind == "string" else ""


# -- what is in the frame while it waits ----------------------------------------------------------


def suspended(program: Program, holder: Holder) -> Code | None:
    """The `await` during which a variable of an async function still holds the value."""
    function = Code(holder.unit, holder.scope)
    waiting = long_wait(program, function) if holder.scope.type in FUNCTIONS else None
    if waiting is None:
        return None
    binding = holder.binding
    if binding is None and next(uses(holder), None) is None:
        return None  # a function that never says `arguments` has none to keep
    releases = [write.at for write in binding.writes if write.at.type == "assignment_expression"] if binding else []
    is_held = holder.unit.values.graph(holder.scope).reaches(
        lambda step: step.evaluates(waiting.node) or (step.node is not None and step.node.id == waiting.node.id),
        past=lambda step: any(step.evaluates(release) for release in releases),
    )
    return waiting if is_held else None
