"""Who keeps the patches of a project: the package manager in use, as its lockfile and package.json say."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InputError
from ..json_text import read
from ..locked import NAMES, load
from .choice import MANAGERS, choose
from .keeper import Copy, Keeper, Kept, Project, Unit, covers, prefix

__all__ = ["MANAGERS", "Copy", "Keeper", "Kept", "Project", "Unit", "choose", "covers", "prefix", "project_at"]


def project_at(target: Path) -> Project:
    """The project that a folder belongs to: where the nearest lockfile is, or else the nearest package.json.

    InputError when there is neither, or package.json cannot be read.
    """
    start = Path(os.path.realpath(target))
    if not start.is_dir():
        hint = "give the folder of a project; --dir keeps patches without a package manager"
        raise InputError(f"{target}: not a folder", hint=hint)
    folders = [start, *start.parents]
    locked = next((f for f in folders if any((f / name).is_file() for name in NAMES)), None)
    root = locked or next((f for f in folders if (f / "package.json").is_file()), None)
    if root is None:
        raise InputError(f"{target}: no package.json here or above", hint="patch --dir DIR needs none")
    try:
        text = (root / "package.json").read_bytes().decode("utf-8")
        manifest = read(text)
    except FileNotFoundError:
        raise InputError(f"{root / 'package.json'}: not there, beside a lockfile") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{root / 'package.json'}: cannot be read: {str(error)[:120]}") from None
    return Project(root, text, manifest, load(root))
