"""Where a repository shows a finding: in its own file, or else where a lockfile brings the package in."""

from __future__ import annotations

import os

from ..datatype import dataclass
from ..finding import Finding
from ..lockfile import MANIFEST, Installed, entry
from ..repository import root_of, tracked
from .view import STDIN, View

_MODULES = "node_modules"
_STORES = (_MODULES, ".yarn")  # Yarn keeps archives of packages in .yarn/cache


@dataclass(frozen=True, slots=True)
class Anchor:
    """`path` is counted from the repository's root (absolute when it lies elsewhere), `/` between.

    `elsewhere`: the finding's own file is not what is pointed at, for the repository does not hold it.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    elsewhere: bool = False


def anchored(finding: Finding, view: View) -> Anchor:
    """Where to show this finding to somebody who looks at the repository.

    A file that is installed but not kept is never in a diff and in no pull request; the line of package-lock.json,
    pnpm-lock.yaml, yarn.lock, bun.lock or package.json that asks for it is.
    """
    span = finding.span
    own = Anchor(from_root(finding.path, view), span.line, span.column, span.end_line, span.end_column)
    if finding.path == STDIN:
        return own
    archive = _archive(finding.path, view)
    whole = view.absolute(archive or finding.path)
    stores = [at for at, part in enumerate(whole.split(os.sep)) if part in _STORES]
    if archive and not stores:
        return Anchor(from_root(archive, view), 1, elsewhere=True)
    if not stores or (archive is None and _kept(whole)):
        return own
    return _locked(finding, os.sep.join(whole.split(os.sep)[: stores[0]]) or os.sep, view) or own


def from_root(path: str, view: View) -> str:
    """The path counted from the root of the repository that the current folder is in, else from that folder."""
    whole = view.absolute(path if path != STDIN else view.stdin_name)
    relative = os.path.relpath(whole, view.root)
    outside = relative == os.pardir or relative.startswith(os.pardir + os.sep)
    return (whole if outside else relative).replace(os.sep, "/")


def _archive(path: str, view: View) -> str | None:
    """The archive that a path leads into, as it was given."""
    if os.path.exists(view.absolute(path)):
        return None
    while "/" in path.lstrip("/"):
        path = path.rpartition("/")[0]
        if os.path.isfile(view.absolute(path)):
            return path
    return None


def _kept(whole: str) -> bool:
    """Whether the repository holds the file itself, as some do with all of node_modules."""
    root = root_of(os.path.dirname(whole))
    if not root:
        return False
    below = os.path.relpath(whole, root).split(os.sep)
    modules = below.index(_MODULES) + 1 if _MODULES in below else len(below)
    return os.sep.join(below) in tracked(root, os.sep.join(below[:modules]))


def _locked(finding: Finding, folder: str, view: View) -> Anchor | None:
    """The line in the nearest lockfile at or above a folder, up to the repository's root."""
    root = root_of(folder) or view.root
    whole = view.absolute(finding.path).replace(os.sep, "/").removesuffix(f"/{finding.file}")
    found = None
    for at in _upwards(folder, root):
        installed = Installed(finding.package, finding.version, os.path.relpath(whole, at).replace(os.sep, "/"))
        here = entry(at, installed)
        if here is None:
            continue
        path = from_root(os.path.join(at, here.file), view)
        place = Anchor(path, here.line, 1, here.line, here.end_column, elsewhere=True)
        # A workspace has a package.json of its own, and the lockfile of all lies above it.
        if here.file != MANIFEST:
            return place
        found = found or place
    return found


def _upwards(folder: str, root: str) -> list[str]:
    """The folder and those above it up to the root; alone when it is not below the root."""
    folders = [folder]
    while folder != root and folder.startswith(os.path.join(root, "")):
        folder = os.path.dirname(folder)
        folders.append(folder)
    return folders
