"""An object walked down by keys that a caller chose, which leads out of it where nothing checks the keys.

The walk is `o = o[key]` in a loop or a callback, or a function that calls itself with `o[key]`; the keys come out of a
list that was handed in or split from a text; and what is reached is written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from .. import sightings
from ..about import About
from ..datatype import dataclass
from ..isomorphisms import bare
from ..matcher import Env
from ..naming import function_names
from ..regexes import regex
from ..source import is_field, text, walk
from ..values import arguments_of
from .consulted import around, consulted
from .key_origins import each_of, is_chosen, is_list
from .kind import Kind

_KNOWN = frozenset({"string", "number", "template_string"})
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_TAKING = frozenset({"assignment_expression", "variable_declarator", "arguments"})
# Only what an object has by itself is walked into, or there is nothing else in it.
_OWN = regex(
    r"hasOwn|Object\.prototype\[|Object\.create\(\s*null|getOwnPropertyDescriptor|\b(has|own)\w*\(", re.IGNORECASE
)
# A check of which only the name is to be seen.
_CHECKS = regex(
    r"\b\w*(proto|is\w*safe|safe\w*(key|prop|path)|danger|forbid|pollut|disallow|blacklist|denied|blocked|"
    r"valid\w*(key|prop|path)|(key|prop|path)\w*valid)\w*\s*\(",
    re.IGNORECASE,
)
# What keeps a walk out of functions: `constructor` leads no further.
_OBJECTS_ONLY = regex(
    r"\[object Object\]|isPlainObject|isPlainObj\b|typeof [^;{}]*[!=]==? *['\"]object['\"](?![^;{}]*['\"]function['\"])"
)


@dataclass(frozen=True, slots=True)
class Step:
    """`key`: what a walk steps by; `within`: the function it does it in; `place`: the assignment or the call."""

    key: Node
    place: Node
    within: Node


def walked_key(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A key by which a walk steps into an object, unchecked. `void`: the function around returns nothing, `value`: it
    returns something; both: the key can be read again, and a check can go before the step. `busy`: it cannot."""
    step = _steps(about).get(node.start_byte)
    return step is not None and step.key.id == bare(node).id and _sort(step) == arguments[0]


def walked_places(about: About) -> frozenset[int]:
    return frozenset(_steps(about))


def _steps(about: About) -> dict[int, Step]:
    return about.once("walked_key", lambda: {step.key.start_byte: step for step in _found(about)})


def _found(about: About) -> Iterator[Step]:
    for access in _accesses(about):
        step = _step(access, about)
        chosen = step is not None and is_chosen(step.key, about) and _is_written(access, step, about)
        if step is not None and chosen and not _is_checked(step, about):
            yield step


def _accesses(about: About) -> Iterator[Node]:
    """The `o[key]` that may be steps, in order: found by their brackets, for trees are large. Raises HiddenError."""
    places = sightings.walked(about.source.data)
    about.source.show_all(places)
    for place in places:
        bracket = about.source.at(place, place + 1)
        access = bracket.parent if bracket is not None and bracket.type == "[" else None
        if access is not None and access.type == "subscript_expression":
            yield access


def _step(access: Node, about: About) -> Step | None:
    """The step that an `o[key]` is, if it is one."""
    target, key = access.child_by_field_name("object"), access.child_by_field_name("index")
    if target is None or key is None or target.type != "identifier" or key.type in _KNOWN:
        return None
    node, parent = access, access.parent
    while parent is not None and _passes_on(node, parent):
        node, parent = parent, parent.parent
    if parent is None or parent.type not in _TAKING:
        return None
    within = about.function(access)
    if within is None:
        return None
    if parent.type == "assignment_expression" and is_field(parent, "right", node):
        left = parent.child_by_field_name("left")
        again = left is not None and left.type == "identifier" and about.values.same_place(left, target)
        if again and _repeats(parent, within) and not _is_just_made(access, parent):
            return Step(key, parent, within)
    named = parent.child_by_field_name("name") or parent.child_by_field_name("left")
    if parent.type in {"variable_declarator", "assignment_expression"} and named is not None and named.id != node.id:
        later = _stepped_by(named, target, within, about) if named.type == "identifier" else None
        return Step(key, later, within) if later is not None and _repeats(later, within) else None
    call = parent.parent if parent.type == "arguments" else None
    if call is not None and _calls_itself(call, within, target, parent.named_children.index(node), about):
        return Step(key, call, within)
    return None


def _is_just_made(access: Node, place: Node) -> bool:
    """Whether the statement before the step has put a new object there: `o[key] = {}; o = o[key];`."""
    statement = place.parent
    before = statement.prev_named_sibling if statement is not None else None
    made = before.named_children[0] if before is not None and before.type == "expression_statement" else None
    left, right = (made.child_by_field_name(f) for f in ("left", "right")) if made is not None else (None, None)
    return left is not None and right is not None and right.type in {"object", "array"} and text(left) == text(access)


def _stepped_by(name: Node, target: Node, within: Node, about: About) -> Node | None:
    """The assignment by which the walk steps to what a variable holds: `x = o[key]; …; o = x`."""
    for use in about.source.leaves(text(name).encode("utf8", "surrogateescape"), within):
        if use.type != "identifier" or use.start_byte <= name.start_byte:
            continue
        node, parent = use, use.parent
        while parent is not None and _passes_on(node, parent):
            node, parent = parent, parent.parent
        if parent is None or parent.type != "assignment_expression" or not is_field(parent, "right", node):
            continue
        left = parent.child_by_field_name("left")
        if left is not None and left.type == "identifier" and about.values.same_place(left, target):
            return parent if about.values.same_place(use, name) else None
    return None


def _passes_on(node: Node, parent: Node) -> bool:
    """Whether the value of a node is, or may be, that of the expression around it."""
    if parent.type == "parenthesized_expression":
        return True
    if parent.type == "assignment_expression":  # o = o[key] = o[key] || {}
        left, above = parent.child_by_field_name("left"), parent.parent
        stored = left is not None and left.type == "subscript_expression" and is_field(parent, "right", node)
        return stored and above is not None and above.type in {"assignment_expression", "parenthesized_expression"}
    if parent.type == "binary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and operator.type in {"||", "??"} and is_field(parent, "left", node)
    return parent.type == "ternary_expression" and not is_field(parent, "condition", node)


def _repeats(place: Node, within: Node) -> bool:
    """Whether it is done again and again: in a loop, or in a function that is called for each of a list."""
    parent = place.parent
    while parent is not None and parent.id != within.id:
        if parent.type in _LOOPS:
            return True
        parent = parent.parent
    return each_of(within) is not None


def _calls_itself(call: Node, within: Node, target: Node, index: int, about: About) -> bool:
    """Whether a function calls itself with `o[key]` where it took `o`, and less of a list than it was given."""
    callee = call.child_by_field_name("function") if call.type == "call_expression" else None
    name = callee.child_by_field_name("property") if callee is not None else None
    called = text(name or callee) if callee is not None else ""
    if called not in function_names(within):
        return False
    binding = about.values.parameter(target)
    if binding is None or binding.index != index:
        return False
    return any(is_list(given, about) for given in arguments_of(call)[index + 1 :] if given.type != "identifier")


def _is_written(access: Node, step: Step, about: About) -> bool:
    """Whether the object that is walked to is written to by a key that is not known, here or where the walk began."""
    target = access.child_by_field_name("object")
    outer = [step.within, *(each for each in around(step.place, about)[:2])]
    return target is not None and any(
        _writes(node, target, about) for function in outer for node in walk(function) if node.is_named
    )


def _writes(node: Node, target: Node, about: About) -> bool:
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        key = left.child_by_field_name("index") if left is not None and left.type == "subscript_expression" else None
        owner = left.child_by_field_name("object") if left is not None else None
        if key is None or owner is None or key.type in _KNOWN:
            return False
        return owner.type == "identifier" and (about.values.same_place(owner, target) or _follows(owner, target, about))
    if node.type == "call_expression":  # assign(o, key, value)
        given = arguments_of(node)
        if len(given) < 3 or given[0].type != "identifier" or not about.values.same_place(given[0], target):
            return False
        return given[1].type == "identifier" and is_chosen(given[1], about)
    return False


def _follows(name: Node, target: Node, about: About) -> bool:
    """Whether a variable is given what the walk has reached: `parent = o`."""
    binding = about.values.binding(name)
    given = [write.value for write in binding.writes if not write.path] if binding is not None else []
    return any(v is not None and v.type == "identifier" and about.values.same_place(v, target) for v in given)


def _is_checked(step: Step, about: About) -> bool:
    """Whether something that the functions around say, or what they call, may keep the walk inside of the object."""
    near = around(step.place, about)[:3]
    if any(_OWN.search(text(function)) for function in near) or _looks_up(step, about):
        return True
    said = "\n".join(consulted(function, about) for function in near)
    if _CHECKS.search(said):
        return True
    own = text(step.within)
    closed = "constructor" in said or "'prototype'" in said or '"prototype"' in said or _OBJECTS_ONLY.search(own)
    return "__proto__" in said and bool(closed)


def _looks_up(step: Step, about: About) -> bool:
    """Whether the key is looked up in some set that is not written here: `reserved.has(key)`."""
    key = re.escape(text(step.key))
    for found in re.finditer(rf"\b([\w$]+)\.(has|includes|test)\(\s*(?:String\()?{key}\b", text(step.within)):
        leaves = about.source.leaves(found[1].encode())
        named = next((leaf for leaf in leaves if about.function(leaf) is not None), None)
        if named is not None and about.values.constant(named).type in {"identifier", "call_expression"}:
            return True
    return False


def _sort(step: Step) -> str:
    """How a check can be written: see walked_key."""
    statement = step.place.parent
    plain = step.place.type == "assignment_expression" and statement is not None
    right = bare(step.place.child_by_field_name("right") or step.place)
    is_alone = statement is not None and statement.type == "expression_statement"
    if not plain or not is_alone or right.type != "subscript_expression" or step.key.type != "identifier":
        return "busy"
    returns = (n for n in walk(step.within, into_functions=False) if n.type == "return_statement")
    return "value" if any(n.named_children for n in returns) else "void"


KINDS = {
    "walked_key": Kind(
        walked_key, (1, 1), lambda _: frozenset({"split", "shift", "slice", "keys", "path", "parts", "length"}),
        "a key from a caller by which an object is walked down, unchecked", walked_places,
        shape="walked_key",
    ),
}  # fmt: skip
