"""The smallest edits that turn one side of a rewrite into the other: a diff of their tokens, laid over the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from ..datatype import dataclass
from ..edit import Edit
from ..isomorphisms import METHODS
from ..matcher import ALIAS, Env
from ..parsing import parse
from ..pattern import DOTS, holed
from ..source import text
from .grouping import METAVARIABLE, apt, enclosed, grouped

_OPTIONAL = frozenset({"(", ")", ";", ",", "{", "}"})
_WHOLE = frozenset({"string", "template_string", "regex", "comment", "html_comment"})
_KEYS = frozenset({"string", "template_string", "number"})
_SAME = ({"var", "let", "const"}, *({one, other} for one, other in METHODS.items()), {".", "?."})


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are character offsets into the text it was read from (byte offsets for a source)."""

    text: str
    start: int
    end: int


def rewrite(minus: str, plus: str, node: Node, env: Env, quoted: Callable[[str], str]) -> tuple[Edit, ...] | None:
    """The edits that make of the node, an instance of minus, the same instance of plus; None when it cannot be said.

    `quoted` gives new code the quotes that the file prefers.
    """
    plus = enclosed(grouped(plus, env), node)
    before, after = tokens(minus), tokens(plus)
    spans = _align(before, _leaves(node), env)
    if spans is None or _lacks_arguments(before, spans):
        if any(token.text == DOTS for token in after):
            return None
        return (Edit(node.start_byte, node.end_byte, instantiate(quoted(plus), env)),)
    new = _New(after, plus, env, quoted)
    return tuple(_edits(before, new, spans))


def _lacks_arguments(before: Sequence[Token], spans: Sequence[tuple[int, int]]) -> bool:
    """Whether it is the `new X` that the pattern spells `new X()`: what is new may want those parentheses."""
    return before[-1].text == ")" and spans[-1][0] == spans[-1][1]


def instantiate(template: str, env: Env) -> bytes:
    """The template with each metavariable replaced by the source text it is bound to."""
    template = grouped(template, env)
    out: list[bytes] = []
    at = 0
    for found in METAVARIABLE.finditer(template):
        bound = env.get(found[0])
        lead, new = template[at : found.start()], found[0].encode()
        if bound is not None:
            new = apt(bound, template[: found.start()], template[found.end() :])
        if bound is not None and bound.type in _KEYS and lead.endswith("."):  # x['p'] is spelt so again
            lead, new = lead[:-1], b"[" + new + b"]"
        out += (lead.encode(), new)
        at = found.end()
    return b"".join((*out, template[at:].encode()))


def tokens(code: str) -> list[Token]:
    """The tokens of pattern text, `...` as one; offsets are those of the text as it is written."""
    given = holed(code)
    raw = given.encode()
    found: list[Token] = []
    at = 0
    for leaf in _leaves(parse(raw).root_node):
        word = text(leaf)
        shown = "..." if word == DOTS else word
        start = code.find(shown, at)
        if start < 0:
            continue  # a `;` that only the holes brought in
        at = start + len(shown)
        found.append(Token(word, start, at))
    return found


def _leaves(root: Node) -> list[Node]:
    out: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in _WHOLE or not node.children:
            if node.type not in {"comment", "html_comment"} and node.end_byte > node.start_byte:
                out.append(node)
        else:
            stack.extend(reversed(node.children))
    return out


def _align(pattern: Sequence[Token], leaves: Sequence[Node], env: Env) -> list[tuple[int, int]] | None:
    """The byte span in the source of each token of the pattern; None when the two are spelt too differently."""
    spans: list[tuple[int, int]] = []
    at = 0
    for index, token in enumerate(pattern):
        bound = env.get(token.text) or env.get(f"{ALIAS}{token.text}")
        if token.text == DOTS:
            at, span = _run(pattern, index, leaves, at, env)
            spans.append(span)
            continue
        while at < len(leaves) and not _fits(token, bound, leaves[at]) and text(leaves[at]) in _OPTIONAL - {token.text}:
            if token.text in _OPTIONAL:
                break
            at += 1
        if at < len(leaves) and _fits(token, bound, leaves[at]):
            end = leaves[at].end_byte if bound is None else _end_of(leaves, at, bound)
            spans.append((leaves[at].start_byte, end))
            while at < len(leaves) and leaves[at].start_byte < end:
                at += 1
        elif token.text in _OPTIONAL:  # punctuation that the source does without
            here = spans[-1][1] if spans else leaves[0].start_byte
            spans.append((here, here))
        else:
            return None
    return spans


def _fits(token: Token, bound: Node | None, leaf: Node) -> bool:
    if bound is not None:
        return _same_text(bound, leaf)
    word = text(leaf)
    if token.text == word or any({token.text, word} <= same for same in _SAME):
        return True
    quotes = "'\"`"
    return leaf.type in _WHOLE and token.text[:1] in quotes and token.text[1:-1] == word[1:-1]


def _same_text(bound: Node, leaf: Node) -> bool:
    """Whether a bound node begins at this leaf, here or where the same value is named again."""
    if _wrapped(bound).start_byte == leaf.start_byte:
        return True
    return text(leaf) not in _OPTIONAL and (bound.text or b"").startswith(leaf.text or b"\0")


def _wrapped(bound: Node) -> Node:
    """The bound node with the parentheses around it."""
    while bound.parent is not None and bound.parent.type == "parenthesized_expression":
        bound = bound.parent
    return bound


def _end_of(leaves: Sequence[Node], at: int, bound: Node) -> int:
    if _wrapped(bound).start_byte == leaves[at].start_byte:
        return _wrapped(bound).end_byte
    return leaves[at].start_byte + len(bound.text or b"")


def _run(
    pattern: Sequence[Token], index: int, leaves: Sequence[Node], at: int, env: Env
) -> tuple[int, tuple[int, int]]:
    """The siblings a `...` stands for: up to where what follows it in the pattern is found on the same level."""
    following = next((t for t in pattern[index + 1 :] if t.text != ","), None)
    depth, end, start = 0, at, leaves[at].start_byte if at < len(leaves) else leaves[-1].end_byte
    while end < len(leaves):
        word = text(leaves[end])
        if depth == 0 and following is not None and _fits(following, env.get(following.text), leaves[end]):
            break
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(word, 0)
        if depth < 0:
            break
        end += 1
    last = end
    if last > at and text(leaves[last - 1]) == ",":
        last -= 1
    # A comma that only ends a list is passed over with the run, but is no part of it.
    passed = last if index + 1 < len(pattern) and pattern[index + 1].text == "," else end
    return passed, (start, leaves[last - 1].end_byte) if last > at else (start, start)


@dataclass(frozen=True, slots=True)
class _New:
    """What a node becomes: the tokens of a template and its text."""

    tokens: Sequence[Token]
    template: str
    env: Env
    quoted: Callable[[str], str]

    def code(self, start: int, end: int) -> bytes:
        """The code of the tokens [start, end)."""
        first, last = self.tokens[start].start, self.tokens[end - 1].end
        return instantiate(self.quoted(self.template[first:last]), self.env)

    def gap(self, index: int) -> str:
        """The blanks before a token; none before the first and behind the last."""
        if not 0 < index < len(self.tokens):
            return ""
        return self.template[self.tokens[index - 1].end : self.tokens[index].start]


def _edits(before: Sequence[Token], new: _New, spans: Sequence[tuple[int, int]]) -> Iterator[Edit]:
    from difflib import SequenceMatcher  # few files have anything to mend

    words = [t.text for t in before], [t.text for t in new.tokens]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        if tag == "insert":
            yield _inserted(before, new, spans, i1, j1, j2)
        elif tag == "delete":
            end = spans[i2][0] if i2 < len(spans) else spans[i2 - 1][1]
            yield Edit(spans[i1][0], end, b" " if _would_merge(before, spans, i1, i2) else b"")
        elif tag == "replace":
            lead = new.gap(j1) if _is_tight(before, spans, i1) else ""
            tail = new.gap(j2) if _is_tight(before, spans, i2) else ""
            end = spans[i2][0] if _is_drawn_in(before, new, spans, i2, j2) else spans[i2 - 1][1]
            yield Edit(spans[i1][0], end, lead.encode() + new.code(j1, j2) + tail.encode())


def _is_drawn_in(
    before: Sequence[Token], new: _New, spans: Sequence[tuple[int, int]], at: int, behind: int
) -> bool:
    """Whether the one blank that the source has before a token, as the pattern does, is not in the template."""
    if not (0 < at < len(spans) and behind < len(new.tokens)) or new.gap(behind):
        return False
    return before[at - 1].end < before[at].start and spans[at][0] - spans[at - 1][1] == 1


def _inserted(
    before: Sequence[Token], new: _New, spans: Sequence[tuple[int, int]], at: int, start: int, end: int
) -> Edit:
    code, lead, tail = new.code(start, end), new.gap(start), new.gap(end)
    if at and _is_nothing(before, spans, at - 1) and code.startswith(b","):
        code, lead = code[1:].lstrip(), ""  # what stands behind nothing wants no comma
    if at < len(spans) and _is_nothing(before, spans, at) and code.endswith(b","):
        code, tail = code[:-1].rstrip(), ""
    if _touches(spans, at):
        return Edit(spans[at][0], spans[at][0], lead.encode() + code + tail.encode())
    if at == 0 or (lead and at < len(spans)):  # the blank that is there already is the new one's
        return Edit(spans[at][0], spans[at][0], code + tail.encode())
    return Edit(spans[at - 1][1], spans[at - 1][1], lead.encode() + code)


def _is_nothing(before: Sequence[Token], spans: Sequence[tuple[int, int]], index: int) -> bool:
    return before[index].text == DOTS and spans[index][0] == spans[index][1]


def _touches(spans: Sequence[tuple[int, int]], index: int) -> bool:
    """Whether nothing is between a token and the one before it."""
    return 0 < index < len(spans) and spans[index - 1][1] == spans[index][0]


def _is_tight(before: Sequence[Token], spans: Sequence[tuple[int, int]], index: int) -> bool:
    """Whether the blank that the template has before a token is new: neither the pattern nor the source has one."""
    if not _touches(spans, index):
        return False
    return before[index - 1].end == before[index].start or spans[index][0] == spans[index][1]


def _would_merge(before: Sequence[Token], spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether two words would become one without the tokens [start, end): `return(x)`."""
    if not _touches(spans, start) or end >= len(spans):
        return False
    return _is_word(before[start - 1].text[-1]) and _is_word(before[end].text[0])


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_$"
