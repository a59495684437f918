"""How each installed package came in: by which chain of dependencies, and whether for more than development."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ..datatype import dataclass
from ..packages.met import Met

if TYPE_CHECKING:
    from .installed import Reader

__all__ = ["Dependencies", "Provenance"]

Needed = Literal["production", "development"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """`chain` has the names from the project, or the workspace, to the package: two for a direct dependency.

    It is one of the shortest. One for production is told rather than one for development, however long.
    """

    chain: tuple[str, ...]
    needed: Needed


class Dependencies:
    """The provenance of packages on disk, whoever laid them there: names are looked up as Node does.

    It is what package.json files and folders say together, so it holds for every lockfile, and for none. What is
    nobody's dependency has no provenance. Each project is walked once, as far as it is asked about. What is looked at
    for that is told to `met`.
    """

    def __init__(self, met: Met | None = None) -> None:
        self._met = met or Met()
        self._projects: dict[str, _Walk] = {}
        self._tops: dict[str, str] = {}

    @cached_property
    def _reader(self) -> Reader:
        from .installed import Reader  # a scan that finds nothing asks about no package

        return Reader(self._met)

    def of(self, folder: str) -> Provenance | None:
        """The provenance of the package in a real folder; None for the project's own, and for what nobody asked for."""
        parts = folder.split(os.sep)
        if "node_modules" not in parts:
            return None
        owner = os.sep.join(parts[: parts.index("node_modules")])
        top = self._tops.get(owner)
        if top is None:
            top = self._tops.setdefault(owner, self._top(owner))
        if top not in self._projects:
            from .workspaces import members

            self._projects[top] = _Walk(self._walked([top, *members(top, self._met)]))
        return self._projects[top].of(folder)

    def _top(self, owner: str) -> str:
        """The folder of the project that has this one among its workspaces, or the folder itself."""
        from .workspaces import members

        at = owner
        while (parent := os.path.dirname(at)) != at:
            at = parent
            if owner in members(at, self._met):
                return at
        return owner

    def _walked(self, roots: Sequence[str]) -> Iterator[tuple[str, Provenance]]:
        """The packages that a project needs, the nearest first, and first all that it needs for production."""
        own = {root: self._reader.read(root) for root in roots}
        found: set[str] = set()
        steps: tuple[tuple[Needed, list[tuple[str, ...]]], ...] = (
            ("production", [needs.production for needs in own.values()]),
            ("development", [needs.development for needs in own.values()]),
        )
        for needed, wanted in steps:
            todo: deque[tuple[str, str, tuple[str, ...]]] = deque(
                (root, name, (needs.name or os.path.basename(root),))
                for (root, needs), names in zip(own.items(), wanted, strict=True)
                for name in names
            )
            while todo:
                folder, name, chain = todo.popleft()
                real = self._reader.resolved(name, folder)
                if real is None or real in found or real in own:
                    continue
                needs = self._reader.read(real)
                longer = (*chain, needs.name or name)
                found.add(real)
                yield real, Provenance(longer, needed)
                todo.extend((real, inner, longer) for inner in needs.production)


class _Walk:
    """A project that is walked as far as it takes to know what is asked: mostly about few packages, and near ones."""

    def __init__(self, steps: Iterator[tuple[str, Provenance]]) -> None:
        self._steps = steps
        self._found: dict[str, Provenance] = {}

    def of(self, folder: str) -> Provenance | None:
        while folder not in self._found:
            step = next(self._steps, None)
            if step is None:
                return None
            self._found[step[0]] = step[1]
        return self._found[folder]
