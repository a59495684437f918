"""What counts as the same: every node is read as a Shape, and spellings that mean one thing share one Shape."""

from __future__ import annotations

from tree_sitter import Node

from .datatype import dataclass
from .source import FUNCTIONS, entered, text

# Aliases in Node's own documentation: the one is the other.
METHODS = {"addListener": "on", "removeListener": "off"}
COMMUTATIVE = frozenset({"==", "===", "!=", "!=="})
_WRAPPERS = frozenset({
    "parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression", "required_parameter",
    "optional_parameter", "export_statement",
})  # fmt: skip
_NAMES = frozenset({
    "identifier", "property_identifier", "private_property_identifier", "shorthand_property_identifier",
    "shorthand_property_identifier_pattern", "statement_identifier", "type_identifier",
})  # fmt: skip
_DECLARATIONS = frozenset({"variable_declaration", "lexical_declaration"})
# Tokens that only delimit; a word such as `async` or an operator says something and is kept.
_PUNCTUATION = frozenset({";", "(", ")", "{", "}", "[", "]", ",", ".", ":", "?.", "=>", "'", '"', "`", "?"})


@dataclass(frozen=True, slots=True)
class Shape:
    """A node as patterns see it: kind and text tell what it is, parts are what it is made of.

    `node` is where it stands in the file; parts that have no node of their own (a list of arguments, say) stand
    where their owner does.
    """

    kind: str
    text: str
    parts: tuple[Node | Shape, ...]
    node: Node


def bare(node: Node) -> Node:
    """The node without what only wraps it: parentheses, TypeScript casts, `export`."""
    while node.type in _WRAPPERS:
        inner = node.child_by_field_name("pattern") or node.child_by_field_name("declaration")
        inner = inner or next((child for child in node.named_children if child.type != "comment"), None)
        if inner is None:
            break
        node = _called_bare(inner)
    if node.type == "type_assertion" and node.named_children:
        return bare(node.named_children[-1])
    return node


def _called_bare(node: Node) -> Node:
    """The `f` of `(0, f)`: how compilers call an import without `this`."""
    parts = node.named_children if node.type == "sequence_expression" else []
    return parts[1] if len(parts) == 2 and text(parts[0]) == "0" else node


def meaningful(node: Node) -> list[Node]:
    return [child for child in entered(node).named_children if child.type not in {"comment", "empty_statement"}]


def parameters(function: Node) -> list[Node]:
    """The parameters of a function in order, without TypeScript's `this`."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return [single]
    listed = function.child_by_field_name("parameters")
    found = [bare(child) for child in meaningful(listed)] if listed is not None else []
    return [parameter for parameter in found if parameter.type != "this"]


def shape(node: Node) -> Shape:
    """What the node is, whatever way it is written."""
    node = bare(node)
    if node.type in _NAMES:
        return Shape("name", text(node), (), node)
    if node.type in FUNCTIONS:
        return _function(node)
    read = _READERS.get(node.type)
    return read(node) if read is not None else _plain(node)


def property_name(node: Node) -> str | None:
    """The name a member access or a key spells out: `x.p`, `x['p']`, `{p: …}`, `{'p': …}`; None when computed."""
    if node.type in _NAMES:
        return text(node)
    if node.type == "computed_property_name" and node.named_children:
        return property_name(bare(node.named_children[0])) if node.named_children[0].type == "string" else None
    if node.type in {"string", "template_string"} and (content := _string_content(node)) is not None:
        return content
    return text(node) if node.type == "number" else None


def _plain(node: Node) -> Shape:
    parts = tuple(meaningful(node))
    words = [child.type for child in node.children if not child.is_named and child.type not in _PUNCTUATION]
    return Shape(node.type, " ".join(words) if node.children else text(node), parts, node)


def _function(node: Node) -> Shape:
    body = node.child_by_field_name("body")
    words = {child.type for child in node.children if not child.is_named}
    star = "*" if "generator" in node.type or "*" in words else ""
    given = Shape("parameters", "", tuple(parameters(node)), node)
    return Shape("function", ("async" if "async" in words else "") + star, (given, *((body,) if body else ())), node)


def _string(node: Node) -> Shape:
    content = _string_content(node)
    if content is None:
        return _plain(node)
    return Shape("string", content.removeprefix("node:"), (), node)


def _string_content(node: Node) -> str | None:
    if any(child.type == "template_substitution" for child in node.named_children):
        return None
    return text(node)[1:-1]


def _number(node: Node) -> Shape:
    return Shape("number", str(number_value(text(node))), (), node)


def number_value(literal: str) -> float | str:
    """The value of a JavaScript number literal; a BigInt or a legacy octal stays as it is spelt."""
    digits = literal.replace("_", "").lower()
    try:
        return float(int(digits, 0)) if digits[:2] in {"0x", "0b", "0o"} else float(digits)
    except ValueError:
        return literal


def _unary(node: Node) -> Shape:
    operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    sign = operator.type if operator is not None else ""
    if argument is not None and argument.type == "number":
        digit = text(argument)
        if sign == "void":
            return Shape("undefined", "undefined", (), node)
        if sign == "!" and digit in {"0", "1"}:  # minifiers' true and false
            return Shape("true" if digit == "0" else "false", "true" if digit == "0" else "false", (), node)
    return Shape("unary", sign, (argument,) if argument else (), node)


def _binary(node: Node) -> Shape:
    operator = node.child_by_field_name("operator")
    sides = _fields(node, "left", "right")
    return Shape("binary", operator.type if operator is not None else "", sides, node)


def _member(node: Node) -> Shape:
    target, index = _fields(node, "object", "property" if node.type == "member_expression" else "index")[:2]
    name = property_name(index) if node.type == "member_expression" or index.type in {"string", "number"} else None
    if name is None:
        return Shape("subscript", "", (target, index), node)
    return Shape("member", "", (target, Shape("name", name, (), index)), node)


def _call(node: Node) -> Shape:
    callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
    given = node.child_by_field_name("arguments")
    kind = "new" if node.type == "new_expression" else "call"
    if given is not None and given.type != "arguments":  # a tagged template
        return Shape("tagged", "", tuple(n for n in (callee, given) if n), node)
    inside = Shape("arguments", "", tuple(meaningful(given)) if given is not None else (), given or node)
    return Shape(kind, "", (*((_method(callee) if kind == "call" else callee,) if callee else ()), inside), node)


def _method(callee: Node) -> Node | Shape:
    """A callee with the documented aliases of event emitters read as one name."""
    seen = bare(callee)
    if seen.type != "member_expression":
        return callee
    member = _member(seen)
    target, name = member.parts
    if isinstance(name, Shape) and name.text in METHODS:
        return Shape("member", "", (target, Shape("name", METHODS[name.text], (), name.node)), seen)
    return callee


def _declaration(node: Node) -> Shape:
    return Shape("declaration", "", tuple(n for n in meaningful(node) if n.type == "variable_declarator"), node)


def _declarator(node: Node) -> Shape:
    sides = _fields(node, "name", "value")
    return Shape("assign" if len(sides) == 2 else "declarator", "=" if len(sides) == 2 else "", sides, node)


def _assignment(node: Node) -> Shape:
    operator = node.child_by_field_name("operator")
    return Shape("assign", operator.type if operator is not None else "=", _fields(node, "left", "right"), node)


def _statement(node: Node) -> Shape:
    return Shape("statement", "", tuple(meaningful(node)), node)


def _if(node: Node) -> Shape:
    condition = node.child_by_field_name("condition")
    then, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if other is not None and other.type == "else_clause":
        other = next(iter(meaningful(other)), None)
    parts = [part for part in (condition,) if part is not None] + [as_block(p) for p in (then, other) if p is not None]
    return Shape("if", "", tuple(parts), node)


def as_block(node: Node) -> Shape:
    """A statement where a block may stand, read as a block of one."""
    inside = meaningful(node) if node.type == "statement_block" else [node]
    return Shape("block", "", tuple(n for n in inside if n.type != "empty_statement"), node)


def _pair(node: Node) -> Shape:
    key, value = _fields(node, "key", "value")[:2]
    name = property_name(key)
    left: Node | Shape = key if name is None else Shape("name", name, (), key)
    return Shape(node.type, "", (left, value), node)


def shorthand_pair(node: Node) -> Shape:
    """`{head}` and `{run() {…}}` read as `{head: head}` and `{run: function () {…}}`."""
    if node.type == "method_definition":
        key = node.child_by_field_name("name") or node
        return Shape("pair", "", (Shape("name", property_name(key) or text(key), (), key), _function(node)), node)
    return Shape("pair", "", (Shape("name", text(node), (), node), Shape("name", text(node), (), node)), node)


def shorthand_pattern(node: Node) -> Shape:
    """The parameter or target `{head}` read as `{head: head}`."""
    return Shape("pair_pattern", "", (Shape("name", text(node), (), node), node), node)


def _sequence(node: Node) -> Shape:
    parts: list[Node] = []
    rest = [node]
    while rest:  # older grammars nest `a, b, c` to the right, thousands deep in minified code
        current = rest.pop()
        if current.type == "sequence_expression":
            rest.extend(reversed(meaningful(current)))
        else:
            parts.append(current)
    return Shape("sequence", "", tuple(parts), node)


def _fields(node: Node, *names: str) -> tuple[Node, ...]:
    return tuple(child for name in names if (child := node.child_by_field_name(name)) is not None)


_READERS = {
    "string": _string, "template_string": _string, "number": _number, "unary_expression": _unary,
    "binary_expression": _binary, "member_expression": _member, "subscript_expression": _member,
    "call_expression": _call, "new_expression": _call, "variable_declarator": _declarator,
    "assignment_expression": _assignment, "augmented_assignment_expression": _assignment,
    "expression_statement": _statement, "if_statement": _if, "statement_block": as_block,
    "pair": _pair, "pair_pattern": _pair,
    "sequence_expression": _sequence, **dict.fromkeys(_DECLARATIONS, _declaration),
}  # fmt: skip
