"""The keys of a JSON text with their lines; comments and commas too many are let pass, as Bun writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..datatype import dataclass
from ..regexes import regex

_TOKEN = regex(r'"(?:[^"\\\n]|\\.)*"|[{}\[\]:,\n]|//[^\n]*|/\*.*?\*/', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Key:
    """`path` has the keys from the outermost to this one; `value` is its text, or the first one of its list, or ""."""

    path: tuple[str, ...]
    line: int
    value: str = ""


def keys(text: str, depth: int) -> Iterator[Key]:
    """The keys of objects down to so many levels, in the order in which they stand. Broken text gives what it gives.

    Objects in lists are passed over.
    """
    path: list[str] = []  # the key being read in each object that is open
    lists = 0  # brackets open from the outermost list on
    line, word = 1, ""
    waiting: Key | None = None  # for its value
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token[0] == '"':
            word = token
            if waiting is not None:
                yield Key(waiting.path, waiting.line, _text(token))
                waiting = None
        elif token[0] in "\n/":
            line += token.count("\n")
        elif lists or token == "[":
            lists += (token in "{[") - (token in "}]")
        elif token == ":" and path:
            path[-1] = _text(word)
            waiting = Key(tuple(path), line) if len(path) <= depth else None
        else:  # a number for a value is none that is asked for
            if waiting is not None:
                yield waiting
                waiting = None
            if token == "{":
                path.append("")
            elif token == "}" and path:
                path.pop()


def _text(token: str) -> str:
    try:
        value: object = json.loads(token)
    except ValueError:
        return token.strip('"')
    return value if isinstance(value, str) else ""
