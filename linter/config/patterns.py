"""Which packages and which files a setting speaks of, as the user writes it down."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from ..datatype import dataclass
from ..semver import parse_range, satisfies


@dataclass(frozen=True, slots=True)
class PackagePattern:
    """`name` or `name@range`; a `*` in the name stands for anything but a `/`. With `!` before: not it."""

    name: str
    versions: str = "*"
    negated: bool = False

    @classmethod
    def read(cls, text: str) -> PackagePattern:
        """The pattern that a text is. Raises ValueError with one clear line."""
        bare = text.removeprefix("!")
        name, at, versions = bare[1:].partition("@")
        name = bare[:1] + name
        if name in ("", "@") or any(char.isspace() for char in name):
            raise ValueError(f"{text!r} names no package")
        if at:
            parse_range(versions)
        return cls(name, versions if at else "*", bare != text)

    def matches(self, name: str, version: str) -> bool:
        """Whether a package of this name and version is meant; one without a version only by a name alone."""
        if not _glob(self.name).fullmatch(name):
            return False
        return self.versions == "*" or satisfies(version, self.versions)

    def __str__(self) -> str:
        versions = "" if self.versions == "*" else f"@{self.versions}"
        return f"{'!' if self.negated else ''}{self.name}{versions}"


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A path below the configuration's folder, as .gitignore has them.

    `*` and `?` stand for anything but a `/`, `**` for anything. A folder stands for all that is in it. Without a `/`
    before its end a pattern may begin in any folder. `!` before it: not these.
    """

    text: str
    negated: bool = False

    @classmethod
    def read(cls, text: str) -> PathPattern:
        """The pattern that a text is. Raises ValueError with one clear line."""
        bare = text.removeprefix("!")
        if not bare.strip("/. ") or bare.startswith("../"):
            raise ValueError(f"{text!r} is no path below the folder of the configuration")
        return cls(bare, bare != text)

    def matches(self, path: str) -> bool:
        """Whether a path, `/` between, is meant."""
        return _path(self.text).fullmatch(path) is not None

    def __str__(self) -> str:
        return f"{'!' if self.negated else ''}{self.text}"


P = TypeVar("P", PackagePattern, PathPattern)


def chosen(patterns: Sequence[P], matches: Callable[[P], bool]) -> bool:
    """Whether something is chosen: by one of the patterns, if any is without a `!`, and by none of those with one."""
    wanted = [pattern for pattern in patterns if not pattern.negated]
    if wanted and not any(matches(pattern) for pattern in wanted):
        return False
    return not any(matches(pattern) for pattern in patterns if pattern.negated)


@lru_cache(maxsize=512)
def _glob(text: str) -> re.Pattern[str]:
    return re.compile(_regex(text), re.DOTALL)


@lru_cache(maxsize=512)
def _path(text: str) -> re.Pattern[str]:
    bare = text.strip("/").removeprefix("./")
    anywhere = "" if "/" in bare or text.startswith(("/", "./")) else "(?:.*/)?"
    inside = ".+" if text.endswith("/") else ""
    return re.compile(f"{anywhere}{_regex(bare)}{f'/{inside}' if inside else '(?:/.*)?'}", re.DOTALL)


def _regex(text: str) -> str:
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(word) or re.escape(word) for word in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", text))
