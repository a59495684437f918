"""Lines of JavaScript in colour, with one range marked: good enough to read by, and never wrong about the text."""

from __future__ import annotations

from collections.abc import Iterator

from ...regexes import regex
from .markup import Markup, element, escape, join

_WORDS = (
    "async await break case catch class const continue debugger default delete do else export extends finally for "
    "from function get if import in instanceof let new of return set static super switch this throw try typeof var "
    "void while with yield null undefined true false"
)
_TOKEN = regex(
    r"(?P<c>//.*|/\*.*?(?:\*/|$))"
    r"|(?P<s>'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|`(?:[^`\\]|\\.)*`?)"
    r"|(?P<n>\b\d[\w.]*)"
    rf"|(?P<k>\b(?:{'|'.join(_WORDS.split())})\b)"
)


def highlighted(line: str, marked: tuple[int, int] | None = None) -> Markup:
    """The line with comments, strings, numbers and words of the language in elements, and a range in <mark>.

    The range counts characters of the line, its end exclusive.
    """
    if marked is None:
        return join(_coloured(line, 0, len(line)))
    start, end = marked
    return join([
        *_coloured(line, 0, start),
        element("mark", None, _coloured(line, start, end)),
        *_coloured(line, end, len(line)),
    ])  # fmt: skip


def _coloured(line: str, start: int, end: int) -> Iterator[Markup]:
    """This part of the line; a token that goes beyond it is cut."""
    at = start
    for found in _TOKEN.finditer(line):
        first, last = max(found.start(), at), min(found.end(), end)
        if first >= last:
            continue
        yield escape(line[at:first])
        yield element("i", {"class": found.lastgroup}, line[first:last])
        at = last
    yield escape(line[at:end])
