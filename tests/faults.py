"""A process that kills itself at its n-th call to the system: what kill -9, or a power cut, does to a run.

As a program: `python tests/faults.py N ARGUMENT...` runs nodemend with the arguments. With N = 0 it lives, and writes
the number of its calls to stderr at the end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

CALLS = ("open", "write", "fsync", "fchmod", "close", "mkdir", "rmdir", "replace", "unlink")


class Counter:
    """Counts calls, and ends the process without any farewell at the one that it is set to."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.calls = 0

    def watch(self, patch: Callable[[object, str, object], None] = setattr) -> None:
        for name in CALLS:
            patch(os, name, self._counted(getattr(os, name)))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **named)

        return call


def killed(run: Callable[[], object], at: int) -> bool:
    """Runs it in a process of its own that dies right before its call of this number; whether it came that far."""
    child = os.fork()
    if not child:
        code = 1
        try:
            Counter(at).watch()
            run()
            code = 0
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status)


def main() -> None:
    from linter.cli import main

    counter = Counter(int(sys.argv.pop(1)))
    counter.watch()
    try:
        main()
    finally:
        print(counter.calls, file=sys.stderr)


if __name__ == "__main__":
    main()
