"""The `-` and `+` lines of a rule, at the place it matched, as a Fix: which bytes change, and how safe that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from ..cfg import Graph, Step
from ..datatype import dataclass
from ..edit import Edit, Fix, Safety
from ..matcher import Env
from ..notation.semantic_patch import Code, Dots, Plus, SemanticPatch
from ..paths import Meeting, Paths, Route, reaches
from ..pattern import compile_template
from ..source import Source, walk
from .doubts import loses_comment, read_by_closure, repeated, sometimes
from .places import after, around, at_end, at_start, before, instead, is_simple, removed, statement_of
from .style import quoted
from .tokens import instantiate, rewrite


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a fix, and what makes it doubtful ("" when nothing does)."""

    edits: tuple[Edit, ...]
    doubt: str = ""


class _Impossible(Exception):
    """There is no edit that does what the rule says at this place."""


def fix_flat(patch: SemanticPatch, node: Node, env: Env, source: Source) -> Fix | None:
    """The fix of a rule that is one pattern: its tokens rewritten, or statements put around the one it is in."""
    code = patch.codes[0]
    pieces: list[_Piece] = []
    try:
        if code.plus is not None:
            pieces.append(_rewritten(code, node, env, source))
        first = patch.items.index(code)
        for index, item in enumerate(patch.items):
            if isinstance(item, Plus):
                place = _before if index < first else _after
                piece = place(node, _instance(item.text, env, source), source)
                pieces.append(_doubted(piece, repeated("", item.text, env)))
    except _Impossible:
        return None
    return _together(pieces)


def fix_route(patch: SemanticPatch, route: Route, paths: Paths, source: Source) -> Fix | None:
    """The fix of a rule with paths. Safe only where it is right on every path that leads to the place it changes."""
    pieces: list[_Piece] = []
    try:
        for meeting in route.meetings:
            if meeting.code.plus is not None:
                piece = _rewritten(meeting.code, meeting.node, route.env, source)
                pieces.append(_Piece(piece.edits, piece.doubt or _second_path(meeting, route, paths)))
        for index, item in enumerate(patch.items):
            if isinstance(item, Plus):
                pieces.extend(_added(index, item, patch, route, paths, source))
    except _Impossible:
        return None
    return _together(pieces)


def _together(pieces: list[_Piece]) -> Fix | None:
    edits = tuple(_merged(edit for piece in pieces for edit in piece.edits))
    doubts = list(dict.fromkeys(piece.doubt for piece in pieces if piece.doubt))
    if not edits:
        return None
    return Fix(edits, Safety.SUGGESTED if doubts else Safety.SAFE, "; ".join(doubts))


def _merged(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in order of place; of several insertions at one place the first given comes first."""
    merged: dict[tuple[int, int], Edit] = {}
    for edit in dict.fromkeys(edits):
        known = merged.get((edit.start, edit.end))
        text = known.text + edit.text if known is not None and edit.start == edit.end else edit.text
        merged[edit.start, edit.end] = Edit(edit.start, edit.end, text)
    return sorted(merged.values())


# -- what goes and what it becomes -----------------------------------------------------------


def _rewritten(code: Code, node: Node, env: Env, source: Source) -> _Piece:
    plus = code.plus or ""
    if not plus.strip():
        statement = _whole_statement(node)
        if statement.type not in {"expression_statement", node.type}:
            raise _Impossible
        edits: tuple[Edit, ...] | None = removed(statement, source)
    elif _is_several(plus):
        edits = instead(_whole_statement(node), _instance(plus, env, source), source)
    else:
        pad = (source.newline + source.indentation(node.start_byte)).decode()
        fitting = plus.replace("\n", pad)
        edits = rewrite(code.text, fitting, node, env, lambda new: quoted(new, source))
    if edits is None:
        raise _Impossible
    return _Piece(edits, loses_comment(edits, node, source) or repeated(code.text, plus, env))


def _is_several(code: str) -> bool:
    return len(compile_template(code).named_children) > 1


def _whole_statement(node: Node) -> Node:
    """The statement that does what the node says and nothing more."""
    statement = statement_of(node)
    if statement is None or _is_part(node, statement):
        raise _Impossible
    return statement


def _is_part(node: Node, statement: Node) -> bool:
    """Whether the statement does more than the node says."""
    whole = statement.type == "expression_statement" and statement.named_children[0].id == node.id
    return node.id != statement.id and not whole


# -- what comes --------------------------------------------------------------------------------


def _added(
    index: int, item: Plus, patch: SemanticPatch, route: Route, paths: Paths, source: Source
) -> Iterator[_Piece]:
    """New statements go next to the line they stand next to in the rule, or, beside dots, to the ways out."""
    text = _instance(item.text, route.env, source)
    again = repeated("", item.text, route.env)
    above = patch.items[index - 1] if index else None
    below = next((i for i in patch.items[index + 1 :] if not isinstance(i, Plus)), None)
    if isinstance(above, Code):
        meeting = _meeting(above, route)
        yield _doubted(_after(meeting.node, text, source), _second_path(meeting, route, paths) or again)
    elif isinstance(below, Code):
        meeting = _meeting(below, route)
        yield _doubted(_before(meeting.node, text, source), _second_path(meeting, route, paths) or again)
    elif above is None and patch.header is not None:
        edits = at_start(paths.graph.scope, text, source)
        if edits is None:
            raise _Impossible
        yield _Piece(edits, again)
    elif isinstance(above, Dots):
        later = read_by_closure(item.text, paths.graph.scope, paths.matcher, route.env, source)
        for piece in _released(text, above, route, paths, source):
            yield _doubted(piece, again or later)
    else:
        raise _Impossible


def _instance(template: str, env: Env, source: Source) -> str:
    return instantiate(quoted(template, source), env).decode("utf8", "surrogateescape")


def _meeting(code: Code, route: Route) -> Meeting:
    return next(meeting for meeting in route.meetings if meeting.code is code)


def _doubted(piece: _Piece, doubt: str) -> _Piece:
    return _Piece(piece.edits, piece.doubt or doubt)


def _before(node: Node, text: str, source: Source) -> _Piece:
    statement = statement_of(node)
    if statement is None:
        raise _Impossible
    return _Piece(before(statement, text, source), sometimes(node, statement))


def _after(node: Node, text: str, source: Source) -> _Piece:
    statement = statement_of(node)
    if statement is None or not is_simple(statement) or statement.type in {"return_statement", "throw_statement"}:
        raise _Impossible
    return _Piece(after(statement, text, source), sometimes(node, statement))


def _second_path(meeting: Meeting, route: Route, paths: Paths) -> str:
    """Whether this place can be reached without the lines of the rule that come before it."""
    earlier = [m for m in route.meetings if m.node.start_byte != meeting.node.start_byte]
    earlier = earlier[: route.meetings.index(meeting)]
    if not earlier:
        return ""
    anchors = paths.steps_with(earlier[-1].code.pattern, route.env)
    if reaches([paths.graph.entry], meeting.step, [s for s in anchors if s is not meeting.step]):
        return "another path reaches this line"
    return ""


# -- release on the ways out -------------------------------------------------------------------


def _released(text: str, dots: Dots, route: Route, paths: Paths, source: Source) -> Iterator[_Piece]:
    anchor = route.meetings[-1]
    anchors = paths.steps_with(anchor.code.pattern, route.env)
    falls = [step for step in route.leaks if not _leaves(step)]
    for leak in route.leaks:
        if leak in falls:
            continue
        yield _before_leaving(leak, text, dots, anchors, route, paths, source)
    for leak in [step for step in falls if _returned_through(step.node, paths.graph.scope)]:
        falls.remove(leak)
        last = statement_of(leak.node) if leak.node is not None else None
        if last is None or not is_simple(last):
            raise _Impossible
        yield _Piece(after(last, text, source), _doubt(leak, dots, anchors, route, paths))
    if falls:
        edits = at_end(paths.graph.scope, text, source)
        if edits is None:
            raise _Impossible
        ends = [step for step in paths.graph.steps() if paths.graph.exit in step.next and not _leaves(step)]
        every = [step for step in ends if not _returned_through(step.node, paths.graph.scope)]
        doubts = (_doubt(step, dots, anchors, route, paths) for step in every)
        yield _Piece(edits, next((doubt for doubt in doubts if doubt), ""))


def _returned_through(node: Node | None, scope: Node) -> bool:
    """Whether a node is in a `finally` that a `return` of its `try` passes on its way out of the function."""
    while node is not None and node.id != scope.id:
        parent = node.parent
        if node.type == "finally_clause" and parent is not None:
            parts = [part for part in parent.named_children if part.id != node.id]
            return any(n.type == "return_statement" for part in parts for n in walk(part, into_functions=False))
        node = parent
    return False


def _leaves(step: Step) -> bool:
    return step.node is not None and step.node.type in {"return_statement", "throw_statement"}


def _before_leaving(
    leak: Step, text: str, dots: Dots, anchors: list[Step], route: Route, paths: Paths, source: Source
) -> _Piece:
    node = leak.node
    assert node is not None
    doubt = _doubt(leak, dots, anchors, route, paths)
    if not _busy(node):
        shown = "what is returned may still need the value" if _mentions(node, route.env) else ""
        return _Piece(before(node, text, source), doubt or shown)
    edits = around(node, text, source)
    if edits is None:
        raise _Impossible
    return _Piece(edits, doubt or "what is returned may still need the value")


def _busy(node: Node) -> bool:
    """Whether the expression that is returned or thrown does anything: then the value may be needed there."""
    busy = {
        "call_expression", "new_expression", "await_expression", "yield_expression", "member_expression",
        "assignment_expression", "augmented_assignment_expression", "update_expression",
    }  # fmt: skip
    return any(inner.type in busy for inner in walk(node, into_functions=False))


def _mentions(node: Node, env: Env) -> bool:
    """Whether what is returned or thrown names something that is bound: the caller gets it, and may read on."""
    bound = {value.text for name, value in env.items() if name.startswith("$") and value.type == "identifier"}
    return any(inner.type == "identifier" and inner.text in bound for inner in walk(node, into_functions=False))


def _doubt(leak: Step, dots: Dots, anchors: list[Step], route: Route, paths: Paths) -> str:
    """Why releasing before this way out may be wrong on some path that leads to it."""
    graph: Graph = paths.graph
    if leak not in anchors and reaches([graph.entry], leak, anchors):
        return "another path reaches this way out"
    releases = [step for step in graph.steps() if step not in anchors and paths.blocked(dots, step, route.env)]
    if any((step is leak or reaches(step.next, leak, anchors)) and _follows(step, anchors) for step in releases):
        return "on another path it is released already"
    return ""


def _follows(step: Step, anchors: list[Step]) -> bool:
    return any(reaches(anchor.next, step, []) for anchor in anchors)
