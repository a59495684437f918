"""Where in a file a patch may match, told before anything is matched: by names it needs, and by what its kinds know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tree_sitter import Node

from .about import About
from .kinds import KINDS
from .matcher import Matcher
from .notation.semantic_patch import SemanticPatch
from .pattern import Pattern, anchor_of, node_kinds
from .source import FUNCTIONS, climbed, contains, walk
from .spellings import CALLED

# By metavariable, the offsets where something of its kinds can begin.
Places = Mapping[str, frozenset[int]]

# Parentheses, casts and the like that may stand between a name and what it is part of.
_WRAPPING = 3
_UPWARDS = 64  # levels from where something begins to what it is a part of: no chain of calls is longer
_FEW = 1000  # offsets: around more of them there are too many functions to be looked for one by one


def places_of(patch: SemanticPatch, about: About) -> Places:
    """For each metavariable whose kinds can tell: the offsets where something of them can begin. Raises HiddenError."""
    found: dict[str, frozenset[int]] = {}
    for name, kinds in patch.kinds.items():
        known = [KINDS[kind].places for kind, *_ in kinds]
        if kinds and None not in known:
            found[name] = frozenset().union(*(places(about) for places in known if places is not None))
            if not found[name]:
                break
    about.source.show_all(offset for offsets in found.values() for offset in offsets)
    return found


def candidates(pattern: Pattern, about: About, places: Places) -> list[Node]:
    """The nodes a pattern may match at: around a name or place that it needs, where it needs one, else all of them.

    Raises HiddenError.
    """
    if (near := _near(pattern, about, places)) is not None:
        return near
    kinds = node_kinds(pattern)
    if not kinds:
        return [node for node in walk(about.source.root) if node.is_named]
    about.source.show(*(word.encode() for word in pattern.words()))
    return nodes_of(about, kinds)


def _near(pattern: Pattern, about: About, places: Places) -> list[Node] | None:
    """The nodes around a name or a place that a pattern needs; None when it needs none."""
    kinds, begins = node_kinds(pattern), _begins(pattern, places)
    if kinds and begins is None and (anchor := anchor_of(pattern)) is not None:
        behind = CALLED if anchor.is_called else None
        leaves = (leaf for word in anchor.words for leaf in about.values.named(word, behind).values())
        return climbed(leaves, kinds, anchor.depth + _WRAPPING)
    if begins is None:
        return None
    around = {node.id: node for offset in begins for node in _path(about.source.root, offset)[-_UPWARDS - 1 :]}
    fitting = (node for node in around.values() if (node.type in kinds if kinds else node.is_named))
    return sorted(fitting, key=lambda n: (n.start_byte, -n.end_byte))


def _path(root: Node, offset: int) -> list[Node]:
    """The nodes around an offset, the root first: in one descent, for each look for a parent is one of its own."""
    cursor, path = root.walk(), [root]
    while cursor.goto_first_child_for_byte(offset) is not None:
        node = cursor.node
        if node is None or not node.start_byte <= offset < node.end_byte:
            break
        path.append(node)
    return path


def _begins(pattern: Pattern, places: Places) -> frozenset[int] | None:
    """The offsets where something in the pattern can begin, of the metavariable with the fewest of them."""
    known = (places[name] for name in pattern.metavariables() if name in places)
    return min(known, key=len, default=None)


def nodes_of(about: About, kinds: Iterable[str]) -> list[Node]:
    """All nodes of these kinds that are not hidden: patches ask for the same few again and again."""
    wanted = sorted(kinds)
    return about.once(f"nodes {' '.join(wanted)}", lambda: about.source.shown(*wanted))


def scopes_of(patch: SemanticPatch, about: About, places: Places, offsets: Sequence[Sequence[int]]) -> list[Node]:
    """The root and the functions, in order, in which all lines of the patch may match.

    Of each of `offsets` one lies in what the patch matches.
    """
    known = _fitting(patch, about, places)
    least = min(offsets, key=len, default=())
    # What a header that is none of a function matches may hold more than the function.
    if known is None and 0 < len(least) < _FEW and (patch.header is None or patch.header.kind == "function"):
        known = {node.id: node for offset in least for node in _path(about.source.root, offset)}
    if known is None:
        return [about.source.root, *nodes_of(about, FUNCTIONS)]
    root = about.source.root
    found = sorted(known.values(), key=lambda n: (n.start_byte, -n.end_byte))
    return [*([root] if root.id in known else []), *(node for node in found if node.type in FUNCTIONS)]


def _fitting(patch: SemanticPatch, about: About, places: Places) -> dict[int, Node] | None:
    """By id, those in which each line may match; None when that cannot be told."""
    anything = Matcher(about.values, lambda _name, _node, _env: True)
    within: dict[int, Node] | None = None
    # What begins at places that are known is quickly found, and often there is none.
    for pattern, begins in sorted(_lines(patch, places), key=lambda line: not line[1]):
        # Of a file that is parsed in part, names are not asked for: more of it would be parsed for their sake.
        if _is_deep(pattern) or (about.source.hidden and (not begins or _is_nested(pattern))):
            continue
        if (near := _near(pattern, about, begins)) is None:
            continue
        fitting = (node for node in near if next(anything.matches(pattern, node, {}), None) is not None)
        owners = {owner.id: owner for node in fitting for owner in _owners(node, about)}
        within = {key: node for key, node in owners.items() if within is None or key in within}
        if not within:
            break
    return within if within is None else within | _unread(about)


def _unread(about: About) -> dict[int, Node]:
    """By id, the functions whose bodies are hidden: nobody knows the places in them."""

    def found() -> Iterator[tuple[int, Node]]:
        for start, _ in about.source.hidden:
            node = about.source.root.descendant_for_byte_range(start, start + 1)
            while node is not None and node.type not in FUNCTIONS:
                node = node.parent
            if node is not None:
                yield node.id, node

    return about.once("unread", lambda: dict(found()))


def _lines(patch: SemanticPatch, places: Places) -> Iterator[tuple[Pattern, Places]]:
    """The lines of code, each with the places of what it is the first to bind: from then on it may be anywhere."""
    bound = patch.header.metavariables() if patch.header is not None else frozenset[str]()
    for code in patch.codes:
        names = code.pattern.metavariables() - bound
        bound |= names
        yield code.pattern, {name: places[name] for name in names if name in places}


def _is_deep(pattern: Pattern) -> bool:
    """Whether an instance may be any number of levels above what it is found by."""
    return pattern.kind == "<>" or any(map(_is_deep, pattern.parts))


def _is_nested(pattern: Pattern) -> bool:
    """Whether what it is found by may be in a function that is made there."""
    return pattern.kind == "function" or any(map(_is_nested, pattern.parts))


def _owners(node: Node, about: About) -> Iterator[Node]:
    """The functions, or the root, whose paths may meet a node: the innermost around it, and one of whose head it is a
    part, a default or a computed name, may meet it in the one around as well."""
    offset = node.start_byte
    while True:
        function = about.values.scopes.function(offset) if offset >= 0 else None
        if function is None:
            yield about.source.root
            return
        body = function.child_by_field_name("body")
        if not contains(node, function):
            yield function
            if body is None or node.start_byte >= body.start_byte:
                return
        offset = function.start_byte - 1
