"""Answers about the bytes of files, each found once: a gate asks, then a rule, and anew for each fix that is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TypeVar

T = TypeVar("T")
_KEPT = 1 << 12  # answers to one question


def once(ask: Callable[[bytes], Iterable[T]]) -> Callable[[bytes], Sequence[T]]:
    """The same question, whose answers are kept.

    What was asked about is not, which may be large: its hash tells it from others, of 64 bits that nobody outside the
    process can aim at.
    """
    known: dict[tuple[int, int], Sequence[T]] = {}

    @wraps(ask)
    def answer(data: bytes) -> Sequence[T]:
        about = len(data), hash(data)
        if about not in known:
            if len(known) >= _KEPT:
                known.clear()
            known[about] = tuple(ask(data))
        return known[about]

    return answer
