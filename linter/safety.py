"""How sure a fix is."""

from __future__ import annotations

from enum import IntEnum


class Safety(IntEnum):
    """How sure we are of a fix; the higher, the less."""

    SAFE = 0  # behaviour is kept: applied by `fix`
    SUGGESTED = 1  # probably right, a human should look: applied by `fix --suggestions`
    SHOWN = 2  # a direction, not a change to apply: printed only

    def __str__(self) -> str:
        return self.name.lower()
