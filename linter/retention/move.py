"""A single move of a value, and the path at which it lies in what an expression gives.

A path says where in what an expression gives the value lies: `()` it is the value itself, `("head",)` it is in its
property `head`, `("2",)` in its third element; `"*"` stands for any of them.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal, TypeAlias

from tree_sitter import Node

from ..datatype import dataclass
from ..values.scopes import Binding
from .program import Code

Path: TypeAlias = tuple[str, ...]
Kind = Literal[
    "bound", "passed", "stored", "listens", "scheduled", "repeats", "awaited", "reaction", "unknown", "returned"
]


@dataclass(frozen=True, slots=True)
class Move:
    """One move. `at` is the code that makes it: an assignment, a call, a return.

    bound: into the variable `binding`. passed: as the argument `index` of `function` ("arguments" as a whole when it
    is -1). stored: into the property `name` of `owner`. listens: as the listener of the event `name` of `owner`.
    unknown: to a function that is not in the package.
    """

    kind: Kind
    at: Code
    path: Path
    binding: Binding | None = None
    function: Code | None = None
    index: int = 0
    owner: Node | None = None
    name: str = ""


# The moves that an expression makes, and in the end the expression that gives the value on, if one does.
Moves: TypeAlias = Generator[Move, None, tuple[Node, Path] | None]
