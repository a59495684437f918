"""A command run to its end and measured with all the processes it starts: time, processor, memory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

STEP = 0.01  # seconds between two samples of memory, at least
# Of one processor at most so much goes into sampling: samples of large processes take longer, so are further apart.
SHARE = 0.02
_LAST = 200  # characters of what a command said that failed
_PSS = re.compile(rb"^Pss:\s+(\d+) kB$", re.MULTILINE)


class RunError(Exception):
    """A command could not be run, or ended as it does when it fails."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command took. `memory` is the most that its processes held together at one time, in bytes."""

    wall: float  # seconds
    cpu: float  # seconds of the processor, user and system, of all processes that were waited for
    memory: int
    output: bytes  # standard output


def measured(
    command: Sequence[str], cwd: Path, codes: Sequence[int], settings: Mapping[str, str] | None = None
) -> Usage:
    """Run a command to its end. `settings` are added to the environment, where bytecode of Python is always kept.

    Raises RunError with the line that it said last when its exit code is none of `codes`.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with TemporaryFile() as output, TemporaryFile() as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=inherited | dict(settings or {}), stdin=subprocess.DEVNULL, stdout=output,
            stderr=complaints, start_new_session=True,
        )  # fmt: skip
        try:
            with Sampler(process.pid) as sampler:
                _, status, used = os.wait4(process.pid, 0)
                wall = time.perf_counter() - start
        except KeyboardInterrupt:  # its group is not that of the terminal, so nobody else has told it
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
        if process.returncode not in codes:
            complaints.seek(0)
            last = (said[-1000:] + complaints.read()).decode("utf8", "replace").strip().rpartition("\n")[2]
            raise RunError(f"exit code {process.returncode}: {last[:_LAST]}")
    return Usage(wall, used.ru_utime + used.ru_stime, sampler.peak, said)


class Sampler:
    """Looks at the memory of a process and its descendants at short steps, from a thread, while it is entered.

    A page that several processes share counts once: proportional set sizes (PSS) are added up, not resident ones. What
    lives shorter than a step may not be seen.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0  # bytes
        self.processes = 0  # at one time
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        wait = 0.0
        while not self._done.wait(wait):
            start = time.thread_time()
            family = descendants(self._pid)
            self.peak = max(self.peak, sum(map(memory, family)))
            self.processes = max(self.processes, len(family))
            wait = max(STEP, (time.thread_time() - start) / SHARE)


def descendants(pid: int) -> list[int]:
    """A process and all that it has started, and those in turn, as far as they live and their parents do."""
    found = [pid]
    for parent in found:
        try:
            threads = os.listdir(f"/proc/{parent}/task")
            children = [Path(f"/proc/{parent}/task/{thread}/children").read_text("ascii") for thread in threads]
        except OSError:  # it ended while it was looked at
            continue
        found += [int(child) for line in children for child in line.split()]
    return found


def memory(pid: int) -> int:
    """The proportional set size of a process, in bytes; 0 when it has ended."""
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_bytes())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
