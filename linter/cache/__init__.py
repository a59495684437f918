"""What earlier scans found, kept so that what has not changed need not be looked at again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..datatype import dataclass
from ..packages.layout import is_archive
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
        """The memory for a scan of these paths; None for what is quicker to look at anew, and what is not there."""
        try:
            if not paths or not all(os.path.isdir(path) or is_archive(path) for path in paths):
                return None  # a file or two: the database would take longer to open
            from ..packages.met import Met
            from . import identity  # brings SQLite, as do those below
            from .memory import Memory, Works
            from .store import Store

            made = identity.environment(rules, settings, mends=mends)
            roots = tuple(os.path.realpath(path, strict=True) for path in paths)
            tree = identity.tree(made, paths, settings)
        except (OSError, ValueError):  # the scan will say so
            return None
        base = roots[0] if os.path.isdir(roots[0]) else os.path.dirname(roots[0])
        return Memory(Works(Store(self.folder, self.limit << 20), made), tree, base, Met(roots))
