"""Where a name occurs in a file: whether it is declared there, and what other names may stand for it.

All of it is found by searching the bytes, so that in a large file a name that is rare costs next to nothing.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from ..source import Source

# Above so many places of a name, building the scopes is the cheaper way to know whether it is declared.
_FEW = 500
# Where a name is only read.
_READING = frozenset({
    "call_expression", "new_expression", "arguments", "binary_expression", "unary_expression", "return_statement",
    "subscript_expression", "template_substitution", "spread_element", "expression_statement", "comment", "string",
    "ternary_expression", "jsx_expression", "type_annotation", "type_identifier",
})  # fmt: skip
# How far before and behind a name the variable that takes it is looked for, in bytes.
_NEAR = 120
_ASSIGNED = re.compile(
    rb"([\w$]{1,64})\s*=\s*(?:[\w$.]+\.|(?:[\w$.]*\()*require\(['\"](?:node:)?|require\([^()]{1,64}\)\.)?$"
)
_ENDED = re.compile(rb"(?:['\"]\)+)?\s*(?:[;,)}\n]|\Z)")
_IMPORTED = re.compile(rb"import\s+(?:\*\s*as\s+)?([\w$]{1,64})[^;=]*$")
_RENAMED = re.compile(rb"\s*(?::|as\b)\s*([\w$]{1,64})\s*[,}=]")
_ROUNDS = 3  # names of names of names


class Mentions:
    """The mentions of names in one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._declared: dict[str, bool] = {}
        self._spellings: dict[str, frozenset[str]] = {}

    def declares(self, name: str) -> bool:
        """Whether the name may be declared somewhere in the file; False spares looking at its scopes."""
        if name not in self._declared:
            word = name.encode("utf8", "surrogateescape")
            few = word.isalnum() and self.source.data.count(word) <= _FEW
            self._declared[name] = not few or any(_is_declaration(leaf) for leaf in self.source.leaves(word))
        return self._declared[name]

    def spellings(self, name: str) -> frozenset[str]:
        """The name, and the variables that may hold what it stands for: assigned, renamed or imported from it."""
        if name not in self._spellings:
            known, fresh = {name.encode()}, {name.encode()}
            for _ in range(_ROUNDS):
                fresh = {taker for word in fresh for taker in self._takers(word)} - known
                known |= fresh
            self._spellings[name] = frozenset(word.decode("utf8", "replace") for word in known)
        return self._spellings[name]

    def _takers(self, name: bytes) -> set[bytes]:
        data, found = self.source.data, set[bytes]()
        for start in self.source.offsets(name):
            before, end = data[max(0, start - _NEAR) : start], start + len(name)
            assigned = _ASSIGNED.search(before) if _ENDED.match(data, end) else None
            matches = (assigned, _IMPORTED.search(before), _RENAMED.match(data, end))
            found |= {match[1] for match in matches if match is not None}
        return found


def _is_declaration(leaf: Node) -> bool:
    """Whether a name stands where names are declared; True when in doubt."""
    parent = leaf.parent
    if parent is None or leaf.type in {"property_identifier", "string_fragment"}:
        return False
    if parent.type in _READING or (parent.type == "member_expression" and _is_object(leaf, parent)):
        return False
    value = parent.child_by_field_name("value") or parent.child_by_field_name("right")
    return value is None or value.id != leaf.id or parent.type == "pair_pattern"  # `{p: leaf}` declares it


def _is_object(leaf: Node, member: Node) -> bool:
    target = member.child_by_field_name("object")
    return target is not None and target.id == leaf.id
