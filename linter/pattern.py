"""JavaScript with holes: `$X` binds a value, `...` stands for any run of siblings, `<... P ...>` for P anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tree_sitter import Node

from .datatype import dataclass
from .isomorphisms import METHODS, Shape, bare, shape, shorthand_pair
from .parsing import parse
from .regexes import regex
from .source import FUNCTIONS, text, walk

Part = Node | Shape

DOTS = "__dots__"
WITHIN = "__within__"
BODY = "__body__"  # stands for the path that a rule spells out between a function's braces
_DEEPEST = 100  # matching takes a few frames of Python's stack for each level
METAVARIABLE = regex(r"\$(_|[A-Z][A-Z0-9_]*)$")
_ELLIPSIS = regex(r"\.\.\.(?![\w$\[({])")
_WORD = regex(r"[\w$]{3,}")


class PatternError(ValueError):
    """A pattern that is not one JavaScript expression or statement; `offset` is where in its text (characters)."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape with holes. `kind` "$" is a metavariable, "..." a run of siblings, "<>" an expression that contains
    parts[0]; for a function, text is its flags and parts are name ("$_" if any), parameters and body."""

    kind: str
    text: str = ""
    parts: tuple[Pattern, ...] = ()

    def metavariables(self) -> frozenset[str]:
        own = {self.text} if self.kind == "$" and self.text != "$_" else set()
        return frozenset(own).union(*(part.metavariables() for part in self.parts))

    def words(self) -> frozenset[str]:
        """Words a file must contain for this pattern to match at all: a cheap first question."""
        own: set[str] = set()
        if self.kind in {"name", "key"} and self.text not in METHODS.values() and _WORD.fullmatch(self.text):
            own = {self.text}
        elif self.kind == "string":
            own = set(_WORD.findall(self.text)[:1]) if "\\" not in self.text else set()
        return frozenset(own).union(*(part.words() for part in self.parts))

    def called(self) -> frozenset[str]:
        """Names of which something must be called, or made with `new`, for this pattern to match at all."""
        own: set[str] = set()
        if self.kind in {"call", "new"} and self.parts and self.parts[0].kind == "name" and self.parts[0].words():
            given = [part for part in self.parts[-1].parts if part.kind != "..."]
            own = {self.parts[0].text} if self.kind == "call" or given else set()  # `new X` needs no brackets
        return frozenset(own).union(*(part.called() for part in self.parts))


def compile_pattern(javascript: str) -> Pattern:
    """The pattern one expression or statement describes. Raises PatternError when it is neither."""
    code = holed(javascript)
    tree = parse(code.encode())
    roots = [n for n in tree.root_node.named_children if n.type not in {"comment", "empty_statement"}]
    if tree.root_node.has_error or len(roots) != 1:
        raise PatternError(*_what_is_wrong(javascript, tree.root_node, len(roots)))
    root = roots[0]
    if _depth(root) > _DEEPEST:
        raise PatternError(f"nested deeper than {_DEEPEST} levels")
    if root.type == "expression_statement" and not code.rstrip().endswith(";"):
        root = root.named_children[0]
    return _pattern(root)


def _depth(root: Node) -> int:
    depth, level = 0, [root]
    while level and depth <= _DEEPEST:
        depth, level = depth + 1, [child for node in level for child in node.named_children]
    return depth


def compile_template(javascript: str) -> Node:
    """The tree of code that has holes. Raises PatternError when it is no JavaScript, whatever fills the holes."""
    root = parse(holed(javascript).encode()).root_node
    if root.has_error:
        raise PatternError(*_what_is_wrong(javascript, root, 1))
    return root


def holed(javascript: str) -> str:
    """The same text as JavaScript that parses: each `...` a name, each `<... P ...>` a call."""
    code = javascript.replace("<...", f"{WITHIN}(").replace("...>", ")")
    return _ELLIPSIS.sub(lambda m: DOTS + (";" if _alone(m) else ""), code)


def _alone(found: re.Match[str]) -> bool:
    """Whether an ellipsis is a whole line, and so a statement that wants its semicolon."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    return not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip() and "\n" in found.string


def _what_is_wrong(javascript: str, root: Node, count: int) -> tuple[str, int]:
    if not root.has_error:
        return f"expected one JavaScript expression or statement, found {count}", 0
    bad = next(n for n in walk(root) if n.is_error or n.is_missing)
    column = min(len(holed(javascript)[: bad.start_byte]), len(javascript))
    if bad.is_missing:
        return f"not JavaScript: `{bad.type}` is missing", column
    return f"not JavaScript near `{text(bad).strip()[:20] or javascript.strip()[:20]}`", column


def _pattern(part: Part) -> Pattern:
    if isinstance(part, Node) and bare(part).type == "shorthand_property_identifier" and not _hole(text(bare(part))):
        part = shorthand_pair(bare(part))
    seen = part if isinstance(part, Shape) else shape(part)
    if seen.kind == "name":
        return _hole(seen.text) or Pattern("key" if isinstance(part, Shape) else "name", seen.text)
    if seen.kind in {"statement", "field_definition"} and seen.parts and _text_of(seen.parts[0]) in {DOTS, BODY}:
        return Pattern("...") if _text_of(seen.parts[0]) == DOTS else Pattern("name", BODY)
    if seen.kind == "call" and _text_of(seen.parts[0]) == WITHIN and isinstance(seen.parts[-1], Shape):
        return Pattern("<>", "", tuple(_pattern(inner) for inner in seen.parts[-1].parts))
    parts = tuple(_pattern(inner) for inner in seen.parts)
    if seen.kind == "function":
        name = seen.node.child_by_field_name("name")
        parts = (_pattern(name) if name is not None else Pattern("$", "$_"), *parts)
    return Pattern(seen.kind, seen.text, parts)


def _hole(name: str) -> Pattern | None:
    if name == DOTS:
        return Pattern("...")
    return Pattern("$", name) if METAVARIABLE.match(name) else None


def _text_of(part: Part) -> str:
    return part.text if isinstance(part, Shape) else text(bare(part))


KINDS_OF_NODE: Mapping[str, tuple[str, ...]] = {
    "call": ("call_expression",), "new": ("new_expression",), "function": tuple(sorted(FUNCTIONS)),
    "member": ("member_expression", "subscript_expression", "identifier"), "subscript": ("subscript_expression",),
    "assign": ("assignment_expression", "augmented_assignment_expression", "variable_declarator"),
    "binary": ("binary_expression",), "unary": ("unary_expression",), "statement": ("expression_statement",),
    "if": ("if_statement",), "block": ("statement_block",), "sequence": ("sequence_expression",),
    "string": ("string", "template_string"), "number": ("number",), "name": ("identifier", "member_expression"),
    "declaration": ("variable_declaration", "lexical_declaration"), "tagged": ("call_expression",),
    "pair": ("pair", "shorthand_property_identifier", "method_definition"), "declarator": ("variable_declarator",),
    "undefined": ("undefined", "unary_expression"), "true": ("true", "unary_expression"),
    "false": ("false", "unary_expression"),
}  # fmt: skip


def node_kinds(pattern: Pattern) -> tuple[str, ...]:
    """The tree-sitter kinds a pattern can match at; empty for one that can match anywhere."""
    if pattern.kind in {"$", "<>"}:
        return ()
    return KINDS_OF_NODE.get(pattern.kind, (pattern.kind,))


class Anchor(NamedTuple):
    """A name that every instance of a pattern is written with, in one of these words, `depth` levels below its top.

    `is_called`: it is that of what is called.
    """

    words: tuple[str, ...]
    depth: int
    is_called: bool


def anchor_of(pattern: Pattern) -> Anchor | None:
    """The longest such name, if the pattern has one.

    The name of a property counts only where it cannot be spelt by an alias of the value.
    """
    best: Anchor | None = None
    called = pattern.called()
    stack = [(pattern, 0, False)]
    while stack:
        part, depth, callee = stack.pop()
        words = _spelt(part)
        if words and (best is None or len(words[0]) > len(best.words[0])):
            best = Anchor(words, depth, callee or part.text in called)
        if part.kind in {"<>", "$", "...", "function"}:
            continue
        for number, inner in enumerate(part.parts):
            # Of `$X.on(…)` it is the name of the method.
            is_callee = not number and part.kind == "call" and inner.kind == "member"
            stack.append((inner, depth + 1, is_callee or (callee and part.kind == "member" and number == 1)))
    return best


def _spelt(part: Pattern) -> tuple[str, ...]:
    """How a name that has to be there may be spelt; empty for what is none."""
    if part.kind == "key" and part.text in METHODS.values():
        return (part.text, *(other for other, name in METHODS.items() if name == part.text))
    return (part.text,) if part.kind in {"name", "key"} and part.words() else ()
