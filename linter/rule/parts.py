"""The code of a rule's page, compiled: what it matches, and the examples that test it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ..datatype import dataclass, field
from ..notation.semantic_patch import SemanticPatch
from ..pattern import Pattern

Expectation = Literal["fixed", "found", "silent"]


@dataclass(frozen=True, slots=True)
class Example:
    """A fence of a page that is a test. `limit`: a known limit, which must fail."""

    code: str
    expect: Expectation
    heading: str
    line: int
    language: str
    after: str = ""
    limit: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """The code of a page, compiled."""

    patches: tuple[SemanticPatch, ...]
    unless: tuple[Pattern, ...]
    examples: tuple[Example, ...]
