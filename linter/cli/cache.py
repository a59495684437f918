"""`nodemend cache`: what scans have kept for later ones, and where; and the options for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from ..config import Config, load
from ..terminal import visible
from .outcome import emit, remark

if TYPE_CHECKING:
    from ..cache import Cache
    from ..cache.store import Contents, Store

P = ParamSpec("P")
R = TypeVar("R")
OFF = Path("off")
_EXAMPLES = """\b
Examples:
  nodemend cache                       where it is, how large, and of what use
  nodemend cache prune --older-than 7  without what was not used for a week
  nodemend cache clear
"""
_DAY = 86_400


def cache_option(command: Callable[P, R]) -> Callable[P, R]:
    words = "The folder for results of scans; `off`: none.  [default: the user's folder for caches]"
    path = click.Path(path_type=Path)
    return click.option("--cache", metavar="DIR", type=path, envvar="NODEMEND_CACHE", help=words)(command)


def cache_options(command: Callable[P, R]) -> Callable[P, R]:
    words = "Look at everything anew, and keep nothing."
    return cache_option(click.option("--no-cache", is_flag=True, help=words)(command))


def kept_in(config: Config, asked: Path | None, *, off: bool = False) -> Cache | None:
    """The cache as asked, else as configured, else the user's; None when there is to be none."""
    if off or asked == OFF or (asked is None and config.cache is False):
        return None
    from ..cache import Cache, usual

    folder = asked or (config.cache if isinstance(config.cache, Path) else usual())
    return Cache(folder.absolute(), config.cache_size) if folder else None


def tell_of_trouble(cache: Cache | None, *, quiet: bool) -> None:
    """Says in one line why there was no use in it."""
    if cache and cache.trouble and not quiet:
        remark(f"without the cache: {cache.trouble}")


@click.group(short_help="What scans have kept for later ones.", invoke_without_command=True, epilog=_EXAMPLES)
@cache_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object: folder, size, limit, trees, packages, figures.")
@click.pass_context
def cache(context: click.Context, cache: Path | None, as_json: bool) -> None:
    """Show where results of scans are kept, how much, and how often they were of use.

    `nodemend check` of folders and tarballs looks again only at what has changed since.
    """
    config = load()
    context.obj = kept_in(config, cache)
    if context.invoked_subcommand is None:
        _show(context.obj, as_json=as_json)


@cache.command(epilog="Example: nodemend cache clear")
@click.pass_obj
def clear(kept: Cache | None) -> None:
    """Take out everything. Scans that go on meanwhile do not mind."""
    from ..cache.place import removed
    from ..errors import InputError

    if kept is None:
        remark("there is no cache")
        return
    try:
        size = removed(kept.folder)
    except OSError as error:
        raise InputError(f"{kept.folder} cannot be cleared: {error.strerror or error}") from None
    remark(f"cleared {kept.folder}: {_megabytes(size)}")


@cache.command(epilog="Example: nodemend cache prune --older-than 7")
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.FloatRange(0),
    default=30,
    help="What was not used for so long.  [default: 30]",
)
@click.pass_obj
def prune(kept: Cache | None, days: float) -> None:
    """Take out what has not been of use for a while."""
    if kept is None:
        remark("there is no cache")
        return
    store = _store(kept)
    gone = _tried(lambda: store.prune(days * _DAY))
    remark(f"pruned {kept.folder}: {gone} {'result' if gone == 1 else 'results'} taken out")


def _show(kept: Cache | None, *, as_json: bool) -> None:
    from ..report.json import dump

    if kept is None:
        emit(b"null\n" if as_json else b"There is no cache.\n")
        return
    contents = _tried(_store(kept).contents)
    if as_json:
        emit(dump({
            "folder": str(kept.folder), "size": contents.size, "limit": kept.limit << 20, "trees": contents.trees,
            "packages": contents.packages, "figures": {**dict(contents.figures)},
        }))  # fmt: skip
        return
    emit("".join(f"{visible(line)}\n" for line in _lines(kept, contents)).encode(errors="backslashreplace"))


def _lines(kept: Cache, contents: Contents) -> list[str]:
    figures = dict(contents.figures)
    return [
        f"{kept.folder}: {_megabytes(contents.size)} of at most {kept.limit} MiB",
        f"{contents.trees:>10,} trees of packages",
        f"{contents.packages:>10,} packages by what is in them",
        f"{figures.get('scans', 0):>10,} scans so far:",
        f"{figures.get('unchanged', 0):>10,} packages with nothing changed",
        f"{figures.get('known', 0):>10,} packages read, whose contents were known",
        f"{figures.get('analysed', 0):>10,} packages analysed",
    ]


def _store(kept: Cache) -> Store:
    from ..cache.store import Store

    return Store(kept.folder, kept.limit << 20)


def _tried(what: Callable[[], R]) -> R:
    from ..cache.place import CacheError
    from ..errors import InputError

    try:
        return what()
    except CacheError as error:
        raise InputError(str(error), hint="`nodemend cache clear` begins a new one") from None


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
