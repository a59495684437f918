"""python -m proof.cures: run each row before and after its cure; exit code 1 when one is not proved."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tests.npm import NpmError

from .. import ProofError
from .prove import prove
from .rows import ROWS


@click.command(help="Run each package as released and mended, and say whether its upgrade heads are held or free.")
@click.option("--package", "wanted", metavar="TEXT", default="", help="Only rows whose id has this in it.")
@click.option(
    "--from", "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Take mended packages from DIR/NAME-VERSION.  [default: what nodemend makes of them]",
)  # fmt: skip
def main(wanted: str, folder: Path | None) -> None:
    rows = [row for row in ROWS if wanted in row.id]
    here = [row for row in rows if folder is None or (folder / row.package).is_dir()]
    if not here:
        what = f"{folder} holds no NAME-VERSION of a row" if rows else f"no row's id has {wanted!r} in it"
        print(f"error: {what}; there are {', '.join(sorted({row.package for row in ROWS}))}", file=sys.stderr)
        sys.exit(2)
    outcomes = []
    for row in here:
        try:
            outcomes.append(prove(row, folder))
        except (ProofError, NpmError) as error:
            print(f"error: {row.id}: {error}", file=sys.stderr)
            sys.exit(1)
        print(outcomes[-1], flush=True)
    proved = [outcome for outcome in outcomes if outcome.proved]
    idioms = len({outcome.row.idiom for outcome in proved})
    print(f"{len(proved)} of {len(here)} rows are proved, over {idioms} idioms")
    sys.exit(0 if len(proved) == len(here) else 1)


if __name__ == "__main__":
    main()
