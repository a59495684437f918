"""`nodemend apply`: patch files applied in place, all or none; and the way back from a run that was cut off."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ConfigError, InputError
from .in_place import Place, journal_option
from .options import FOLDER
from .outcome import CLEAN, USAGE, complain, remark

if TYPE_CHECKING:
    from ..apply import Plan

_STDIN = "-"

_EXAMPLES = """\b
Examples:
  nodemend apply fix.patch            apply it in the current folder
  nodemend apply -C vendor patches/*  apply all of them in another one
  nodemend fix | nodemend apply -     from stdin
  nodemend apply --check fix.patch    say whether it would; write nothing
  nodemend apply --reverse fix.patch  take it off again
  nodemend apply --recover            undo what a run that was killed left

\b
Exit codes: 0 when the files have the patches now, or had them already (with
--check: could have them); 2 when a patch cannot be read or applied: then no
file was changed.
"""


@click.command(epilog=_EXAMPLES, short_help="Apply patch files in place, all or none.")
@click.argument("files", metavar="PATCHFILE...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-C", "--dir", "root", type=FOLDER, metavar="DIR", default=Path("."), help="Where.  [default: .]")
@click.option("--check", is_flag=True, help="Only say whether it would apply.")
@click.option("-R", "--reverse", is_flag=True, help="Take the patches off again, the last one first.")
@click.option("--recover", "recovers", is_flag=True, help="First undo a run that was cut off, whatever happened since.")
@journal_option
@click.option("-q", "--quiet", is_flag=True, help="Say no more than is needed.")
@click.pass_context
def apply(
    context: click.Context,
    files: tuple[Path, ...],
    root: Path,
    check: bool,
    reverse: bool,
    recovers: bool,
    journal: Path | None,
    quiet: bool,
) -> None:
    """Apply each PATCHFILE (`-` for stdin) to the files it names below the current folder, or none of it.

    Context must be there to the byte, at the stated lines or once elsewhere. A file that has the patch already is
    said to have it. No name leads out of the folder or through a link, and hard links elsewhere keep the old bytes.
    """
    from ..apply import plan
    from ..replace import demand_finished, write_all

    if not files and not recovers:
        raise ConfigError("no patch file given", hint="for example nodemend apply fix.patch, or - for stdin")
    if not root.is_dir():
        raise InputError(
            f"{root}: no such folder", hint="--dir takes the folder that the names in the patch start from"
        )
    texts = {_named(file): _text(file) for file in dict.fromkeys(files)}
    if check:
        demand_finished(root, journal)
    else:
        Place(root, journal).recover(force=recovers)
    if not files:
        return
    todo = plan(texts, root, backwards=reverse)
    for error in todo.errors:
        complain(str(error))
    if not todo.errors and not check:
        write_all(todo.changes, root=root, journal=journal)
    if not quiet:
        _tell(todo, root, check=check, reverse=reverse)
    context.exit(USAGE if todo.errors else CLEAN)


def _named(file: Path) -> str:
    return "stdin" if str(file) == _STDIN else str(file)


def _text(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == _STDIN else file.read_bytes()
    except OSError as error:
        raise InputError(f"{_named(file)}: cannot be read: {(error.strerror or str(error)).lower()}") from None


def _tell(todo: Plan, root: Path, *, check: bool, reverse: bool) -> None:
    has = "is without the patch already" if reverse else "has the patch already"
    for name in todo.done:
        remark(f"{name} {has}")
    if todo.errors:
        remark("nothing was changed")
        return
    verb = "to patch" if check else "unpatched" if reverse else "patched"
    for change in () if check else todo.changes:
        remark(f"{verb} {change.path.relative_to(root).as_posix()}")
    parts = [f"{_files(todo.changes)} {verb}"] if todo.changes or not todo.done else []
    parts += [f"{_files(todo.done)} done already"] if todo.done else []
    remark("; ".join(parts) + ("; --check wrote nothing" if check else ""))


def _files(some: Sequence[object]) -> str:
    return f"{len(some)} {'file' if len(some) == 1 else 'files'}"
