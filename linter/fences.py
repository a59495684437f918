"""The fences of a Markdown page: code, the heading it stands under, and the words behind its language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .datatype import dataclass
from .errors import RuleError
from .regexes import regex
from .semver import parse_range

FENCE = regex(r"^(?P<fence>```+|~~~+)[ \t]*(?P<info>[^\n`]*)$")
_OPTION = regex(r'(?P<name>[^\s=]+)(?:=(?:"(?P<quoted>[^"]*)"|(?P<plain>\S*)))?')


@dataclass(frozen=True, slots=True)
class Fence:
    info: str
    body: str
    heading: str  # of the second level; "" above the first
    line: int  # of its first line of code
    indent: int  # how far into its line the info string begins
    path: str

    @property
    def language(self) -> str:
        return self.info.split(" ")[0]

    @property
    def is_rule(self) -> bool:
        return self.info.split()[:2] == ["diff", "rule"]

    def options(self, known: Mapping[str, tuple[str, ...] | None], *, skip: int) -> Iterator[tuple[str, str]]:
        """The `name=value` words behind the first `skip` ones. `known` says what each may be; None: a Node range.

        Raises RuleError, which points at the word.
        """
        for found in list(_OPTION.finditer(self.info))[skip:]:
            name, value = found["name"], found["quoted"] or found["plain"] or ""
            column = self.indent + found.start() + 1
            if name not in known:
                from difflib import get_close_matches  # for mistakes only

                near = get_close_matches(name, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
                raise self._error(f"unknown word `{name}` behind the fence", self.line - 1, column, hint=hint)
            wrong = _wrong_option(name, value, known[name])
            if wrong:
                raise self._error(f"`{name}` behind the fence {wrong}", self.line - 1, column)
            yield name, value

    def sides(self) -> tuple[str, str]:
        """The code before and after what the diff in it does. Raises RuleError when it is no diff or does nothing."""
        lines = self.body.split("\n")
        for offset, line in enumerate(lines):
            if line and line[0] not in " +-":
                raise self._error("a line of a diff begins with ' ', + or -", self.line + offset)
        before, after = ("".join(f"{line[1:]}\n" for line in lines if line[:1] != mark) for mark in "+-")
        if before == after:
            hint = "use `js` for what has none"
            raise self._error("a diff without a `+` or a `-` shows no fix", self.line, hint=hint)
        return before, after

    def _error(self, message: str, line: int, column: int = 1, *, hint: str = "") -> RuleError:
        return RuleError(message, path=self.path, line=line, column=column, hint=hint)


def fences(lines: Sequence[str], first: int, path: str) -> Iterator[Fence]:
    """The fences in these lines, of which the first is line `first` of the page. Raises RuleError for an open one."""
    heading, at = "", 0
    while at < len(lines):
        found = FENCE.match(lines[at])
        if found is None:
            heading = lines[at][3:].strip() if lines[at].startswith("## ") else heading
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i].rstrip() == found["fence"]), None)
        if end is None:
            hint = f"end it with `{found['fence']}`"
            raise RuleError("this fence is not closed", path=path, line=first + at, hint=hint)
        code = "\n".join(lines[at + 1 : end])
        yield Fence(found["info"].strip(), code, heading, first + at + 1, found.start("info"), path)
        at = end + 1


def _wrong_option(name: str, value: str, choices: tuple[str, ...] | None) -> str:
    if not value:
        return f"needs a value, as in {name}=..."
    if choices is not None:
        return "" if value in choices else f"is one of {', '.join(choices)}, not `{value}`"
    try:
        parse_range("*" if value == "all" and name == "node" else value)
    except ValueError as error:
        return f"is no range: {error}"
    return ""
