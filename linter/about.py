"""What a kind may ask about: the file a node is in, and the rest of its package."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tree_sitter import Node

from .source import Source
from .values import Values


class Census(Protocol):
    """The files of one package, as far as they can be parsed."""

    def sources(self, *words: bytes, shipped: bool = False) -> Iterable[tuple[Source, Values]]:
        """The files in which all the words occur; shipped=True leaves out those of tests, examples and the like."""


class NoCensus:
    """A package that is only the file at hand."""

    def sources(self, *words: bytes, shipped: bool = False) -> Iterable[tuple[Source, Values]]:
        del words, shipped
        return ()


@dataclass(frozen=True, eq=False)
class About:
    """One file under one scan. `memory` holds what a kind found out about the file, under the kind's name."""

    source: Source
    values: Values
    package: Census = field(default_factory=NoCensus)
    memory: dict[str, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> About:
        return cls(source, Values(source))

    def function(self, node: Node) -> Node | None:
        return self.values.scopes.function(node.start_byte)
