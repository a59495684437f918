"""Timers that give up on something: `setTimeout(() => reject(…), ms)`, with nothing that stops them when it is done."""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, meaningful, parameters
from ..matcher import Env
from ..naming import called_method
from ..regexes import regex
from ..source import FUNCTIONS, text
from ..values import arguments_of
from ..values.scopes import Binding
from .kind import Kind, no_words

_REJECTING = regex(r"(?i)^(?:reject|rej|fail|onerror|abort)$")
_CALLBACK = regex(r"(?i)^(?:cb|callback|done|next|fn|finish)$")
_ERROR = regex(r"(?i)\bnew\s+\w*Error\b|\bError\s*\(|time(?:d|s)?[ _-]?out")


def deadline(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The function of a timer whose handle nobody keeps: all it does is to fail what something else may end first."""
    call = _call(node)
    if call is None or not _is_dropped(call):
        return False
    settle = _settled(bare(node), about)
    return settle is not None and _may_end_first(settle, call, about)


def other_deadline(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> bool:
    """Such a function in a form for which it cannot be said at once where the timer is to be cleared."""
    return deadline(node, about, env, arguments) and not _is_easy(node, about)


def _is_easy(node: Node, about: About) -> bool:
    """Whether it is raced where it is made, or right behind a call that gets what settles the promise."""
    call = _call(node)
    function = about.function(call) if call is not None else None
    promise = _promise(function) if function is not None else None
    steps = meaningful(function.child_by_field_name("body") or function) if function is not None else []
    if promise is not None and _in_race(promise) and (len(steps) == 1 or (steps and call in steps)):
        return True
    if call is not None and promise is not None and _in_race(promise) and call.parent is not None:
        return call.parent.type == "arrow_function"
    before = call.parent.prev_named_sibling if call is not None and call.parent is not None else None
    made = meaningful(before)[0] if before is not None and before.type == "expression_statement" else None
    if made is None or made.type != "call_expression":
        return False
    given = arguments_of(made)
    method = called_method(made)
    fits = (len(given) == 2 and method == "then") or (len(given) == 3 and not method)
    return fits and all(place(each, about, {}, ()) for each in given[-2:])


def _call(node: Node) -> Node | None:
    given = bare(node).parent
    call = given.parent if given is not None and given.type == "arguments" else None
    return call if call is not None and call.type == "call_expression" and len(arguments_of(call)) > 1 else None


def _is_dropped(call: Node) -> bool:
    """A statement, or all that the function of `new Promise` does."""
    parent = call.parent
    if parent is None:
        return False
    if parent.type == "arrow_function":
        return _promise(parent) is not None
    if parent.type == "unary_expression":  # void setTimeout(…)
        parent = parent.parent or parent
    return parent.type == "expression_statement"


def _settled(function: Node, about: About) -> Node | None:
    """What the timer calls to fail something: `reject`, `deferred.reject`, a callback that gets an error."""
    if function.type not in FUNCTIONS:
        named = function.type == "identifier" and _REJECTING.match(text(function))
        return function if named and about.values.parameter(function) is not None else None
    body = function.child_by_field_name("body")
    steps = meaningful(body) if body is not None and body.type == "statement_block" else [body] if body else []
    calls = [bare(meaningful(step)[0]) if step.type in {"expression_statement", "return_statement"} and meaningful(step)
             else bare(step) for step in steps]  # fmt: skip
    if not 1 <= len(calls) <= 3:
        return None
    last = calls[-1]
    plain = {"lexical_declaration", "variable_declaration", "expression_statement"}
    others = (step.type in plain for step in steps[:-1])
    if last.type != "call_expression" or not all(others):
        return None
    callee = bare(last.child_by_field_name("function") or last)
    name = callee.child_by_field_name("property") if callee.type == "member_expression" else callee
    if name is None:
        return None
    if _REJECTING.match(text(name)) and _is_ones_own(callee, function, about):
        return callee
    fails = _CALLBACK.match(text(name)) and callee.type == "identifier" and _ERROR.search(text(function))
    return callee if fails and _is_ones_own(callee, function, about) else None


def _is_ones_own(callee: Node, timer: Node, about: About) -> bool:
    """Whether what is failed belongs to a call around the timer: a parameter, or a variable of it."""
    target = callee.child_by_field_name("object") if callee.type == "member_expression" else callee
    binding = about.values.binding(target) if target is not None and target.type == "identifier" else None
    if binding is None or binding.scope.node.type == "program":
        return False
    return not timer.start_byte <= binding.declaration.start_byte < timer.end_byte


def _may_end_first(settle: Node, call: Node, about: About) -> bool:
    """Whether something else ends it: the promise is raced, or the same deferred or callback is handed on or called."""
    function = about.function(call)
    promise = _promise(function) if function is not None else None
    if promise is not None and _is_raced(promise, about):
        return True
    target = settle.child_by_field_name("object") if settle.type == "member_expression" else settle
    binding = about.values.binding(target) if target is not None else None
    if binding is None:
        return False
    names = [binding]
    if function is not None and promise is not None:
        names = [found for p in parameters(function) if (found := about.values.binding(p)) is not None]
    around = binding.scope.node
    return any(_is_used(one, settle, call, around, about) for one in names)


def _is_used(binding: Binding, settle: Node, call: Node, around: Node, about: About) -> bool:
    """Whether a name is handed on, or called from another function, on the same way as the timer is set."""
    for leaf in about.source.leaves(binding.name.encode("utf8", "surrogateescape")):
        inside = around.start_byte <= leaf.start_byte < around.end_byte
        if not inside or call.start_byte <= leaf.start_byte < call.end_byte or leaf.type != "identifier":
            continue
        if leaf.start_byte == binding.declaration.start_byte or about.values.binding(leaf) is not binding:
            continue
        if _is_other_branch(leaf, call):
            continue
        holder = _whole(leaf)
        settles = settle.type != "member_expression" or holder.type == "member_expression"
        name = holder.child_by_field_name("property") if holder.type == "member_expression" else None
        if name is not None and text(name) == "promise":
            continue
        parent = holder.parent
        is_handed = parent is not None and parent.type in {"arguments", "pair", "assignment_expression"}
        is_called = parent is not None and parent.type == "call_expression" and _is_later(leaf, call, about)
        if settles and (is_handed or is_called):
            return True
    return False


def _whole(leaf: Node) -> Node:
    parent = leaf.parent
    owner = parent.child_by_field_name("object") if parent is not None and parent.type == "member_expression" else None
    return parent if parent is not None and owner is not None and owner.id == leaf.id else leaf


def _is_later(leaf: Node, call: Node, about: About) -> bool:
    """Whether a name is used in another function than the one that sets the timer: a callback of what may end first."""
    one, other = about.function(leaf), about.function(call)
    return one is not None and (other is None or one.id != other.id)


def _is_other_branch(leaf: Node, call: Node) -> bool:
    """Whether an `if` around the timer has the name in its other branch."""
    node = call
    while node.parent is not None and node.type not in FUNCTIONS:
        parent = node.parent
        if parent.type in {"if_statement", "ternary_expression", "else_clause", "switch_body"}:
            inside = node.start_byte <= leaf.start_byte < node.end_byte
            if not inside and parent.start_byte <= leaf.start_byte < parent.end_byte:
                return True
        node = parent
    return False


def _promise(function: Node) -> Node | None:
    """The `new Promise(…)` that runs the function."""
    made = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    callee = made.child_by_field_name("constructor") if made is not None and made.type == "new_expression" else None
    return made if callee is not None and text(callee).endswith("Promise") else None


def _is_raced(promise: Node, about: About) -> bool:
    """Whether a promise is one of those that `Promise.race` or `Promise.any` gets, by itself or by a name."""
    parent = promise.parent
    if parent is not None and parent.type == "variable_declarator":
        name = parent.child_by_field_name("name")
        uses = about.source.leaves((name.text or b"") if name is not None else b"")
        binding = about.values.binding(name) if name is not None else None
        return any(_in_race(use) for use in uses if binding is not None and about.values.binding(use) is binding)
    return _in_race(promise)


def _in_race(node: Node) -> bool:
    array = node.parent
    call = array.parent.parent if array is not None and array.type == "array" and array.parent is not None else None
    callee = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    return callee is not None and text(callee).endswith("Promise.race")


def place(node: Node, _about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A name, or a property of one, that can be called later as it can be now."""
    node = bare(node)
    while node.type == "member_expression":
        node = bare(node.child_by_field_name("object") or node)
    return node.type in {"identifier", "this"}


KINDS = {
    "deadline": Kind(
        deadline, (0, 0), lambda _: frozenset({"setTimeout"}),
        "a function that only fails what something else may end first, of a timer that nobody keeps",
    ),
    "other_deadline": Kind(
        other_deadline, (0, 0), lambda _: frozenset({"setTimeout"}),
        "such a function in a form for which it cannot be said at once where to clear the timer",
    ),
    "place": Kind(place, (0, 0), no_words, "a name, or a property of one"),
}  # fmt: skip
