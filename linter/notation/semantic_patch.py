"""What a rule says, once it is read: lines of code, the paths between them, and what comes and goes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ..datatype import dataclass
from ..gate import Gate
from ..kinds import KINDS
from ..pattern import BODY, Pattern

Kind = tuple[str, ...]  # a kind's name and its arguments


@dataclass(frozen=True, slots=True)
class Code:
    """A statement or expression that a path meets. `plus` is what it becomes: None when it stays, "" when it goes."""

    pattern: Pattern
    text: str
    line: int
    mark: str = " "
    plus: str | None = None


@dataclass(frozen=True, slots=True)
class Dots:
    """Any path, on which none of `without` occurs; strict: a throw is a way out too."""

    line: int
    without: tuple[Pattern, ...] = ()
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Plus:
    """Statements that come."""

    text: str
    line: int


Item = Code | Dots | Plus


@dataclass(frozen=True, slots=True, eq=False)
class SemanticPatch:
    """One way a rule matches: what may be bound, the function it happens in, and what its paths meet.

    `exempt`: this alternative only says that a place is fine, so it claims the place and reports nothing.
    `node`: used only where the targeted Node is known to lie in this range.
    `safe`: whether its fix may be applied unasked.
    """

    kinds: Mapping[str, tuple[Kind, ...]]
    header: Pattern | None
    items: tuple[Item, ...]
    line: int
    exempt: bool = False
    node: str = ""
    safe: bool = True

    @property
    def codes(self) -> tuple[Code, ...]:
        return tuple(item for item in self.items if isinstance(item, Code))

    @property
    def changes(self) -> bool:
        """Whether there is a `-` or a `+` in it."""
        return any(isinstance(item, Plus) or (isinstance(item, Code) and item.plus is not None) for item in self.items)

    @property
    def is_flat(self) -> bool:
        """One pattern anywhere in a file: no path to follow."""
        return self.header is None and len(self.codes) == 1 and not any(isinstance(i, Dots) for i in self.items)

    @property
    def _patterns(self) -> list[Pattern]:
        """What must match for the patch to match."""
        return [code.pattern for code in self.codes] + ([self.header] if self.header is not None else [])

    def words(self) -> tuple[frozenset[str], ...]:
        """What a file must contain to be worth parsing: of each set at least one word."""
        needed = {frozenset({word}) for pattern in self._patterns for word in pattern.words() - {BODY}}
        for kinds in self.kinds.values():
            hints = [KINDS[name].words(arguments) for name, *arguments in kinds]
            if hints and all(hints):
                needed.add(frozenset().union(*hints))
        return tuple(sorted(needed, key=sorted))

    def shapes(self) -> tuple[frozenset[str], ...]:
        """What the bytes of a file must show besides: of each set at least one of gate.SHAPES."""
        needed = {frozenset({f"called {name}"}) for pattern in self._patterns for name in pattern.called()}
        for kinds in self.kinds.values():
            asked = frozenset(KINDS[name].shape for name, *_ in kinds)
            if asked and "" not in asked:
                needed.add(asked)
        return tuple(sorted(needed, key=sorted))


@lru_cache(maxsize=4096)
def gate(patch: SemanticPatch) -> Gate:
    """What a file must hold for the patch to match."""
    return Gate.of(map(sorted, patch.words()), map(sorted, patch.shapes()))
