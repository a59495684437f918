"""A Socket.IO 0.9.13 server on an old Node, and its memory while a client opens socket after socket."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import npm

from .. import ProofError
from ..nodes import current, node
from ..process import Answer, Child, running
from .slope import Reading, slope

HERE = Path(__file__).parent
NODES = ("0.8.21", "0.10.48")
SOCKETS = 60
STEP = 2  # sockets from one reading to the next
UPLOAD = 4 << 20  # bytes; three uploads use up a slab of 10 MiB, so that open sockets keep different ones
SECONDS = 120.0  # at most, for one run
RELEASED, MENDED, SMALL_SLABS = "as released", "mended by nodemend", "SLAB_BUFFER_SIZE = 100 KiB"
VARIANTS = (RELEASED, MENDED, SMALL_SLABS)
SMALL_SLAB = 100 << 10  # bytes


@dataclass(frozen=True, slots=True)
class Run:
    """One server's memory over the sockets it holds open."""

    node: str
    variant: str
    readings: tuple[Reading, ...]

    @property
    def slope(self) -> float:
        """MB a socket over the second half."""
        return slope(self.readings)


def measure(nodes: Sequence[str] = NODES, *, sockets: int = SOCKETS) -> Iterator[Run]:
    """Each variant on each Node, in turn. Takes about SECONDS / 4 for each."""
    released = npm.tree("socket.io-0.9.13")
    for version in nodes:
        with tempfile.TemporaryDirectory(prefix="proof-") as scratch:
            folders = {RELEASED: released, MENDED: mended(released, Path(scratch) / "mended", version)}
            for variant in VARIANTS:
                folder = folders.get(variant, released) / "node_modules" / "socket.io"
                slab = SMALL_SLAB if variant == SMALL_SLABS else None
                yield Run(version, variant, readings(version, folder, sockets=sockets, slab=slab))


def mended(released: Path, copy: Path, version: str) -> Path:
    """A copy of an installed project after `nodemend fix --write`, for servers on this Node."""
    shutil.copytree(released, copy, symlinks=True)
    line = [sys.executable, "-m", "linter", "fix", "--write", "--node", version]
    done = subprocess.run(line, cwd=copy, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise ProofError(f"nodemend fix ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    return copy


def readings(version: str, package: Path, *, sockets: int, slab: int | None = None) -> tuple[Reading, ...]:
    """The server's resident memory after each STEP sockets, every one of which must be open and echo at the end."""
    with _server(version, package, slab) as (server, port), _client(port) as client:
        taken = [_reading(server, 0)]
        for open_ in range(STEP, sockets + 1, STEP):
            client.ask(open=STEP)
            taken.append(_reading(server, open_))
        echoed = client.ask(echo="still there")["echoed"]
    if echoed != sockets:
        raise ProofError(f"Node {version}: only {echoed} of {sockets} sockets echoed at the end")
    return tuple(taken)


@contextmanager
def _server(version: str, package: Path, slab: int | None) -> Iterator[tuple[Child, object]]:
    with tempfile.TemporaryDirectory(prefix="proof-") as scratch:
        key, certificate = _certificate(Path(scratch))
        asked = {"package": str(package), "key": str(key), "cert": str(certificate), "slab": slab}
        command: list[str | Path] = [node(version), "--expose-gc", HERE / "server.js", json.dumps(asked)]
        with running(f"the server on Node {version}", command, seconds=SECONDS) as server:
            yield server, server.hear()["port"]


@contextmanager
def _client(port: object) -> Iterator[Child]:
    command: list[str | Path] = [current(), HERE / "client.js", json.dumps({"port": port, "upload": UPLOAD})]
    with running("the client", command, seconds=SECONDS) as client:
        yield client


def _reading(server: Child, expected: int) -> Reading:
    answer: Answer = server.ask()
    rss = answer["rss"]
    if answer["open"] != expected or not isinstance(rss, int):
        raise ProofError(f"the server counts {answer['open']} open sockets, not {expected}")
    return expected, rss / 1e6


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for two days, of the kind that Node 0.8 reads: RSA in the traditional format, SHA-1."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    try:
        # OpenSSL 1 writes this format unasked and does not know the option.
        if _openssl("genrsa", "-traditional", "-out", key, "1024"):
            _openssl("genrsa", "-out", key, "1024")
        signed = ("req", "-new", "-x509", "-key", key, "-sha1", "-days", "2", "-subj", "/CN=localhost")
        complaint = _openssl(*signed, "-out", certificate)
    except FileNotFoundError:
        raise ProofError("there is no openssl on the PATH to make the server's key with") from None
    if complaint:
        raise ProofError(f"openssl made no certificate: {complaint}")
    return key, certificate


def _openssl(*arguments: str | Path) -> str:
    """What openssl complains about when it fails, and nothing when it does its work."""
    line = ["openssl", *map(str, arguments)]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
