"""What lives on when a call has returned: the closures it made, and the objects it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from ..datatype import dataclass, field, replace
from ..isomorphisms import bare
from ..naming import called_method
from ..source import FUNCTIONS, text
from ..values import arguments_of, is_empty
from ..values.scopes import Binding
from .calling import callee_of, literal
from .contexts import Mention, let_go, mention_of
from .flow import Flow, Holder
from .frames import is_long, long_wait
from .move import Move
from .program import Code, Program, Unit
from .unseen import Unseen

_REGISTER = frozenset({"on", "addListener", "prependListener", "addEventListener"})
_REMOVE = frozenset({"off", "removeListener", "removeEventListener"})
# Events that come when a connection ends, so that a listener for one of them lives as long as the connection.
LAST_EVENTS = frozenset({"close", "end", "error", "finish", "timeout", "aborted", "disconnect"})
# Events that come only when the other side sends something, if it ever does.
PEER_EVENTS = frozenset({"data", "message", "readable"})
# Functions that look at what they are given and do not keep it.
_LOOKING = frozenset({
    "console", "JSON", "util", "assert", "Object", "String", "Boolean", "Number", "Array", "url", "querystring",
    "debug", "log", "logger", "inspect",
})  # fmt: skip
_SOCKETS = frozenset({"socket", "connection"})  # https://nodejs.org/api/http.html: properties of a request

How = Literal["listener", "interval", "stored", "context", "reaction", "waits", "handed"]


@dataclass(frozen=True, slots=True)
class Keep:
    """Why something lives on: `at` is the call, assignment or `await` that makes it so.

    For a context: `mention` puts the variable there, and `keeper` is the closure whose own `keep` lets it live.
    For an object: `holder` is the last variable on the way to who keeps it.
    """

    how: How
    at: Code
    mention: Mention | None = None
    keeper: Code | None = None
    keep: Keep | None = None
    holder: Holder | None = None


@dataclass(eq=False, slots=True)
class Lifetimes:
    """The lifetimes in one program, each found out once. What depends on itself lives on only for another reason."""

    program: Program
    connected: Sequence[tuple[Code, int]] = ()  # functions, with the index of the argument that is a connection
    _sockets: frozenset[tuple[int, int]] | None = None  # files and offsets of variables that hold one
    _closures: dict[Code, Keep | None] = field(default_factory=dict)
    _parameters: dict[tuple[int, int], Keep | None] = field(default_factory=dict)

    def closure(self, code: Code) -> Keep | None:
        """Why a closure lives on after the call that made it; None when nothing is seen to keep it."""
        if code not in self._closures:
            self._closures[code] = None
            self._closures[code] = self._closure(code)
        return self._closures[code]

    def _closure(self, code: Code) -> Keep | None:
        waiting = long_wait(self.program, code)
        if waiting is not None:
            return Keep("waits", waiting)
        flow = Flow(self.program)
        for start in named(code):
            flow.start(start)
        removed = {event for event, call in _removals(flow) if not _inside(call, code)}
        by_itself = {event for event, call in _removals(flow) if _inside(call, code)}
        for _, move in flow.moved:
            if (keep := self._lives_by(move, removed, by_itself)) is not None:
                return keep
        return None

    def _lives_by(self, move: Move, removed: set[str], by_itself: set[str]) -> Keep | None:
        if move.kind == "listens" and move.name and not move.path and move.name not in removed:
            lasting = called_method(move.at.node) in _REGISTER and move.name not in by_itself
            if lasting or move.name in LAST_EVENTS | PEER_EVENTS:
                return Keep("listener", move.at)
        elif move.kind == "repeats" and not move.path:
            return Keep("interval", move.at)
        elif move.kind == "reaction" and move.owner is not None:
            if is_long(self.program, Code(move.at.unit, move.owner)):
                return Keep("reaction", move.at)
        elif move.kind == "stored" and self.owner(move) is not None:
            return Keep("stored", move.at)
        return None

    # -- objects ----------------------------------------------------------------------------------

    def owner(self, move: Move) -> Keep | None:
        """Why what a value is stored in lives on after the call."""
        if move.owner is None:
            return Keep("stored", move.at)  # an undeclared variable belongs to the global object
        return self.object(Code(move.at.unit, move.owner), move.at)

    def object(self, code: Code, at: Code) -> Keep | None:
        """Why an object that a function uses at a place lives on after the call of that function."""
        unit, values = code.unit, code.unit.values
        root, *rest = values.canonical(code.node)
        here = unit.values.scopes.function(at.node.start_byte)
        if root in {"this", "module", "global", "super"} or here is None:
            return Keep("stored", at)
        if root != "binding" or not isinstance(rest[0], int):
            return None
        if any(name in _SOCKETS for name in rest[1:]):
            return Keep("stored", at)
        binding = _binding_at(unit, rest[0])
        if binding is None or not here.start_byte <= rest[0] < here.end_byte:
            return Keep("stored", at) if binding is None or not binding.is_parameter else self.parameter(unit, binding)
        return self.parameter(unit, binding) if binding.is_parameter else None

    def parameter(self, unit: Unit, binding: Binding) -> Keep | None:
        """Why an object that was handed to a function lives on: who it is handed to, who keeps it, a stranger."""
        key = (id(unit), binding.declaration.start_byte)
        if key in self._connections():
            return Keep("stored", Code(unit, binding.declaration))
        if key not in self._parameters:
            self._parameters[key] = None
            self._parameters[key] = self._parameter(unit, binding)
        return self._parameters[key]

    def _connections(self) -> frozenset[tuple[int, int]]:
        if self._sockets is None:
            flow = Flow(self.program)
            flow.enter_all(self.connected, Unseen())
            self._sockets = frozenset((id(h.unit), h.start) for h in flow.holders.values() if not h.path)
        return self._sockets

    def _parameter(self, unit: Unit, binding: Binding) -> Keep | None:
        flow = Flow(self.program)
        flow.enter(Code(unit, binding.scope.node), binding.index)
        for holder, move in flow.moved:
            elsewhere = move.kind == "stored" and not self._is_own(move, unit, binding)
            if elsewhere and (self.owner(move) is not None or _is_foreign(move)):
                return Keep("stored", move.at, holder=holder)
        for holder in flow.holders.values():
            if holder.binding is not None and (keep := self.captured(holder, flow)) is not None:
                return replace(keep, holder=holder)
        strangers = ((h, move) for h, move in flow.moved if move.kind == "unknown" and not _only_looks(move))
        return next((Keep("handed", move.at, holder=holder) for holder, move in strangers), None)

    def _is_own(self, move: Move, unit: Unit, binding: Binding) -> bool:
        """Whether an object is only hung on itself: `req.self = req`."""
        if move.owner is None or move.at.unit is not unit:
            return False
        parameter = unit.values.parameter(bare(move.owner))
        return parameter is binding

    # -- contexts ---------------------------------------------------------------------------------

    def captured(self, holder: Holder, flow: Flow) -> Keep | None:
        """Why the context that a variable lives in is kept; None when the variable is in none, or is let go of."""
        if holder.binding is not None and holder.binding.scope.hoisting().node.type == "program":
            return self._forever(holder)
        mention = mention_of(holder)
        if mention is None or let_go(holder, flow):
            return None
        scope = holder.binding.scope.node if holder.binding is not None else holder.scope
        for node in holder.unit.source.nodes(*sorted(FUNCTIONS), within=scope):
            if node.id == scope.id or node.type == "method_definition":
                continue
            keep = self.closure(Code(holder.unit, node))
            if keep is not None:
                return Keep("context", keep.at, mention, Code(holder.unit, node), keep)
        return None


    def _forever(self, holder: Holder) -> Keep | None:
        """A variable of the file itself lives as long as the program; one that is ever emptied is let be."""
        binding = holder.binding
        writes = [write for write in binding.writes if write.at.type == "assignment_expression"] if binding else []
        if holder.at is None or holder.entered or any(map(is_empty, writes)):
            return None
        return Keep("stored", holder.at)


def named(code: Code) -> Iterator[Code]:
    """The expressions that stand for a closure: itself, or the uses of the name it is declared by."""
    if code.node.type not in {"function_declaration", "generator_function_declaration"}:
        yield code
        return
    name = code.node.child_by_field_name("name")
    binding = code.unit.values.binding(name) if name is not None else None
    if name is None or binding is None:
        return
    for leaf in code.unit.mentions(binding):
        if leaf.id != name.id and leaf.type == "identifier" and code.unit.values.binding(leaf) is binding:
            yield Code(code.unit, leaf)


def _removals(flow: Flow) -> Iterator[tuple[str, Code]]:
    for _, move in flow.moved:
        if move.kind == "unknown" and called_method(move.at.node) in _REMOVE:
            yield literal(arguments_of(move.at.node)[0]), move.at


def _inside(call: Code, closure: Code) -> bool:
    return call.unit is closure.unit and closure.node.start_byte <= call.node.start_byte < closure.node.end_byte


def _is_foreign(move: Move) -> bool:
    """Whether it is stored in an object that a local variable got from elsewhere: who knows how long that lives."""
    owner = bare(move.owner) if move.owner is not None else None
    binding = move.at.unit.values.binding(owner) if owner is not None and owner.type == "identifier" else None
    made = [write.value.type for write in binding.writes if write.value is not None] if binding is not None else []
    return any(kind not in {"object", "array"} for kind in made) and binding is not None and not binding.is_parameter


def _only_looks(move: Move) -> bool:
    callee = callee_of(move.at.node)
    return callee is not None and text(callee).partition(".")[0] in _LOOKING


def _binding_at(unit: Unit, offset: int) -> Binding | None:
    """The variable that is declared at an offset."""
    name = unit.source.at(offset, offset)
    return unit.values.binding(name) if name is not None else None
