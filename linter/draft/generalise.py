"""From code to the pattern of a rule: what a program calls its locals becomes metavariables, the rest stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tree_sitter import Node

from ..datatype import dataclass, field
from ..source import FUNCTIONS, text, walk

# Names that mean the same in every program, and so stay; so does what begins with a capital letter.
_GLOBALS = frozenset({
    "arguments", "clearImmediate", "clearInterval", "clearTimeout", "console", "decodeURIComponent", "document",
    "encodeURIComponent", "exports", "fetch", "global", "globalThis", "isNaN", "module", "parseFloat", "parseInt",
    "process", "queueMicrotask", "require", "setImmediate", "setInterval", "setTimeout", "structuredClone", "window",
})  # fmt: skip
# Modules of Node that hardly anything else is called after; `stream` or `url` is as often a value.
_MODULES = frozenset({
    "assert", "child_process", "cluster", "crypto", "dgram", "dns", "fs", "http", "http2", "https", "net", "os", "tls",
    "util", "vm", "zlib",
})  # fmt: skip
_NAMES = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})
_HIDDEN = frozenset({"comment"})


@dataclass(slots=True)
class Names:
    """The metavariables that a draft proposes."""

    metavariables: dict[str, str] = field(default_factory=dict)  # name in the code -> $NAME
    modules: set[str] = field(default_factory=set)  # those that stand for a module of Node
    bound: dict[str, None] = field(default_factory=dict)  # an ordered set: the names in code that a pattern has bound
    kept: frozenset[str] = frozenset()  # names that stay as they are

    def pattern(self, nodes: Sequence[Node], *, shorten: bool = True) -> str:
        """The code of these statements as a pattern; what their functions do becomes `...` if `shorten`."""
        for node in nodes:
            self.bound |= dict.fromkeys(name for name in _locals(node, shorten) if name not in self.kept)
            self.modules |= {name for name in self.bound if name in _MODULES and name not in _declared(_root(node))}
        return self._written(nodes, self.bound, shorten)

    def template(self, nodes: Sequence[Node], *, shorten: bool = True) -> str:
        """The same code as a `+` line may have it: only with metavariables that some pattern has bound."""
        return self._written(nodes, self.bound, shorten)

    def unbound(self, nodes: Iterable[Node]) -> list[str]:
        """The locals of this code that no pattern binds and that it does not declare: to be checked by a human."""
        nodes = list(nodes)
        own = {name for node in nodes for name in _declared(node)}
        used = dict.fromkeys(name for node in nodes for name in _locals(node, False))
        return [name for name in used if name not in self.bound and name not in own]

    def _written(self, nodes: Sequence[Node], names: Iterable[str], shorten: bool) -> str:
        return "\n".join(_cut(node, {name: self._metavariable(name) for name in names}, shorten) for node in nodes)

    def _metavariable(self, name: str) -> str:
        if name not in self.metavariables:
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
            base = re.sub(r"[^A-Z0-9]+", "_", words).strip("_0123456789") or "X"
            taken = set(self.metavariables.values())
            free = next(f"${base}{n or ''}" for n in range(len(taken) + 2) if f"${base}{n or ''}" not in taken)
            self.metavariables[name] = free
        return self.metavariables[name]


def guard(node: Node) -> Node:
    """The part of a statement by which its presence is known: the condition of an `if`, else all of it."""
    if node.type == "if_statement":
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.named_children:
            return condition.named_children[0]
    if node.type == "expression_statement" and node.named_children:
        return node.named_children[0]
    return node


def unshared(one: Node, others: Iterable[Node]) -> frozenset[str]:
    """The locals of one piece of code that are not the others'."""
    return frozenset(_locals(one, False)).difference(*(_locals(other, False) for other in others))


def shared(one: Node, others: Iterable[Node]) -> int:
    """How much one piece of code is about the same things as others: a property of the same thing counts most."""
    mine, theirs = _things(one), set().union(*(_things(other) for other in others))
    return sum(3 if "." in thing else 1 for thing in mine & theirs)


def _things(root: Node) -> set[str]:
    """The locals of some code, and the properties it names: `req.head`, `this.timer`."""
    members = {
        "".join(text(node).split())
        for node in walk(root)
        if node.type == "member_expression" and node.named_children[0].type in {"this", "identifier"}
    }
    return members | set(_locals(root, False))


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _locals(root: Node, shorten: bool) -> list[str]:
    """The names of a piece of code that a rule should not depend on, in order of appearance."""
    skipped = {body.id for body in _bodies(root)} if shorten else set()
    found: list[str] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.id in skipped:
            continue
        if node.type in _NAMES and not _stays(node):
            found.append(text(node))
        stack.extend(reversed(node.children))
    return found


def _stays(name: Node) -> bool:
    """Whether a name says what it is: a global, a class, or a function that is called by it."""
    if text(name) in _GLOBALS or text(name)[:1].isupper():
        return True
    parent = name.parent
    if parent is None or parent.type not in {"call_expression", "new_expression"}:
        return parent is not None and parent.type in FUNCTIONS and parent.child_by_field_name("name") == name
    callee = parent.child_by_field_name("function") or parent.child_by_field_name("constructor")
    return callee == name and text(name) not in _MODULES


def _declared(root: Node) -> set[str]:
    """What this code declares itself."""
    return {text(node) for node in walk(root) if node.type in _NAMES and _is_declaration(node)}


def _is_declaration(name: Node) -> bool:
    parent = name.parent
    if parent is None:
        return False
    if parent.type == "variable_declarator":
        return parent.child_by_field_name("name") == name
    return parent.type == "formal_parameters" or (
        parent.type == "arrow_function" and parent.child_by_field_name("parameter") == name
    )


def _bodies(root: Node) -> list[Node]:
    """The blocks in a statement that say how, not what: bodies of functions and branches."""
    return [node for node in walk(root) if node.type == "statement_block" and node.parent is not None and node != root]


def _cut(root: Node, names: dict[str, str], shorten: bool) -> str:
    """The code of a node with its names replaced, and its blocks shortened to `{ ... }`."""
    data, start = root.text or b"", root.start_byte
    edits: list[tuple[int, int, str]] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if shorten and node.type == "statement_block" and node != root and node.named_children:
            edits.append((node.start_byte, node.end_byte, "{ ... }"))
        elif node.type in _HIDDEN:
            edits.append((node.start_byte, node.end_byte, ""))
        elif node.type in _NAMES and text(node) in names and not _stays(node):
            new = names[text(node)]
            pair = node.type == "shorthand_property_identifier"
            edits.append((node.start_byte, node.end_byte, f"{text(node)}: {new}" if pair else new))
        else:
            stack.extend(node.children)
    for first, last, new in sorted(edits, reverse=True):
        data = data[: first - start] + new.encode() + data[last - start :]
    return _dedented(data.decode("utf8", "replace"), root)


def _dedented(code: str, root: Node) -> str:
    """Without the indentation that the first line had in its file."""
    lines = code.split("\n")
    depth = root.start_point[1]
    return "\n".join([lines[0], *(line[min(depth, len(line) - len(line.lstrip())) :] for line in lines[1:])])
