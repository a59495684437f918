"""What a kind may ask about: the file a node is in, and the rest of its package."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar, cast

from tree_sitter import Node

from .datatype import dataclass, field
from .source import Source
from .values import Values

T = TypeVar("T")


class Census(Protocol):
    """The files of one package, as far as they can be parsed."""

    @property
    def memory(self) -> dict[str, object]:
        """What was found out about the package, for as long as its files stay as they are."""

    @property
    def shipped(self) -> bool:
        """Whether the file at hand is there to run, rather than to test, measure or show the package."""

    def sources(
        self, *words: bytes, shipped: bool = False, admits: Callable[[bytes], bool] | None = None
    ) -> Iterable[tuple[Source, Values]]:
        """The files in which all the words occur, and which `admits` lets pass by their bytes.

        What `admits` says must follow from the bytes: equal questions are asked once of each file.

        shipped=True leaves out those of tests, examples and the like.
        """

    def file(self, path: str) -> tuple[Source, Values] | None:
        """The file with this path, as Source.path has it."""

    def below(self, prefix: str) -> Iterable[tuple[Source, Values]]:
        """The files right in one folder whose paths begin like this."""


@dataclass(frozen=True, eq=False)
class NoCensus:
    """A package that is only the file at hand."""

    memory: dict[str, object] = field(default_factory=dict)
    shipped: bool = True

    def sources(
        self, *words: bytes, shipped: bool = False, admits: Callable[[bytes], bool] | None = None
    ) -> Iterable[tuple[Source, Values]]:
        del words, shipped, admits
        return ()

    def file(self, path: str) -> tuple[Source, Values] | None:
        del path
        return None

    def below(self, prefix: str) -> Iterable[tuple[Source, Values]]:
        del prefix
        return ()


@dataclass(frozen=True, eq=False)
class About:
    """One file under one scan. `memory` holds what a kind found out about the file, under the kind's name."""

    source: Source
    values: Values
    package: Census = field(default_factory=NoCensus)
    memory: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> About:
        return cls(source, Values(source))

    def once(self, name: str, find: Callable[[], T]) -> T:
        """What is found out about the file as a whole: found out the first time it is asked for, under that name."""
        if name not in self.memory:
            self.memory[name] = find()
        return cast("T", self.memory[name])

    def function(self, node: Node) -> Node | None:
        return self.values.scopes.function(node.start_byte)
