"""Whether the bytes of a file show where the head of an HTTP upgrade may come in: told before there is a tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .answers import once
from .datatype import dataclass
from .regexes import regex
from .spellings import places

# https://nodejs.org/api/http.html: both events hand (request, socket, head) to their listeners.
EVENTS = ("upgrade", "connect")
# A file that has to do with heads has one of these.
WORDS = (
    b"'upgrade'", b'"upgrade"', b"'connect'", b'"connect"', b"pgrade", b"ebsocket", b"ebSocket", b"head)", b"head,",
    b"head }", b"head}", b"Head)", b"Head,", b"Head }",
)  # fmt: skip
# What adds a listener, and so many bytes at most lie between its name and that of the event.
ADDING = frozenset({"on", "once", "addListener", "prependListener", "prependOnceListener"})
_BEFORE_EVENT = 200
_BLANK = rb"(?:\s|(?>/\*.*?\*/)|//[^\n]*\n)*+"
_ADDS = regex(
    rb"(?<![\w$])(?:" + "|".join(sorted(ADDING)).encode() + rb")" + _BLANK + rb"(?:\?\.)?(?:<[^()]*>)?" + _BLANK
    + rb"\(" + _BLANK + rb"\Z", re.DOTALL,
)  # fmt: skip
_QUOTED = tuple(quote + event.encode() + quote for event in EVENTS for quote in (b"'", b'"'))

# The rest is read in lower case. Where a head is a parameter by its name, what comes before it in the list, or the name
# of the function, is at most so many bytes away, and no semicolon lies between.
_FAR = 600
_FIRST = regex(rb"re(?:q(?:uest)?|s(?:ponse)?)_?(?![\w$])(?=\s*+[,:=?/])")
_HANDLERS = (b"upgrade", b"websocketrequest", b"websocket_request")
_TOKEN = regex(rb"[;()\[\]{}]|(?<![\w$])[\w$]++(?=\s*+[^\w\s$.])")
# Of a handler's name or a socket's one is there.
_NEEDED = (b"sock", b"stream", b"conn", b"upgrade")
_ROLES = {
    "handler": regex(rb".*(?:upgrade|websocket_?request)"),
    "request": regex(rb".*(?:req|request|res|response)_?\Z"),
    "socket": regex(rb".*(?:sock|stream|conn)"),
    "head": regex(rb".*head(?!er)|(?:body|chunk|data|buf|buffer|bytes|rest|first)\Z"),
}
_OPENING, _CLOSING = frozenset({b"(", b"[", b"{"}), frozenset({b")", b"]", b"}"})
_NOWHERE = -(1 << 62)
_BODY = regex(rb"\s*+(?:[{:/]|=>)")


def may_enter(data: bytes) -> bool:
    """Whether there is a listener for one of the events, or a function that by its names is handed a head."""
    return bool(listened(data)) or bool(handed(data))


@once
def listened(data: bytes) -> Iterator[int]:
    """Where one of the events is named to something that adds a listener."""
    for quoted in _QUOTED:
        yield from (at for at in places(quoted, data) if _ADDS.search(data, max(0, at - _BEFORE_EVENT), at))


@once
def handed(data: bytes) -> Iterator[tuple[int, int]]:
    """The stretches [start, end) in which a function may begin that by its parameters' names is handed a head."""
    data = data.lower()
    hits = [found.start() for found in _FIRST.finditer(data)]
    hits += [at for handler in _HANDLERS for at in places(handler, data)]
    for start, end in _stretches(sorted(hits)):
        if any(data.find(part, start, end) >= 0 for part in _NEEDED) and _shows_head(data, start, end):
            yield start, end


def _stretches(hits: Iterable[int]) -> Iterator[tuple[int, int]]:
    """What lies close behind one of the hits, so that no byte is read for two of them."""
    start = end = -1
    for hit in hits:
        if hit > end:
            if end >= 0:
                yield start, end
            start = hit
        end = hit + 2 * _FAR
    if end >= 0:
        yield start, end


def _shows_head(data: bytes, start: int, end: int) -> bool:
    """Whether a function is seen there whose list of parameters holds a name for a head, and behind what it must be.

    That is the name of a handler, or in the same list a request or response and then a socket.
    """
    depth, handler = 0, _NOWHERE
    request = socket = head = _NONE
    # Of a word that begins before the stretch the rest is taken for one.
    stretch = data[start:end]
    for found in _TOKEN.finditer(stretch):
        token, at = found[0], found.start()
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
            if head.depth > depth:
                if _BODY.match(data, start + found.end()):
                    return True
                head = _NONE
            request = request if request.depth <= depth else _NONE
            socket = socket if socket.depth <= depth else _NONE
        elif token == b";":
            handler, request, socket = _NOWHERE, _NONE, _NONE
        elif roles := _roles(token):
            if not _is_property(stretch, at):
                if "head" in roles and (socket.is_before(at, depth) or at - handler <= _FAR):
                    head = _Place(at, depth)
                elif "socket" in roles and request.is_before(at, depth):
                    socket = _Place(at, depth)
                elif "request" in roles:
                    request = _Place(at, depth)
            if "handler" in roles:
                handler = at
    return head.depth > _NOWHERE  # where its list ends is out of sight


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a parameter is, and in how many brackets more than the first byte that is looked at."""

    at: int = _NOWHERE
    depth: int = _NOWHERE

    def is_before(self, at: int, depth: int) -> bool:
        """Whether it is one of the same list, close before."""
        return self.depth == depth and at - self.at <= _FAR


_NONE = _Place()


@lru_cache(maxsize=4096)  # the same few hundred words make up most code
def _roles(token: bytes) -> frozenset[str]:
    """What a word in lower case may name."""
    return frozenset(role for role, name in _ROLES.items() if name.match(token))


def _is_property(data: bytes, at: int) -> bool:
    return data[at - 1 : at] == b"." and data[at - 3 : at] != b"..."
