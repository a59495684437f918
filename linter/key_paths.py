"""An object walked down by keys that a caller chose, which leads out of it where nothing checks the keys.

The walk is `o = o[key]` in a loop or a callback, or a function that calls itself with `o[key]`; the keys come out of a
list that was handed in or split from a text; and what is reached is written to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .about import About
from .consulted import around, consulted
from .isomorphisms import bare
from .kind import Kind
from .matcher import Env
from .naming import function_names
from .source import text, walk
from .values import arguments_of

# What such a walk looks like, roughly: a file without one need not be parsed.
_STEP = re.compile(rb"([\w$]+)\s*=\s*\(?\s*\1\s*\[|\(\s*[\w$]+\[[\w$\[\]. ]+\]\s*,")
_LISTS = frozenset({"split", "slice", "concat", "filter", "map", "match", "reverse", "toPath", "parse"})
_TAKING = frozenset({"shift", "pop", "at", "next"})
_EACH = frozenset({"forEach", "some", "every", "map", "each"})
_KNOWN = frozenset({"string", "number", "template_string"})
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
# Only what an object has by itself is walked into, or there is nothing else in it.
_OWN = re.compile(
    r"hasOwn|Object\.prototype\[|Object\.create\(\s*null|getOwnPropertyDescriptor|\b(has|own)\w*\(", re.IGNORECASE
)
# A check of which only the name is to be seen.
_CHECKS = re.compile(
    r"\b\w*(proto|is\w*safe|safe\w*(key|prop|path)|danger|forbid|pollut|disallow|blacklist|denied|blocked|"
    r"valid\w*(key|prop|path)|(key|prop|path)\w*valid)\w*\s*\(",
    re.IGNORECASE,
)
# What keeps a walk out of functions: `constructor` leads no further.
_OBJECTS_ONLY = re.compile(
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
    known = about.memory.get("walked_key")
    if not isinstance(known, dict):
        source = about.source
        found = _found(about) if _STEP.search(source.data) else ()
        known = about.memory["walked_key"] = {step.key.start_byte: step for step in found}
    return known


def _found(about: About) -> Iterator[Step]:
    for access in about.source.nodes("subscript_expression"):
        step = _step(access, about)
        chosen = step is not None and _is_chosen(step.key, about) and _is_written(access, step, about)
        if step is not None and chosen and not _is_checked(step, about):
            yield step


def _step(access: Node, about: About) -> Step | None:
    """The step that an `o[key]` is, if it is one."""
    target, key = access.child_by_field_name("object"), access.child_by_field_name("index")
    if target is None or key is None or target.type != "identifier" or key.type in _KNOWN:
        return None
    within = about.function(access)
    if within is None:
        return None
    node, parent = access, access.parent
    while parent is not None and _passes_on(node, parent):
        node, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type == "assignment_expression" and _is_field(parent, "right", node):
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
    for use in about.source.leaves(text(name).encode("utf8", "surrogateescape")):
        if use.type != "identifier" or use.start_byte <= name.start_byte or use.end_byte > within.end_byte:
            continue
        node, parent = use, use.parent
        while parent is not None and _passes_on(node, parent):
            node, parent = parent, parent.parent
        if parent is None or parent.type != "assignment_expression" or not _is_field(parent, "right", node):
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
        stored = left is not None and left.type == "subscript_expression" and _is_field(parent, "right", node)
        return stored and above is not None and above.type in {"assignment_expression", "parenthesized_expression"}
    if parent.type == "binary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and operator.type in {"||", "??"} and _is_field(parent, "left", node)
    return parent.type == "ternary_expression" and not _is_field(parent, "condition", node)


def _repeats(place: Node, within: Node) -> bool:
    """Whether it is done again and again: in a loop, or in a function that is called for each of a list."""
    parent = place.parent
    while parent is not None and parent.id != within.id:
        if parent.type in _LOOPS:
            return True
        parent = parent.parent
    return _each(within) is not None


def _each(function: Node) -> Node | None:
    """The list whose elements a callback gets: `list.forEach(function (key) {…})`."""
    given = function.parent
    call = given.parent if given is not None and given.type == "arguments" else None
    callee = call.child_by_field_name("function") if call is not None else None
    name = callee.child_by_field_name("property") if callee is not None else None
    if callee is None or name is None or text(name) not in _EACH:
        return None
    return callee.child_by_field_name("object")


def _calls_itself(call: Node, within: Node, target: Node, index: int, about: About) -> bool:
    """Whether a function calls itself with `o[key]` where it took `o`, and less of a list than it was given."""
    callee = call.child_by_field_name("function") if call.type == "call_expression" else None
    name = callee.child_by_field_name("property") if callee is not None else None
    called = text(name or callee) if callee is not None else ""
    binding = about.values.parameter(target)
    if called not in function_names(within) or binding is None or binding.index != index:
        return False
    return any(_is_list(given, about) for given in arguments_of(call)[index + 1 :] if given.type != "identifier")


def _is_chosen(key: Node, about: About, depth: int = 4) -> bool:
    """Whether a key is an element of a list that came from outside."""
    key = bare(key)
    if depth == 0:
        return False
    if key.type == "subscript_expression":
        owner, index = key.child_by_field_name("object"), key.child_by_field_name("index")
        return owner is not None and index is not None and index.type != "string" and _is_list(owner, about)
    if key.type == "call_expression":
        callee = key.child_by_field_name("function")
        name = callee.child_by_field_name("property") if callee is not None else None
        owner = callee.child_by_field_name("object") if callee is not None else None
        if owner is not None and name is not None and text(name) in _TAKING:
            return _is_list(owner, about)
        return any(_is_chosen(given, about, depth - 1) for given in arguments_of(key)[:1])
    if key.type != "identifier":
        return False
    binding = about.values.binding(key)
    if binding is None:
        return False
    if binding.is_parameter and binding.index == 0 and (listed := _each(binding.scope.node)) is not None:
        return _is_list(listed, about)
    for write in binding.writes:
        if write.at.type == "for_in_statement":
            right, of = write.at.child_by_field_name("right"), write.at.child_by_field_name("operator")
            if right is not None and of is not None and of.type == "of" and _is_list(right, about):
                return True
        elif write.value is not None and not write.path and _is_chosen(write.value, about, depth - 1):
            return True
    return False


def _is_list(node: Node, about: About) -> bool:
    """A list that a caller gave, or that a text was split into. One character of a text is no name."""
    node = bare(about.values.constant(node))
    if node.type == "identifier":
        binding = about.values.binding(node)
        if binding is None or binding.is_parameter:
            return binding is not None
        return any(write.value is not None and _is_list(write.value, about) for write in binding.writes[:4])
    if node.type in {"ternary_expression", "binary_expression"}:
        return any(_is_list(child, about) for child in node.named_children[-2:])
    if node.type != "call_expression":
        return False
    callee = node.child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else callee
    owner = callee.child_by_field_name("object") if callee is not None else None
    method = text(name or callee) if callee is not None else ""
    if method == "split" and owner is not None:
        by = arguments_of(node)[:1]
        return bool(by) and text(by[0])[1:-1] != "" and _is_from_outside(owner, about)
    if method in {"keys", "entries", "values", "getOwnPropertyNames"}:
        return False
    if method in _LISTS - {"parse", "toPath", "match"} and owner is not None:
        return _is_list(owner, about)
    return bool(arguments_of(node))


def _is_from_outside(node: Node, about: About, depth: int = 4) -> bool:
    """Whether a text may be one that a caller chose; one out of a list that was made here is not."""
    node = bare(node)
    if node.type != "identifier" or depth == 0:
        return node.type not in {"string", "template_string"}
    binding = about.values.binding(node)
    if binding is None or binding.is_parameter or not binding.writes:
        return True
    for write in binding.writes:
        right = write.at.child_by_field_name("right") if write.at.type == "for_in_statement" else write.value
        if right is not None and (bare(right).type != "array" and _is_from_outside(right, about, depth - 1)):
            return True
    return False


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
        return given[1].type == "identifier" and _is_chosen(given[1], about)
    return False


def _follows(name: Node, target: Node, about: About) -> bool:
    """Whether a variable is given what the walk has reached: `parent = o`."""
    binding = about.values.binding(name)
    given = [write.value for write in binding.writes if not write.path] if binding is not None else []
    return any(v is not None and v.type == "identifier" and about.values.same_place(v, target) for v in given)


def _is_checked(step: Step, about: About) -> bool:
    """Whether something that the functions around say, or what they call, may keep the walk inside of the object."""
    near = around(step.place, about)[:3]
    said = "\n".join(consulted(function, about) for function in near)
    if any(_OWN.search(text(function)) for function in near) or _CHECKS.search(said) or _looks_up(step, about):
        return True
    own = text(step.within)
    closed = "constructor" in said or "'prototype'" in said or '"prototype"' in said or _OBJECTS_ONLY.search(own)
    return "__proto__" in said and bool(closed)


def _looks_up(step: Step, about: About) -> bool:
    """Whether the key is looked up in some set that is not written here: `reserved.has(key)`."""
    key = re.escape(text(step.key))
    for found in re.finditer(rf"\b([\w$]+)\.(has|includes|test)\(\s*(?:String\()?{key}\b", text(step.within)):
        named = [leaf for leaf in about.source.leaves(found[1].encode()) if about.function(leaf) is not None]
        if any(about.values.constant(leaf).type in {"identifier", "call_expression"} for leaf in named[:1]):
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


def _is_field(parent: Node, field: str, node: Node) -> bool:
    child = parent.child_by_field_name(field)
    return child is not None and child.id == node.id


KINDS = {
    "walked_key": Kind(
        walked_key, (1, 1), lambda _: frozenset({"split", "shift", "slice", "keys", "path", "parts", "length"}),
        "a key from a caller by which an object is walked down, unchecked", walked_places,
    ),
}  # fmt: skip
