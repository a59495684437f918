"""What earlier scans found, kept so that what has not changed need not be looked at again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..datatype import dataclass
from ..packages.layout import is_archive
from ..work import STDIN
from .place import usual

if TYPE_CHECKING:
    from ..rule import Rule
    from ..work import Settings
    from .memory import Memory

__all__ = ["LIMIT", "Cache", "usual"]

LIMIT = 256  # MiB


@dataclass(slots=True)
class Cache:
    """A folder of results, of at most `limit` MiB. `trouble` says why it could not be used, if it could not."""

    folder: Path
    limit: int = LIMIT
    trouble: str = ""

    def memory(self, paths: Sequence[str], rules: Sequence[Rule], settings: Settings, *, mends: bool) -> Memory | None:
        """The memory for a scan of these paths; None for stdin, and for what is not there."""
        if not paths or STDIN in paths:
            return None
        from ..packages.met import Met
        from .memory import Memory, Works, environment

        works = Works(self.folder, self.limit << 20, partial(environment, rules, settings, mends))
        try:
            if not all(os.path.isdir(path) or is_archive(path) for path in paths):
                return Memory(works) if all(map(os.path.exists, paths)) else None
            from . import identity

            roots = tuple(os.path.realpath(path, strict=True) for path in paths)
            tree = identity.tree(works.made, paths, settings)
        except (OSError, ValueError):  # the scan will say so
            return None
        base = roots[0] if os.path.isdir(roots[0]) else os.path.dirname(roots[0])
        return Memory(works, tree, base, Met(roots))
