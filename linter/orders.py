"""What waits for workers: packages, of which those that may be copies of one another go to one worker.

While packages are still being found they are handed out as they come. From then on half of the workers begin with the
largest and the others with the smallest, until they meet: so it is those of a middling size that come last, and there
are never many large ones in memory at a time.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .packages import Package

    Task = tuple[int, Package]  # a package and its number
    Name = tuple[str, str]  # its name and version

_ENOUGH = 128  # files for an order, as long as more packages may come
_LOT = 1 << 20  # bytes that are enough for one at the end, when some are still to be had for every worker
_EACH = 1 << 12  # bytes that a package costs as much as, without its files


class Orders:
    """Orders for workers, who are numbered: an order is a list of packages to be analysed in turn."""

    def __init__(self) -> None:
        self._waiting: dict[Name, list[Task]] = {}
        self._weights: dict[Name, int] = defaultdict(int)  # of what waits: its files, and at the end its bytes
        self._left = 0  # their sum
        self._closed = False
        self._whose: dict[Name, int] = {}
        self._own: dict[int, deque[list[Task]]] = defaultdict(deque)  # what is for a certain worker

    def add(self, task: Task) -> None:
        """One more package, in the order in which they were found."""
        package = task[1]
        name = package.name, package.version
        if name in self._whose:
            self._own[self._whose[name]].append([task])
        else:
            self._waiting.setdefault(name, []).append(task)
            self._weights[name] += len(package.files)
            self._left += len(package.files)

    def close(self, size: Callable[[Task], int]) -> None:
        """No more will come. From now on those with the most bytes, says `size`, are handed out from one end, and those
        with the fewest from the other."""
        weights = {name: sum(_EACH + size(task) for task in tasks) for name, tasks in self._waiting.items()}
        self._waiting = {name: self._waiting[name] for name in sorted(weights, key=weights.__getitem__, reverse=True)}
        self._weights, self._left, self._closed = weights, sum(weights.values()), True

    def next(self, worker: int, workers: int) -> Sequence[Task]:
        """What one of so many workers is to do next. Empty: nothing for now; for good, when no more will come."""
        if own := self._own[worker]:
            return own.popleft()
        if not self._closed:
            return self._some(worker, _ENOUGH) if self._left >= _ENOUGH else ()
        return self._some(worker, min(_LOT, self._left // (4 * workers)), smallest=worker >= (workers + 1) // 2)

    def has_own(self, worker: int) -> bool:
        """Whether something waits for this worker and no other."""
        return bool(self._own[worker])

    def again(self, worker: int, orders: Sequence[Sequence[Task]]) -> None:
        """What a worker was to do, to be done before anything else by whoever takes its place."""
        self._own[worker].extendleft(list(order) for order in reversed(orders) if order)

    def _some(self, worker: int, enough: int, smallest: bool = False) -> list[Task]:
        """The groups next in turn, from the one end or the other, until they weigh enough."""
        order: list[Task] = []
        weight = 0
        while self._waiting and (not order or weight < enough):
            name = next(reversed(self._waiting) if smallest else iter(self._waiting))
            order += self._waiting.pop(name)
            weight += self._weights.pop(name)
            self._whose[name] = worker
        self._left -= weight
        return order
