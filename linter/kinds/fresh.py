"""Names for the variables that a fix brings: ones that mean nothing yet where they come."""

from __future__ import annotations

from itertools import count

from tree_sitter import Node, Tree

from ..about import About
from ..matcher import Env
from ..parsing import parse
from ..source import FUNCTIONS, text
from .kind import made


def snippet(code: str, about: About) -> Node:
    """The node of an expression that is not in the file; it lives as long as what is known about the file."""
    tree = parse(code.encode("utf8", "surrogateescape"))
    about.once("snippets", list[Tree]).append(tree)
    return tree.root_node.named_children[0].named_children[0]


def fresh(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> Node:
    """The name that is asked for, with a number behind it where the outermost function around has one like it."""
    around, here = node, None
    while around.parent is not None:
        around = around.parent
        here = around if around.type in FUNCTIONS else here
    taken = {text(name) for name in about.source.nodes("identifier", "shorthand_property_identifier", within=here)}
    names = (f"{arguments[0]}{number or ''}" for number in count() if number != 1)
    return snippet(next(name for name in names if name not in taken), about)


KINDS = {"fresh": made(fresh, (1, 1), "a name that means nothing yet where it comes")}
