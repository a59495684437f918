"""nodemend as a library: the scan that the command line does, with its report as typed data."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path

from . import scan
from .config import Release
from .errors import ConfigError, InputError
from .finding import Patch, Report
from .replace import Change, recover, root_of, write_all
from .rule import Rule, load_rules
from .scan import STDIN, Settings
from .semver import parse_range
from .sets import selected

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


def check(paths: Paths, *, rules: Sequence[Rule] | None = None, node: str = "", release: Release = "delete") -> Report:
    """What the rules find in these folders, files and tarballs ("-": stdin).

    `rules` are by default the recommended ones that come with nodemend; `node` is the Node range to judge for, "" for
    what engines say and "all" for every finding. No configuration file is read: what is asked for is said here.
    Raises InputError for a path that cannot be scanned at all, ConfigError for a `node` that is no range.
    """
    wanted = selected(load_rules(), ()) if rules is None else rules
    return scan.check(_listed(paths), wanted, _settings(node, release), stdin=sys.stdin.buffer.read)


def fix(
    paths: Paths,
    *,
    rules: Sequence[Rule] | None = None,
    node: str = "",
    release: Release = "delete",
    suggestions: bool = False,
    write: bool = False,
) -> Report:
    """The same findings, and in `patches` each file that they change, before and after.

    With `suggestions` also the fixes that a human should look at. With `write` the files are changed in place, all or
    none, once what an earlier run that was killed left half done is undone.
    Raises as `check` does; with `write` also PatchError, and InputError for members of archives and for stdin.
    """
    wanted = selected(load_rules(), ()) if rules is None else rules
    settings = _settings(node, release, suggestions)
    if not write:
        return scan.fix(_listed(paths), wanted, settings, stdin=sys.stdin.buffer.read)
    root = root_of([Path(path) for path in _listed(paths) if path != STDIN])
    recover(root)
    report = scan.fix(_listed(paths), wanted, settings, stdin=sys.stdin.buffer.read)
    _write(report.patches, root)
    return report


def _listed(paths: Paths) -> list[str]:
    return [fspath(paths)] if isinstance(paths, str | PathLike) else [fspath(path) for path in paths]


def _settings(node: str, release: Release, suggestions: bool = False) -> Settings:
    if node not in ("", "all"):
        try:
            parse_range(node)
        except ValueError as error:
            raise ConfigError(f"node: {error}", hint="for example 20, '>=18 <22', or all") from None
    if release not in ("delete", "null"):
        raise ConfigError(f"release: {release!r} is neither 'delete' nor 'null'")
    return Settings(node, release, suggestions)


def _write(patches: Sequence[Patch], root: Path) -> None:
    away = [patch.path for patch in patches if patch.path == STDIN or not Path(patch.path).is_file()]
    if away:
        raise InputError(f"{away[0]} cannot be written in place", hint="leave out write=True, or unpack the archive")
    write_all([Change(Path(patch.path), patch.before, patch.after) for patch in patches], root=root, links=True)
