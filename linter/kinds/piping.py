"""Streams that are piped into the response of a server, and go on when the client has gone."""

from __future__ import annotations

import re

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, parameters
from ..matcher import Env
from ..regexes import regex
from ..sightings import HOLDERS, RESPONSES
from ..source import text
from ..values import arguments_of
from .consulted import around, consulted
from .kind import Kind

_REQUEST = regex(r"^_*(req|request)\d*$", re.IGNORECASE)
_SERVES = r"\b{name}\s*\.\s*(setHeader|writeHead|statusCode|removeHeader|headersSent|end)\b"
# Something that lets go of a stream, or waits for the client to go.
_TENDED = regex(
    r"destroy|pipeline|[fF]inished|\bpump\b|\beos\b|unpipe|\.abort\(|\.kill\(|\.close\(|onAborted"
    r"|(res\w*|req\w*|rsp|sock\w*|conn\w*|raw|client)\.(on|once|addListener|prependListener)\(\s*['\"](close|aborted)['\"]"
)
# A listener that does nothing but destroy one stream says nothing about others.
_ANOTHER = regex(
    r"\.on(?:ce)?\(\s*['\"](?:close|aborted)['\"],\s*(?:function\s*\w*\s*\(\w*\)|\(?\w*\)?\s*=>)\s*\{?\s*"
    r"(\w+)\.destroy\(\)\s*;?\s*\}?\s*\)"
)
_FILES = frozenset({("module", "fs", "createReadStream"), ("module", "graceful-fs", "createReadStream")})


def response(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The response that a server writes to: the parameter behind a request, or one whose head is written."""
    stands = bare(about.values.constant(node))
    if stands.type == "member_expression":
        name = stands.child_by_field_name("property")
        return name is not None and text(name) in HOLDERS
    if stands.type != "identifier" or text(stands) not in RESPONSES:
        return False
    binding = about.values.binding(stands)
    if binding is None or not binding.is_parameter:
        return False
    given = parameters(binding.scope.node)
    if binding.index > 0 and _REQUEST.match(text(given[binding.index - 1])):
        return True
    serves = re.compile(_SERVES.format(name=re.escape(text(stands))))
    return serves.search(text(binding.scope.node)) is not None


def untended(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A stream that nothing around lets go of. `file`: one that reads a file, in a variable; `named`: any other with a
    name; `made`: one that is made where it is piped."""
    node = bare(node)
    if _REQUEST.match(text(node).split(".")[-1]) or _sort(node, about) != arguments[0]:
        return False
    if _knows_request(node, about):
        return False
    said = "\n".join(consulted(function, about) for function in around(node, about)[:3])
    said = _ANOTHER.sub(lambda found: found[0] if found[1] == text(node) else "", said)
    return _TENDED.search(said) is None


def _sort(node: Node, about: About) -> str:
    if node.type == "identifier":
        binding = about.values.binding(node)
        made = [write.value for write in binding.writes] if binding is not None and not binding.is_parameter else []
        return "file" if made and all(value is not None and _reads_file(value, about) for value in made) else "named"
    return "named" if node.type in {"member_expression", "this"} and "(" not in text(node) else "made"


def _knows_request(node: Node, about: About) -> bool:
    """Whether it is made of the request, `send(req, path)`, and can see for itself that the client goes."""
    made = bare(about.values.constant(node))
    return any(_REQUEST.match(text(given).split(".")[-1]) for given in arguments_of(made)) if _is_made(made) else False


def _is_made(node: Node) -> bool:
    return node.type in {"call_expression", "new_expression"}


def _reads_file(value: Node, about: About) -> bool:
    callee = bare(value).child_by_field_name("function")
    return callee is not None and about.values.canonical(callee) in _FILES


def _pipe_places(about: About) -> frozenset[int]:
    """Where something is piped from: the beginnings of `x.pipe(…)`, in files that have one."""
    calls = about.source.around([b"pipe"], {"call_expression"}, 2) if about.package.shipped else []
    return frozenset(call.start_byte for call in calls)


KINDS = {
    "response": Kind(
        response, (0, 0), lambda _: frozenset({*RESPONSES, *HOLDERS}),
        "the response that a server writes to", shape="answered",
    ),
    "untended": Kind(
        untended, (1, 1), lambda _: frozenset(), "a stream that nothing around lets go of", _pipe_places
    ),
}  # fmt: skip
