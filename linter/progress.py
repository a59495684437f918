"""How far a scan is, for whoever waits for it."""

from __future__ import annotations

from .datatype import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is. `left`: about so many seconds to go.

    That, and how many files and packages there are, is None while it cannot be told.
    """

    files: int
    packages: int
    findings: int
    path: str
    of_files: int | None = None
    of_packages: int | None = None
    left: float | None = None
