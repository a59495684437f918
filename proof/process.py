"""Child processes that are asked and answer, one line of JSON each, and that never outlive the question."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from . import ProofError

Answer = Mapping[str, object]


class Child:
    """A running program. It ends when its standard input does, so it dies with us however we die."""

    def __init__(self, name: str, process: subprocess.Popen[str], complaints: Path, seconds: float) -> None:
        self._name, self._process, self._complaints, self._seconds = name, process, complaints, seconds

    def ask(self, **question: object) -> Answer:
        """The answer to a question, or a ProofError with what the program said on its standard error."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # why it is gone is better told by what it wrote
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        return self.hear()

    def hear(self) -> Answer:
        """The next line that the program says of its own accord. Lines that are not JSON are a package talking."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):
                answer: Answer = json.loads(line)
                if "error" in answer:
                    raise ProofError(f"{self._name}: {answer['error']}")
                return answer
        raise ProofError(f"{self._name} ended, or took more than {self._seconds:.0f} s{self._last_words()}")

    def _last_words(self) -> str:
        said = self._complaints.read_text("utf8", "replace").strip()
        return f":\n{said[-2000:]}" if said else ""


@contextmanager
def running(
    name: str, command: Sequence[str | Path], *, seconds: float, environment: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """A program in a process group of its own, which is killed on the way out or after so many seconds."""
    with tempfile.TemporaryDirectory(prefix="proof-") as scratch:
        complaints = Path(scratch) / "stderr"
        with complaints.open("w") as stderr:
            process = subprocess.Popen(
                [str(word) for word in command], env=environment, text=True, encoding="utf8", errors="replace",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True,
            )  # fmt: skip
        deadline = threading.Timer(seconds, _kill, [process])
        deadline.start()
        try:
            yield Child(name, process, complaints, seconds)
        finally:
            deadline.cancel()
            _kill(process)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
