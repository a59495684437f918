"""A limit on the time of the processor, whatever else a machine does meanwhile."""

from __future__ import annotations

import time


class Allowance:
    """So many seconds of the processor for the thread that makes it. To ask is cheap.

    No thread gets more of the processor than there is time, so its own clock, which costs several times as much to
    read, is read only once that long has passed.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self._soonest = time.monotonic() + seconds

    @property
    def is_spent(self) -> bool:
        now = time.monotonic()
        if now <= self._soonest:
            return False
        left = self._end - time.thread_time()
        self._soonest = now + max(left, 0)
        return left < 0
