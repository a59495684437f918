"""The repository that a file belongs to: its root, paths counted from there, and which files it holds itself."""

from __future__ import annotations

import os
from functools import lru_cache

_SECONDS = 30.0


def below_root(path: str) -> str | None:
    """The path counted from the root of its repository, `/` between; None when it is in none."""
    whole = os.path.abspath(path)
    root = root_of(os.path.dirname(whole))
    return os.path.relpath(whole, root).replace(os.sep, "/") if root else None


@lru_cache(maxsize=1024)
def root_of(folder: str) -> str:
    """The nearest folder at or above an absolute one that is the root of a working tree of git; "" for none."""
    while not os.path.exists(os.path.join(folder, ".git")):  # a file in a worktree, and in a submodule
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent
    return folder


@lru_cache(maxsize=64)
def tracked(root: str, below: str) -> frozenset[str]:
    """The files below a folder that the repository holds, counted from its root; none where git cannot say."""
    import subprocess  # most scans ask git nothing

    # A repository may name a program that git is to run when it looks at files: it is not run.
    command = ["git", "-c", "core.fsmonitor=false", "--literal-pathspecs", "ls-files", "-z", "--", below or "."]
    # Within a hook, git's own variables speak of the repository that is committed to.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
