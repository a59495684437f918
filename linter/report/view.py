"""What a format may know besides the report: the rules' pages, the files' bytes, where paths are counted from."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

from ..datatype import dataclass
from ..finding import Severity
from ..repository import root_of

STDIN = "-"


class Page(Protocol):
    """The part of a rule that a report shows."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def category(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def page(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def safety(self) -> str: ...
    @property
    def recommended(self) -> bool: ...


def raw(path: str) -> bytes:
    """The bytes of a path; half a surrogate pair, which no file system has but a package.json can, becomes `?`."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return path.encode("utf-8", "replace")


def _unknown(_path: str) -> bytes | None:
    return None


@dataclass(frozen=True, slots=True)
class View:
    """How to show a report.

    `read` gives the bytes that a finding's path had when it was scanned, or None where they cannot be had;
    `targets` are the paths as given on the command line; `cwd` is the folder that relative paths start from.
    """

    rules: Sequence[Page] = ()
    read: Callable[[str], bytes | None] = _unknown
    targets: Sequence[str] = ()
    cwd: str = ""
    stdin_name: str = "stdin.js"
    colour: bool = False
    verbose: bool = False
    suppressed: bool = False  # whether findings that the project has answered are shown by the formats that can
    quiet: bool = False
    columns: int = 100
    wraps: bool = False  # whether sentences are broken at blanks to fit in; else each is one line to search in
    encoding: str = "utf-8"

    def rule(self, name: str) -> Page | None:
        return next((rule for rule in self.rules if rule.id == name), None)

    def below(self, path: str) -> str | None:
        """The path counted from the current folder, `/` between; None when it lies outside of it."""
        if path == STDIN:
            return self.stdin_name
        relative = os.path.relpath(os.path.join(self._here, path), self._here).replace(os.sep, "/")
        return None if relative == ".." or relative.startswith("../") or os.path.isabs(relative) else relative

    def absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._here, path))

    @property
    def root(self) -> str:
        """The folder that a repository's paths are counted from: its root, else the current folder."""
        return root_of(self._here) or self._here

    @property
    def _here(self) -> str:
        return os.path.abspath(self.cwd or os.curdir)
