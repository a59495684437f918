"""The `@@ ... @@` line of a semantic patch: which kinds of values its metavariables may be bound to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..datatype import dataclass, field
from ..errors import RuleError
from ..kinds import KINDS, makes
from ..regexes import regex
from .semantic_patch import Kind

METAVARIABLES = regex(r"\$[A-Z][A-Z0-9_]*")
_DECLARATION = regex(r"\s*(?P<name>\$\w+)\s*(?::(?P<kinds>[^,]*))?\s*$")


@dataclass(slots=True)
class Declarations:
    """What is declared, and where: 1-based lines of the page and columns."""

    path: str
    kinds: dict[str, tuple[Kind, ...]] = field(default_factory=dict)
    _places: dict[str, tuple[int, int]] = field(default_factory=dict)
    _arguments: dict[str, tuple[int, int]] = field(default_factory=dict)

    def read(self, code: str, line: int, offset: int) -> None:
        """Reads the declarations of one line; `offset` is how far into the line the code begins."""
        at = offset
        for piece in code.split(","):
            if piece.strip():
                column = at + len(piece) - len(piece.lstrip()) + 1
                found = _DECLARATION.match(piece)
                if found is None or not METAVARIABLES.fullmatch(found["name"]):
                    raise self._error(f"not a declaration: `{piece.strip()}`", line, column, "write `$NAME: kind`")
                if found["name"] in self.kinds:
                    raise self._error(f"`{found['name']}` is declared twice", line, column)
                self._places[found["name"]] = line, column
                after = at + found.start("kinds") if found["kinds"] else at
                self.kinds[found["name"]] = tuple(self._kinds(found["kinds"] or "", line, after))
            at += len(piece) + 1

    def check(self, bound: Collection[str]) -> None:
        """Raises RuleError for a name that is declared or asked about, but that no code binds."""
        for name, (line, column) in self._places.items():
            if name in self.made:
                if name in bound:
                    raise self._error(f"`{name}` is made by its kind: only a `+` line can have it", line, column)
            elif name not in bound:
                raise self._error(f"`{name}` is declared but nothing binds it", line, column, nearest(name, bound))
        for name, (line, column) in self._arguments.items():
            if name not in bound:
                raise self._error(f"unknown metavariable `{name}`", line, column, nearest(name, bound))

    @property
    def made(self) -> set[str]:
        """What no code binds, because its kind says what it is."""
        return {name for name, kinds in self.kinds.items() if makes(kinds)}

    def _kinds(self, code: str, line: int, at: int) -> Iterator[Kind]:
        for alternative in code.split("|") if code.strip() else ():
            words = [(found[0], at + found.start() + 1) for found in re.finditer(r"\S+", alternative)]
            at += len(alternative) + 1
            if not words:
                raise self._error("a kind is missing", line, at, "write `$NAME: kind | kind`")
            (name, column), *arguments = words
            if name not in KINDS:
                raise self._error(f"unknown kind `{name}`", line, column, nearest(name, KINDS))
            least, most = KINDS[name].arity
            if not least <= len(arguments) <= most:
                takes = f"{least}" if least == most else f"{least} to {most}"
                plural = "" if takes == "1" else "s"
                raise self._error(f"kind `{name}` takes {takes} argument{plural}, not {len(arguments)}", line, column)
            self._arguments.update((word, (line, place)) for word, place in arguments if word.startswith("$"))
            yield (name, *(word for word, _ in arguments))

    def _error(self, message: str, line: int, column: int, hint: str = "") -> RuleError:
        return RuleError(message, path=self.path, line=line, column=column, hint=hint)


def nearest(name: str, known: Collection[str]) -> str:
    """A hint: the known name that is most like this one, else all of them."""
    from difflib import get_close_matches  # for mistakes only

    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"there are {', '.join(f'`{k}`' for k in sorted(known))}"
