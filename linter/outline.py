"""The outline of a large file: which bodies of functions need not be parsed, found by a search of its bytes.

Parsing is what a scan of large bundles would spend its time and memory on, and most of a bundle is functions in which
no rule has anything to look for. Their braces are found here without a grammar, which is many times faster, and the
parser passes over what is between them.

Nothing has to be believed of this search: where it cannot tell (a `/` that may divide or begin a pattern, text of JSX)
it gives up, and the tree that comes of it is checked against it (`Source.tree`).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from .datatype import dataclass
from .regexes import regex
from .spellings import places

Extent = tuple[int, int]

# Up to the next brace, or what has to be looked at more closely. Possessive throughout: hardly a byte is read twice. A
# pattern behind a byte that no operand ends with is one for certain, and so is a division behind a bracket or digit.
# Most blocks are too small to be worth leaving out (_LEAST), and those with nothing in them are passed over here.
_NEXT = regex(
    rb"""(?:
      [^{}"'`/\\]++
    | "(?:[^"\\\n]++|\\[\s\S])*+"
    | '(?:[^'\\\n]++|\\[\s\S])*+'
    | `(?:[^`\\$]++|\\[\s\S]|\$(?!\{))*+`
    | //[^\n]*+
    | /\*(?:[^*]++|\*(?!/))*+\*/
    | (?<=[(,=:\[!&|?;])/(?:[^\\/\[\n]++|\\[^\n]|\[(?:[^\]\\\n]++|\\[^\n])*+\])++/
    | (?<=[\]0-9])/
    | \\u(?:\{[0-9A-Fa-f]*+\}|[0-9A-Fa-f])
    | \{[^{}"'`/\\]{0,61}+\}
    )*+(?P<stop>[{}`/]|\Z)?""",
    re.VERBOSE,
)
_TEMPLATE = regex(rb"(?:[^`\\$]++|\\[\s\S]|\$(?!\{))*+(?P<stop>`|\$\{)")
_REGEX = regex(rb"/(?![*/])(?:[^\\/\[\n]++|\\[^\n]|\[(?:[^\]\\\n]++|\\[^\n])*+\])++/")
_WORD = regex(rb"[\w$]+\Z")
_BLANKS = b" \t\r\n\v\f"
# Behind these a `/` begins a pattern; behind other words, it divides. `of`, `await` and `yield` may be either.
_OPERATORS = frozenset({
    b"return", b"typeof", b"case", b"in", b"delete", b"void", b"throw", b"new", b"do", b"else", b"instanceof",
})  # fmt: skip
_EITHER = frozenset({b"of", b"await", b"yield"})
_CONTROL = frozenset({b"if", b"for", b"while", b"switch", b"catch", b"with", b"await"})
_FUNCTION = regex(rb"function\s*\*?\s*[\w$]*\s*")
_LONGEST_HEAD = 400  # bytes of a function's parameters
_LONGEST_NAME = 80
_LEAST = 64  # bytes of a body that is worth leaving out
_MOST = 1 << 12  # bodies: for each token the parser goes through those before it
# A function up to this size is parsed as a whole when something in it is looked for: what rules ask of a variable is
# mostly what the functions beside and around it do.
_UNIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Outline:
    """The blocks of a file, but for most small ones: where they open and behind which they close, outer first."""

    data: bytes
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, data: bytes) -> Outline | None:
        """None where the braces cannot be told without a grammar."""
        return None if _has_html_comment(data) else _read(data)

    def hidden(self, wanted: Iterable[int]) -> tuple[Extent, ...]:
        """The bodies of functions, braces included, that none of these offsets lies in or near: in source order."""
        at, hidden = sorted(wanted), list[Extent]()
        number = 0
        while number < len(self.starts):
            start, end = self.starts[number], self.ends[number]
            first = bisect_left(at, start)
            holds = first < len(at) and at[first] < end
            whole = end - start <= (_UNIT if holds else end)
            if end - start >= _LEAST and whole and _is_body(self.data, start):
                if not holds:
                    hidden.append((start, end))
                number = bisect_left(self.starts, end, number)
            else:
                number += 1
        if len(hidden) > _MOST:
            hidden = sorted(sorted(hidden, key=lambda extent: extent[0] - extent[1])[:_MOST])
        return tuple(hidden)


def left(size: int, hidden: Sequence[Extent]) -> list[Extent]:
    """What is left of so many bytes without what lies between the braces that are hidden."""
    starts = (0, *(end - 1 for _, end in hidden))
    return [*zip(starts, (*(start + 1 for start, _ in hidden), size), strict=True)]


def inside(spans: Sequence[Extent], start: int, end: int) -> Sequence[Extent]:
    """Those of the disjoint spans, in order, that lie inside [start, end)."""
    return spans[bisect_left(spans, (start, start)) : bisect_right(spans, (end, end))]


def takes(data: bytes, start: int, name: re.Pattern[bytes]) -> bool:
    """Whether the function whose body begins there, a hidden one, has a parameter of that name."""
    head = data[data.rfind(b"(", max(0, start - _LONGEST_HEAD), start) : start]
    return b"=" not in head and name.search(head) is not None


def _has_html_comment(data: bytes) -> bool:
    """Whether there may be a comment as HTML has it, which scripts may have too: to the end of its line."""
    for at in places(b"<!--", data):
        last = at - 1
        while last >= 0 and data[last] in b" \t":
            last -= 1
        if last < 0 or data[last] in b"\n;{}":
            return True
    return False


def _read(data: bytes) -> Outline | None:
    starts, ends = array("I"), array("I")
    open_: list[int] = []  # the numbers of the blocks that are open; -1 for the part of a template
    at = 0
    while True:
        # Of the many millions of bytes that are read this way most lie between braces: nothing else is done for these.
        for found in _NEXT.finditer(data, at):
            at, stop = found.end(), found["stop"]
            if stop == b"{":
                open_.append(len(starts))
                starts.append(at - 1)
                ends.append(0)
            elif stop == b"}" and open_ and open_[-1] >= 0:
                ends[open_.pop()] = at
            else:
                break
        if not stop:
            return Outline(data, starts, ends) if stop == b"" and not open_ else None
        if stop == b"/":
            behind = _behind_slash(data, at - 1)
            if behind is None:
                return None
            at = behind
            continue
        if stop == b"}":
            if not open_:
                return None
            open_.pop()
        template = _TEMPLATE.match(data, at)
        if template is None:
            return None
        at = template.end()
        if template["stop"] != b"`":
            open_.append(-1)


def _behind_slash(data: bytes, slash: int) -> int | None:
    """Where to read on behind a `/` that is no comment; None when it cannot be told what it is."""
    last = slash - 1
    while last >= 0 and data[last] in _BLANKS:
        last -= 1
    before = data[last : last + 1] if last >= 0 else b";"
    if before in (b"]", b'"', b"'", b"`", b".") or data[last - 1 : last + 1] in (b"++", b"--"):
        return slash + 1
    if before == b")" and _is_operand(data, last):
        return slash + 1
    pattern = _REGEX.match(data, slash)
    if before.isalnum() or before in (b"_", b"$") or before >= b"\x80":
        found = _WORD.search(data, max(0, last - _LONGEST_NAME), last + 1)
        word = found[0] if found is not None else b""
        is_name = data[last - len(word) : last - len(word) + 1] == b"."
        if is_name or word not in _OPERATORS:
            return None if word in _EITHER and not is_name else slash + 1
    elif before == b"/":  # the end of a comment or of a pattern
        return None
    return pattern.end() if pattern is not None else None


def _is_operand(data: bytes, last: int) -> bool:
    """Whether the parenthesis that closes there ends a call or an expression, not the head of a statement."""
    depth, at = 0, last
    for at in range(last, max(-1, last - _LONGEST_HEAD), -1):
        if data[at] == 41:
            depth += 1
        elif data[at] == 40:
            depth -= 1
            if not depth:
                break
    name = _WORD.search(data[max(0, at - _LONGEST_NAME) : at].rstrip(_BLANKS))
    return name is None or name[0] not in _CONTROL


def _is_body(data: bytes, start: int) -> bool:
    """Whether the block that opens there is, for all that the bytes before it tell, the body of a function."""
    last = start - 1
    while last >= 0 and data[last] in _BLANKS:
        last -= 1
    if data[last : last + 1] == b">":
        return data[last - 1 : last] == b"="
    if data[last : last + 1] != b")":
        return False
    opened = data.rfind(b"(", max(0, last - _LONGEST_HEAD), last)
    if opened < 0 or data.find(b")", opened, last) >= 0:  # a call in the head of a statement, say
        return False
    word = data.rfind(b"function", max(0, opened - _LONGEST_NAME), opened)
    if word >= 0 and _FUNCTION.fullmatch(data, word, opened):
        return True
    name = _WORD.search(data[max(0, opened - _LONGEST_NAME) : opened].rstrip(_BLANKS))
    return name is not None and name[0] not in _CONTROL
