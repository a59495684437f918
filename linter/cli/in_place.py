"""Where a command writes in place: the folder nothing may lead out of, and the journal that it keeps meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from ..datatype import dataclass
from ..errors import InputError
from ..finding import Patch
from .options import FOLDER
from .outcome import remark

P = ParamSpec("P")
R = TypeVar("R")


def journal_option(command: Callable[P, R]) -> Callable[P, R]:
    words = "Keep the journal of the run in DIR.  [default: the folder that is written in]"
    return click.option("--journal", type=FOLDER, metavar="DIR", help=words)(command)


@dataclass(frozen=True, slots=True)
class Place:
    root: Path
    journal: Path | None = None  # the folder of the journal, when it is not root

    @classmethod
    def of(cls, paths: Sequence[str], journal: Path | None) -> Place:
        """That of a scan of these paths."""
        from ..replace import root_of

        return cls(root_of([Path(path) for path in paths]), journal)

    def recover(self, *, force: bool = False) -> None:
        """Undoes what an earlier run here left half done, and says so. Raises InputError."""
        from ..replace import recover

        said = recover(self.root, journal=self.journal, force=force)
        if said:
            remark(said)
        elif force:
            remark(f"no run was cut off in {self.root}")

    def write(self, patches: Sequence[Patch], *, quiet: bool) -> list[InputError]:
        """Applies what can be applied, all or nothing; one error for members of archives, which cannot be."""
        from ..replace import Change, write_all

        here = [patch for patch in patches if Path(patch.path).is_file()]
        changes = [Change(Path(patch.path), patch.before, patch.after) for patch in here]
        write_all(changes, root=self.root, journal=self.journal, links=True)
        for patch in here if not quiet else ():
            remark(f"mended {patch.path} ({', '.join(patch.rules)})")
        away = [patch.path for patch in patches if patch not in here]
        if not away:
            return []
        more = f" (nor {len(away) - 1} others)" if len(away) > 1 else ""
        hint = "leave out --write to print the diff, or unpack the archive"
        return [InputError(f"{away[0]} cannot be written in place{more}", hint=hint)]
