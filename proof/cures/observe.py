"""Running a package and looking: how many of its heads are still there while its connections are open."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import npm

from .. import ProofError
from ..nodes import current, node
from ..process import Child, running
from .rows import Row

HERE = Path(__file__).parent
CONNECTIONS = 12
WARM_UP = 2  # connections before the watch begins, so that memory for code and parsers does not count
SECONDS = 60.0  # at most, for one package


@dataclass(frozen=True, slots=True)
class Seen:
    """How many heads were still there at the row's moment. Every connection echoed, or there would be no answer."""

    held: int
    heads: int

    @property
    def state(self) -> str:
        """HELD or FREE; in between, which only resident memory can be, UNCLEAR."""
        if self.held <= self.heads // 4:
            return "FREE"
        return "HELD" if self.held >= self.heads - self.heads // 4 else "UNCLEAR"

    def __str__(self) -> str:
        return f"{self.state} {self.held}/{self.heads}"


def observe(row: Row, package: Path) -> Seen:
    """What becomes of the heads of the package in this folder. A ProofError when it does not shake hands or echo."""
    with running("the other end", [current(), HERE / "peer.js"], seconds=SECONDS) as peer:
        upstream = None
        if row.upstream:
            upstream = peer.ask(upstream={"framing": row.upstream, "greets": _greeting(row)})["port"]
        with _host(row, package, upstream) as host:
            return _look(row, host, peer, host.hear()["port"])


def _look(row: Row, host: Child, peer: Child, port: object) -> Seen:
    # Who opens the connections: the other end, or the package where that is a client.
    opens, to = (peer, _target(row, port)) if port else (host, None)
    opens.ask(open=WARM_UP, to=to)
    host.ask(watch=True)
    opens.ask(open=CONNECTIONS, to=to)
    if row.until == "used":
        _echo(row, opens)
    seen = _held(host)
    if to and row.heads == "server" and row.reads_head:
        opens.ask(open=WARM_UP, to={**to, "early": True})
    _echo(row, opens)
    return seen


def _target(row: Row, port: object) -> dict[str, object]:
    return {
        "port": port, "framing": row.framing, "path": row.path, "text": row.text, "session": row.session,
        "early": row.early and row.heads == "server", "greeting": _greeting(row),
    }  # fmt: skip


def _greeting(row: Row) -> str | None:
    """What the upstream sends right behind its answer, so that the head that the package gets as a client holds it."""
    return "welcome" if row.early and row.heads == "client" else None


def _echo(row: Row, opener: Child) -> None:
    """A message through every connection there is; one that does not come back is a complaint of the opener."""
    opener.ask(echo=row.text)


def _held(host: Child) -> Seen:
    answer = host.ask(held=True)
    held, heads = answer["held"], answer["heads"]
    if not isinstance(held, int) or not isinstance(heads, int) or heads != CONNECTIONS:
        raise ProofError(f"{heads} upgrades were seen, not {CONNECTIONS}")
    return Seen(held, heads)


@contextmanager
def _host(row: Row, package: Path, upstream: object) -> Iterator[Child]:
    executable = node(row.node) if row.node else current()
    scenario = HERE / "scenarios" / f"{row.scenario}.js"
    asked = {"package": str(package), "scenario": str(scenario), "heads": row.heads, "upstream": upstream}
    command: list[str | Path] = [executable, "--expose-gc", HERE / "host.js", json.dumps(asked)]
    # A copy finds what it needs where the original does.
    environment = {**os.environ, "NODE_PATH": str(npm.tree("upgrades") / "node_modules")}
    with running(row.package, command, seconds=SECONDS, environment=environment) as host:
        yield host
