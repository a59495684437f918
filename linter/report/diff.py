"""Unified diffs: of a report's patches, and of one finding's fix; and where they are to be applied."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ..edit import apply
from ..finding import Finding, Patch, Report
from ..patch import unified
from .view import View


def render(report: Report, view: View) -> bytes:
    """The unified diffs of all patches, one after the other; no bytes when there is nothing to mend.

    Names are counted from the current folder, so that `git apply` and `patch -p1` take the diff there.
    """
    return b"".join(_diff(patch, view) for patch in report.patches if not refused([patch], view))


def refused(patches: Iterable[Patch], view: View) -> list[str]:
    """The paths of patches that no diff can name: those that are not UTF-8, which no patch tool reads alike."""
    return [patch.path for patch in patches if not _is_utf8(place(view, patch.path, patch.file)[1])]


def _diff(patch: Patch, view: View) -> bytes:
    return unified(place(view, patch.path, patch.file)[1], patch.before, patch.after, git=False)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def of_finding(finding: Finding, view: View, name: str = "") -> bytes | None:
    """The unified diff of this finding's fix alone, with its place as the name unless one is given.

    None without a fix, when the file cannot be read again, or when a diff cannot name it.
    """
    before = view.read(finding.path) if finding.fix else None
    name = name or place(view, finding.path, finding.file)[1]
    if finding.fix is None or before is None or not _is_utf8(name):
        return None
    try:
        after = apply(before, finding.fix.edits)
    except ValueError:  # the file has changed since it was scanned
        return None
    return unified(name, before, after, git=False)


def folders(patches: Iterable[Patch], view: View) -> list[str]:
    """The folders in which the diff has to be applied, "" for the current one."""
    return sorted({place(view, p.path, p.file)[0] for p in patches})


def place(view: View, path: str, file: str) -> tuple[str, str]:
    """The folder a diff of this path is to be applied in ("" for the current one), and the path's name from there.

    A path inside an archive is named as the package names it, for that is where it will be unpacked.
    """
    archive = next((t for t in view.targets if path.startswith(f"{t}/") and os.path.isfile(view.absolute(t))), None)
    if archive is not None:
        return archive, file
    name = view.below(path)
    if name is not None:
        return "", name
    whole = view.absolute(path)
    around = [f for f in map(view.absolute, view.targets) if os.path.isdir(f) and whole.startswith(os.path.join(f, ""))]
    folder = max(around, key=len, default=os.path.dirname(whole))
    return folder, os.path.relpath(whole, folder).replace(os.sep, "/")
