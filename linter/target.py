"""What code is to run on, and whose it is."""

from __future__ import annotations

from .datatype import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What the code is to run on, and how fixes are to look.

    `node` is an npm range, "" when it is not known; gated=False reports whatever Node a finding is about.
    """

    node: str = ""
    gated: bool = True
    release: str = "delete"  # or "null": how an inserted line lets go of a property


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose file it is: the package's name and version, and the path inside of it."""

    package: str = ""
    version: str = ""
    file: str = ""

    @property
    def place(self) -> str:
        """What of the path does not depend on where a scan begins: without a package that is the file's name alone."""
        return self.file if self.package else self.file.rpartition("/")[2]
