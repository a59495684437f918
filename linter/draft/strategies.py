"""The ways to say a change as a rule, plainest first: one pattern anywhere, a path with a guard, a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from ..datatype import dataclass
from .changes import Change
from .generalise import Names, guard, shared, unshared

_MOST_ANCHORS = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """The body of a `diff rule` fence, the names it had to leave as they are, and the first metavariables it binds."""

    body: str
    left: tuple[str, ...]
    metavariables: tuple[str, ...]
    reports: bool = False  # it has no fix
    modules: tuple[str, ...] = ()  # of Node, that the code has to require

    @property
    def has_paths(self) -> bool:
        """Whether it is about the paths through a function."""
        return " function $FN" in self.body


def proposals(change: Change) -> Iterator[Proposal]:
    """What may be tried for a change, in order."""
    if change.old and change.new:
        yield from _replacements(change)
    elif change.new:
        yield from _insertions(change)
    else:
        yield from _removals(change)


def _replacements(change: Change) -> Iterator[Proposal]:
    for shorten in (True, False):
        names = Names()
        old, new = names.pattern(change.old, shorten=shorten), names.template(change.new, shorten=shorten)
        body = "\n".join([*_marked("-", old), *_marked("+", new)])
        if len(change.old) > 1:
            body = _function(["   ...", body, "   ..."])
        yield _proposal(names, body, change.new)
    if len(change.old) == 1:
        names = Names()
        old = names.pattern(change.old)
        yield _proposal(names, "\n".join(_marked("*", old)), (), reports=True)


def _insertions(change: Change) -> Iterator[Proposal]:
    """In a function: the statement that it goes with, and no path on which it is there already."""
    for anchor, first in _anchors(change):
        # A name that is not in the new code may have to stay: `$A.b = $C` is also what `a.b = null` is.
        for kept in dict.fromkeys((frozenset[str](), unshared(anchor, change.new))):
            yield from _beside(change, anchor, first, Names(kept=kept))


def _beside(change: Change, anchor: Node, first: bool, names: Names) -> Iterator[Proposal]:
    near = names.pattern([anchor])
    come = names.template(change.new, shorten=False)
    unless = [f"when != {_one_line(names.template([guard(node)]))}" for node in change.new]
    dots = ["   ... " + unless[0], *(f"       {clause}" for clause in unless[1:])]
    for lines in _orders(first, _marked(" ", near, "  "), _marked("+", come, "  "), dots):
        yield _proposal(names, _function(lines), change.new)
    for lines in _orders(first, _marked("*", near, "  "), [], dots):
        yield _proposal(names, _function(lines), (), reports=True)


def _orders(first: bool, here: list[str], plus: list[str], dots: list[str]) -> Iterator[list[str]]:
    """Before the statement it goes with; or right behind it; or at the end of the function."""
    if first:
        yield [*dots, *plus, *here, "   ..."]
        return
    if plus:
        yield ["   ...", *here, *plus, *dots]
    yield ["   ...", *here, *dots, *plus]


def _anchors(change: Change) -> list[tuple[Node, bool]]:
    """The statements around the change, those first that are most about the same things; True: it stands below."""
    around = [*((node, False) for node in change.above[-4:][::-1]), *((node, True) for node in change.below[:2])]
    scores = [(shared(node, change.new), -at) for at, (node, _) in enumerate(around)]
    ordered = sorted(range(len(around)), key=lambda at: scores[at], reverse=True)
    return [around[at] for at in ordered if scores[at][0] > 0 or at == ordered[0]][:_MOST_ANCHORS]


def _removals(change: Change) -> Iterator[Proposal]:
    names = Names()
    old = names.pattern(change.old, shorten=len(change.old) > 1)
    lines = _marked("-", old, "  " if len(change.old) > 1 else "")
    yield _proposal(names, _function(["   ...", *lines, "   ..."]) if len(change.old) > 1 else "\n".join(lines), ())


def _proposal(names: Names, body: str, new: Sequence[Node], *, reports: bool = False) -> Proposal:
    used = [name for name in names.metavariables if names.metavariables[name] in body]
    kinds = [f"{names.metavariables[name]}: module {name}" for name in used if name in names.modules]
    head = [f"@@ {', '.join(kinds)} @@"] if kinds else []
    return Proposal(
        "\n".join([*head, body]), tuple(names.unbound(new)), tuple(names.metavariables[name] for name in used), reports,
        tuple(name for name in used if name in names.modules),
    )  # fmt: skip


def _function(lines: Sequence[str]) -> str:
    return "\n".join([" function $FN(...) {", *lines, " }"])


def _marked(mark: str, code: str, indent: str = "") -> list[str]:
    return [f"{mark}{indent}{line}".rstrip() if line.strip() else f"{mark}" for line in code.split("\n")]


def _one_line(code: str) -> str:
    return " ".join(code.split()).rstrip(";")
