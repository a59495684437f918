"""What a scan depended on besides the files of packages: as long as all of it is as it was, so are the packages."""

from __future__ import annotations

import os

from ..datatype import dataclass, field


@dataclass(slots=True)
class Met:
    """Real paths. `folders` are those whose entries were asked for; all of them below `roots` are.

    `others` are what else was looked at, or looked for in vain: manifests, scripts, archives, links that lead away.
    `complete` is whether that is all.
    """

    roots: tuple[str, ...] = ()
    folders: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    complete: bool = True
    _below: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._below = tuple(root.rstrip(os.sep) + os.sep for root in self.roots)

    def looked_for(self, path: str) -> None:
        """Somebody looked for this; what lies below a root is known to be there, or not, by the folders."""
        if not self._within(path):
            self.others.add(path)

    def searched(self, folder: str) -> None:
        """Somebody searched this folder and those below it."""
        self.complete = self.complete and self._within(folder)

    def _within(self, path: str) -> bool:
        return path in self.roots or path.startswith(self._below)
