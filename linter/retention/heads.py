"""Which variables of a package hold the head of an HTTP upgrade, and which of them keep it when the call is over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..datatype import dataclass, field
from ..head_entries import ADDING, EVENTS, WORDS, handed, may_enter
from ..isomorphisms import Shape, bare, parameters, shape
from ..naming import called_method, function_names
from ..regexes import regex
from ..source import text
from ..values import arguments_of
from ..values.scopes import names_in
from .callees import targets
from .calling import calls_saying, literal
from .contexts import viewed_by
from .flow import Flow, Holder, is_inside, uses
from .frames import suspended
from .lifetimes import Keep, Lifetimes
from .move import Move
from .program import Code, Program, Target, Unit
from .unseen import Unseen

PARAMETERS = frozenset({"required_parameter", "optional_parameter"})  # of TypeScript
_HANDLER = regex(r"upgrade|websocket_?request", re.IGNORECASE)
# Only where a word begins: a bundle may hold a word of half a megabyte, and trying each of its letters takes hours.
_HEAD = regex(
    rb"(?<![\w$])[\w$]*[hH]ead(?!er)[\w$]*(?=\s*[,)=:?}])|\b(?:body|chunk|data|buf|buffer|bytes|rest|first)(?=\s*[,)])"
)
_REQUEST = regex(r"\w*(req|request|res|response)_?", re.IGNORECASE)
_SOCKET = regex(r"sock|stream|conn", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """A parameter by which a head comes into a function that keeps it, with the variable that is kept and why."""

    entry: Holder
    holder: Holder
    keep: Keep
    move: Move | None = None  # how it was stored, when it was


@dataclass(eq=False, slots=True)
class Heads:
    """The heads of one program."""

    program: Program
    flow: Flow
    lifetimes: Lifetimes
    released: dict[int, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict)  # see cures
    _kept: dict[int, list[Kept]] = field(default_factory=dict)
    _places: dict[int, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, about: About) -> tuple[Heads, Unit]:
        program, unit = Program.of(about)
        known = program.memory.get("heads")
        if not isinstance(known, cls):
            known = program.memory["heads"] = cls._found(program)
        return known, unit

    @classmethod
    def _found(cls, program: Program) -> Heads:
        flow, unseen = Flow(program), Unseen()
        entries = [(target.function, index) for target, index in _entries(program, unseen)]
        flow.enter_all(entries, unseen)
        return cls(program, flow, Lifetimes(program, [(function, index - 1) for function, index in entries if index]))

    def holds(self, unit: Unit, node: Node) -> bool:
        """Whether an expression gives a head, or a slice of one."""
        if not any(node.start_byte <= place < node.end_byte for place in self.places(unit)):
            return False  # it mentions none
        node = bare(node)
        while (viewed := viewed_by(node)) is not None:
            node = bare(viewed)
        parameter = unit.values.parameter(node)
        if parameter is not None:
            return (id(unit), parameter.declaration.start_byte, ()) in self.flow.holders
        names: list[str] = []
        while node.type == "member_expression":
            seen = shape(node)
            if isinstance(seen.parts[0], Shape) or not isinstance(seen.parts[1], Shape):
                return False
            names.insert(0, seen.parts[1].text)
            node = bare(seen.parts[0])
        binding = unit.values.binding(node) if node.type == "identifier" else None
        if binding is None or len(unit.values.canonical(node)) == 3:
            return False
        return (id(unit), binding.declaration.start_byte, tuple(names)) in self.flow.holders

    def holder(self, unit: Unit, node: Node) -> Holder | None:
        """The holder that an expression names: a head, or a slice of one."""
        while (viewed := viewed_by(node)) is not None:
            node = viewed
        parameter = unit.values.parameter(node)
        binding = parameter or (unit.values.binding(node) if node.type == "identifier" else None)
        start = binding.declaration.start_byte if binding is not None else -1
        return next((h for h in self.flow.holders.values() if h.unit is unit and h.start == start), None)

    def places(self, unit: Unit) -> frozenset[int]:
        """The offsets in a file at which something that holds a head is declared or used."""
        if id(unit) not in self._places:
            held = [holder for holder in self.flow.holders.values() if holder.unit is unit]
            declared = {holder.binding.declaration.start_byte for holder in held if holder.binding is not None}
            used = {use.start_byte for holder in held for use in uses(holder)}
            self._places[id(unit)] = frozenset(declared | used)
        return self._places[id(unit)]

    def kept(self, unit: Unit) -> list[Kept]:
        """Who keeps a head that comes into a function of a file once the call is over."""
        if id(unit) not in self._kept:
            self._kept[id(unit)] = list(self._keeping(unit))
        return self._kept[id(unit)]

    def _keeping(self, unit: Unit) -> Iterator[Kept]:
        for holder in self.flow.holders.values():
            entry = entry_of(holder)
            if entry.unit is unit:
                yield from self._keeps_of(holder, entry)

    def _keeps_of(self, holder: Holder, entry: Holder) -> Iterator[Kept]:
        keep = self.lifetimes.captured(holder, self.flow)
        if keep is not None:
            yield Kept(entry, holder, keep)
        elif (declared := _parameter_property(holder)) is not None:
            yield Kept(entry, holder, Keep("stored", Code(holder.unit, declared)))
        elif (waiting := suspended(self.program, holder)) is not None:
            yield Kept(entry, holder, Keep("waits", waiting))
        else:
            for owner, move in self.flow.moved:
                if owner is holder and (keep := self._stored(move)) is not None:
                    yield Kept(entry, holder, keep, move)

    def _stored(self, move: Move) -> Keep | None:
        """Why an object that the head was put into as a part lives on; what is put into a plain property is no part."""
        if move.kind == "listens" and move.path[:1] == ("<bound>",):
            return Keep("listener", move.at)
        if move.kind != "stored" or not (move.path or move.name == ""):
            return None
        return self.lifetimes.owner(move)


def _parameter_property(holder: Holder) -> Node | None:
    """TypeScript's `constructor(private head: Buffer)`, which stores the parameter in the object that is made."""
    declaration = holder.binding.declaration.parent if holder.binding is not None and not holder.path else None
    if declaration is None or declaration.type not in PARAMETERS:
        return None
    marks = {"accessibility_modifier", "readonly", "override_modifier"}
    return declaration if any(child.type in marks for child in declaration.children) else None


def entry_of(holder: Holder) -> Holder:
    """The parameter by which the value came into the outermost function around."""
    while (came := holder.came) is not None and came.unit is holder.unit:
        if holder.entered and not is_inside(holder.scope, came.scope):
            break
        holder = came
    return holder


def way_of(holder: Holder) -> list[Holder]:
    """The holders on the way to one, from where the value enters the program."""
    way = [holder]
    while way[-1].came is not None:
        way.append(way[-1].came)
    return way[::-1]


# -- where heads enter ------------------------------------------------------------------------------


def _entries(program: Program, unseen: Unseen) -> Iterator[tuple[Target, int]]:
    units = [*program.units(admits=_shows_entry)]
    for event in EVENTS:
        quoted = f"'{event}'".encode(), f'"{event}"'.encode()
        for unit in units:
            if any(name in unit.source.data for name in quoted):
                with unseen.later():
                    yield from _listeners(program, unit, event)
    for unit in units:
        with unseen.later():
            yield from _conventional(unit)


def _shows_entry(data: bytes) -> bool:
    """Whether a head may come in there. The gate asks the same, so what it passes over is passed over here."""
    return any(word in data for word in WORDS) and may_enter(data)


def _listeners(program: Program, unit: Unit, event: str) -> Iterator[tuple[Target, int]]:
    """The functions that Node calls with a head."""
    for call in calls_saying(event, unit.source):
        given = arguments_of(call)
        if len(given) < 2 or called_method(call) not in ADDING or literal(given[0]) != event:
            continue
        for target in targets(program, Code(unit, given[1])):
            yield target, 2 + target.shift


def _conventional(unit: Unit) -> Iterator[tuple[Target, int]]:
    """The functions that say by their name, or by all their parameters, that they are called with a head."""
    seen: set[int] = set()
    data = unit.source.data
    places = [found.span() for start, end in handed(data) for found in _HEAD.finditer(data, start, end)]
    unit.source.show_all(start for start, _ in places)
    for start, end in places:
        leaf = unit.source.at(start, end)
        function = _taking(leaf)
        if leaf is None or function is None or leaf.start_byte in seen:
            continue
        seen.add(leaf.start_byte)
        given = [_first_name(parameter) for parameter in parameters(function)]
        index = next((i for i, name in enumerate(given) if name is not None and name.start_byte == leaf.start_byte), -1)
        if index < 2:
            continue
        before = [text(name) if name is not None else "" for name in given[:index]]
        named = any(_HANDLER.search(name) for name in function_names(function))
        if named or _is_conventional(before):
            yield Target(Code(unit, function)), index


def _is_conventional(before: list[str]) -> bool:
    """Whether the parameters before the head are a request or response and, right behind it or later, a socket."""
    requests = [i for i, name in enumerate(before) if _REQUEST.fullmatch(name)]
    return any(_SOCKET.search(name) for name in before[requests[0] + 1 :]) if requests else False


def _taking(leaf: Node | None) -> Node | None:
    """The function that a name is a parameter of."""
    if leaf is None or leaf.type != "identifier":
        return None
    listed = leaf.parent
    while listed is not None and listed.type in {"assignment_pattern", *PARAMETERS}:
        listed = listed.parent
    return listed.parent if listed is not None and listed.type == "formal_parameters" else None


def _first_name(parameter: Node) -> Node | None:
    return next((name for name, path in names_in(parameter) if path in {(), ("",)}), None)
