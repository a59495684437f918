"""python -m proof.leak [DIR]: run everything, write proof.md and proof.svg into DIR, fail if it proves nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.npm import NpmError

from .. import ProofError
from .claims import objections
from .measure import measure
from .page import page, table
from .plot import svg


def main(folder: Path) -> int:
    """Exit code 0 when every claim is borne out, 1 when not or when something could not be run.

    The page is written only in the first case: what stands in the docs stays true.
    """
    runs = []
    try:
        for run in measure():
            runs.append(run)
            print(f"Node {run.node}, {run.variant}: {run.slope:.2f} MB a socket", flush=True)
    except (ProofError, NpmError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"\n{table(runs)}")
    against = objections(runs)
    for sentence in against:
        print(f"error: {sentence}", file=sys.stderr)
    if against:
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "proof.md").write_text(page(runs), "utf8")
    (folder / "proof.svg").write_text(svg(runs), "utf8")
    print(f"\nborne out; {folder / 'proof.md'} and {folder / 'proof.svg'} are written")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")))
