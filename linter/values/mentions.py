"""Where a name occurs in a file: whether it is declared there, and which variables may be given what it stands for.

All of it is found by searching the bytes, so that in a large file a name that is rare costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tree_sitter import Node

from ..source import Source
from ..spellings import spots, takers

# Above so many places of a name, building the scopes is the cheaper way to know whether it is declared.
_FEW = 500
# Where a name is only read.
_READING = frozenset({
    "call_expression", "new_expression", "arguments", "binary_expression", "unary_expression", "return_statement",
    "subscript_expression", "template_substitution", "spread_element", "expression_statement", "comment", "string",
    "ternary_expression", "jsx_expression", "type_annotation", "type_identifier",
})  # fmt: skip


class Mentions:
    """The mentions of names in one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._declared: dict[str, bool] = {}

    def declares(self, name: str) -> bool:
        """Whether the name may be declared somewhere in the file; False spares looking at its scopes.

        What is hidden declares nothing for the rest.
        """
        if name not in self._declared:
            word = name.encode("utf8", "surrogateescape")
            places = [*islice(self.source.offsets(word), _FEW + 1)] if word.isalnum() else []
            few = word.isalnum() and len(places) <= _FEW
            self._declared[name] = not few or any(map(_is_declaration, self.source.leaves_at(word, places)))
        return self._declared[name]

    def leaves(self, name: str, behind: re.Pattern[bytes] | None, within: Node | None = None) -> list[Node]:
        """Where the name stands, in a node if one is given; with `behind`, in its `spots` alone. Raises HiddenError.

        What is hidden in the node and has a parameter of that name does not count.
        """
        word, source = name.encode("utf8", "surrogateescape"), self.source
        if within is not None:
            source.show_name(word, within, behind)
        if behind is None:
            return source.leaves(word) if within is None else source.shown_leaves(word, within)
        places = [*spots(source.data, word, behind, source.offsets(word, within))]
        if within is None:
            source.show_all(places)
        return source.leaves_at(word, places)

    def takers(self, leaf: Node) -> Iterator[Node]:
        """The names of variables that, for all that the bytes around a name tell, are given what it stands for there.

        They are assigned, imported or renamed from it, under a name of their own.
        """
        for start, end in takers(self.source.data, leaf.start_byte, leaf.end_byte):
            found = self.source.at(start, end)
            if found is not None and found.end_byte - found.start_byte == end - start:
                yield found


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
