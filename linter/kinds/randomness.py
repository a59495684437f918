"""Random values that others can foresee, where something that must not be guessed is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, number_value
from ..matcher import Env
from ..naming import function_names
from ..regexes import regex
from ..source import FUNCTIONS, climbed, contains, text
from .kind import Kind

# What is made, by the last word of its name: `csrfToken`, `get_mask`, but not `tokenIndex` or `unmasked`.
_SECRETS = frozenset({
    "token", "secret", "salt", "nonce", "cnonce", "boundary", "session", "sid", "csrf", "xsrf", "otp", "mask", "uuid",
    "guid", "password", "passwd", "passphrase", "challenge", "verifier", "apikey", "masking",
})  # fmt: skip
_BEHIND = frozenset({"id", "key", "string", "str", "value", "bytes", "hex", "buffer", "data", "prefix"})
_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_RANDOM = regex(r"random(Bytes|Bits|Fill|Values)|getRandomValues|rng\b", re.IGNORECASE)
# An element, and the sign of what it is divided by: brackets, casts and comments may stand between.
_DIVIDED = regex(rb"\](?:[\s)!]++|(?:as|satisfies)\s[^;{}=]{1,100}?(?=\))|/\*[^*]*\*/|//[^\n]*)*+(?:[%/](?![/*]))")
_SIGN = 2  # levels from the sign to what it divides
_LONGEST = 40  # lines of a function that is named for what it makes
_EXPRESSIONS = 24


def guessable(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A `Math.random()` that ends up in something that must not be guessed. `whole`: made a whole number right there,
    in a file that can require; `other`: anything else."""
    node = bare(node)
    return _is_random(node) and node.start_byte in _guessable(about) and _sort(node, about) == arguments[0]


def biased(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A random byte brought into a range that does not divide 256: some results come up more often than others."""
    node = bare(node)
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if node.type != "binary_expression" or left is None or right is None or operator is None:
        return False
    byte = bare(left)
    owner = byte.child_by_field_name("object") if byte.type == "subscript_expression" else None
    if owner is None or not _RANDOM.search(text(about.values.constant(owner))) or _is_compared(byte, node):
        return False
    size = _size(right, about)
    if size is None or size <= 1:
        return False
    return (operator.type == "%" and 256 % size != 0) or (operator.type == "/" and size % 1 != 0)


def _biased(about: About) -> frozenset[int]:
    """Where what is divided can begin; the sign that divides it is looked for in the bytes, for there are few."""
    signs = [found.end() - 1 for found in _DIVIDED.finditer(about.source.data)]
    leaves = (about.source.at(sign, sign + 1) for sign in signs)
    around = climbed((leaf for leaf in leaves if leaf is not None), {"binary_expression"}, _SIGN)
    return frozenset(bare(node).start_byte for node in around)


def _guessable(about: About) -> frozenset[int]:
    return about.once("guessable", lambda: frozenset(_secrets(about)))


def _secrets(about: About) -> Iterator[int]:
    for call in about.source.around([b"random"], {"call_expression"}, 2) if about.package.shipped else ():
        if _is_random(call) and _is_secret(call, about):
            yield call.start_byte


def _is_random(node: Node) -> bool:
    callee = node.child_by_field_name("function") if node.type == "call_expression" else None
    return callee is not None and text(callee) == "Math.random"


def _is_secret(call: Node, about: About) -> bool:
    return any(_names_secret(name) for name in _names(call, about))


def _names(call: Node, about: About) -> Iterator[str]:
    """What the value goes into, by name: a variable, a property, and the small functions it is computed in."""
    node, parent = call, call.parent
    for _ in range(_EXPRESSIONS):
        if parent is None or node.type.endswith("_statement") or node.type in FUNCTIONS:
            break
        if parent.type in {"variable_declarator", "assignment_expression", "augmented_assignment_expression", "pair"}:
            targets = [parent.child_by_field_name(field) for field in ("name", "left", "key")]
            target = next((each for each in targets if each is not None), None)
            if target is not None and target.type == "subscript_expression":  # salt[i] = …
                target = target.child_by_field_name("object")
            name = target.child_by_field_name("property") or target if target is not None else None
            if name is not None and name.id != node.id:
                yield text(name)
        node, parent = parent, parent.parent
    function = about.function(call)
    for _ in range(2):
        if function is None or function.end_point[0] - function.start_point[0] > _LONGEST:
            return
        yield from function_names(function)
        function = about.values.scopes.function(function.start_byte - 1) if function.start_byte else None


def _names_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and words[-1] in _BEHIND:
        words.pop()
    return bool(words) and (words[-1] in _SECRETS or name.lower().endswith(("randombytes", "getrandomvalues")))


def _sort(call: Node, about: About) -> str:
    product = call.parent
    while product is not None and product.type == "parenthesized_expression":
        product = product.parent
    operator = product.child_by_field_name("operator") if product is not None else None
    if product is None or operator is None or operator.type != "*" or about.source.is_module:
        return "other"
    around = product.parent
    callee = around.parent.child_by_field_name("function") if around is not None and around.parent is not None else None
    is_floor = around is not None and around.type == "arguments" and callee is not None and text(callee) == "Math.floor"
    return "whole" if is_floor and b"require(" in about.source.data else "other"


def _size(node: Node, about: About) -> float | None:
    """A number that can be seen, or the length of a text that can be."""
    node = bare(about.values.constant(node))
    if node.type == "number":
        value = number_value(text(node))
        return value if isinstance(value, float) else None
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    if node.type == "member_expression" and owner is not None and name is not None and text(name) == "length":
        stands = bare(about.values.constant(owner))
        return float(len(text(stands)) - 2) if stands.type == "string" else None
    return None


def _is_compared(byte: Node, node: Node) -> bool:
    """Whether a condition around looks at the same byte first."""
    parent = node.parent
    while parent is not None and parent.type not in FUNCTIONS:
        condition = parent.child_by_field_name("condition")
        if condition is not None and text(byte) in text(condition) and not contains(condition, node):
            return True
        parent = parent.parent
    return False



KINDS = {
    "guessable": Kind(
        guessable, (1, 1), lambda _: frozenset({"random"}),
        "a Math.random() that something is made of that must not be guessed", _guessable,
    ),
    "biased": Kind(
        biased, (0, 0), lambda _: frozenset({"randomBytes", "randomBits", "getRandomValues", "randomFill", "rng"}),
        "a random byte in a range that does not divide 256",
        lambda about: about.once("biased", lambda: _biased(about)),
    ),
}  # fmt: skip
