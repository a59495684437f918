"""Running something on a stack as large as it may need: the parser is C, and recurses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LARGEST = 1 << 30
_PAGE = 1 << 16
_lock = threading.Lock()  # the stack size of new threads is one setting for the whole process


def with_stack(size: int, work: Callable[[], T], stop: Callable[[], None]) -> T:
    """What work returns or raises, run on a stack of that many bytes (at most 1 GiB; memory is used as it is touched).

    `stop` is called when the wait is interrupted: it has to make work end soon.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  (raised again where it is waited for)
            errors.append(error)

    thread = _started(run, min(-(-size // _PAGE) * _PAGE, _LARGEST))
    if thread is None:  # there is no room for such a stack
        return work()
    try:
        thread.join()
    except BaseException:
        stop()
        thread.join()
        raise
    if errors:
        raise errors[0]
    return results[0]


def _started(run: Callable[[], None], size: int) -> threading.Thread | None:
    thread = threading.Thread(target=run)
    with _lock:
        usual = threading.stack_size(size)
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            return None
        finally:
            threading.stack_size(usual)
    return thread
