"""A page drafted from an upstream fix: the change as a rule, and the diff itself as the example that tests it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..about import About
from ..datatype import dataclass
from ..edit import Safety
from ..engine import Identity, Target
from ..errors import InputError, RuleError
from ..examples import run
from ..mend import mended
from ..parsing import parse
from ..patch.lines import differences, split
from ..rule import Rule
from ..source import FUNCTIONS, Source
from .changes import Change, changes, words
from .fragment import Fragment, fragment, only
from .page import written
from .strategies import Proposal, proposals
from .upstream import upstream

__all__ = ["Draft", "draft"]

_MOST = 60  # proposals that are tried; each takes some milliseconds


@dataclass(frozen=True, slots=True)
class Draft:
    """A page that loads. `why`: what does not hold of it yet; "" when the upstream diff is an example that passes."""

    page: str
    file: str  # of the patch, that the draft is about
    why: str = ""


def draft(patch: bytes, name: str) -> Draft:
    """The draft of a rule called name.

    Raises PatchError for what is no patch, and InputError, with the reason, for one that no rule can be made of.
    """
    reasons: list[str] = []
    tries = [
        (proposal, file, part, change)
        for file, part in _fragments(patch, reasons)
        for change in _changes(part)
        for proposal in proposals(change)
    ]
    best: Draft | None = None
    for proposal, file, part, change in sorted(tries, key=lambda one: one[0].reports)[:_MOST]:
        made = _tried(name, file, _example(part, change, proposal), proposal)
        if isinstance(made, RuleError):
            reasons.append(made.message)
        elif not made.why:
            return made
        else:
            best = best or made
    if best is None:
        hint = "write it by hand: nodemend new, without --from-diff"
        raise InputError(f"no rule can be drafted from this patch: {reasons[-1]}", hint=hint)
    return best


def _fragments(patch: bytes, reasons: list[str]) -> Iterator[tuple[str, Fragment]]:
    """What can be read by itself, the files that are no tests first."""
    for file in upstream(patch):
        for number, hunk in enumerate(file.hunks, 1):
            part = fragment(hunk)
            if part is None:
                reasons.append(f"hunk {number} of {file.name} is too long, or shows no whole statement (try diff -U20)")
            else:
                reasons.append(f"hunk {number} of {file.name} changes nothing but comments and blanks")
                yield file.name, part


def _changes(part: Fragment) -> list[Change]:
    old, new = (parse(code.encode()).root_node for code in (part.before, part.after))
    return list(changes(old, new))


def _example(part: Fragment, change: Change, proposal: Proposal) -> tuple[str, ...]:
    """The diff of this one change, in a function and with the modules that its rule asks for."""
    rows = [{row for node in nodes for row in range(node.start_point[0], node.end_point[0] + 1)}
            for nodes in (change.old, change.new)]  # fmt: skip
    lines = only(part, rows[0], rows[1])
    if proposal.has_paths and not _inside(change):
        lines = (" function example() {", *lines, " }")
    required = [f" var {module} = require('{module}');" for module in proposal.modules]
    return (*required, *([" "] if required else []), *lines)


def _inside(change: Change) -> bool:
    """Whether the part shows the function that the change is in."""
    node = next(iter(change.old or change.above or change.below), None)
    while node is not None and node.type not in FUNCTIONS:
        node = node.parent
    return node is not None


def _tried(name: str, file: str, lines: tuple[str, ...], proposal: Proposal) -> Draft | RuleError:
    """The draft that a proposal makes, or why it is no rule."""
    try:
        why = _complaint(written(name, file, proposal, lines), name)
        if not why:
            return Draft(written(name, file, proposal, lines), file)
        own = () if proposal.reports else _own(written(name, file, proposal, lines), name, lines)
        if own and not _complaint(written(name, file, proposal, own), name):
            return Draft(written(name, file, proposal, own), file)
        limit = written(name, file, proposal, lines, "Known limits")
        return Draft(limit, file, _complaint(limit, name) or why)
    except RuleError as error:
        return error


def _complaint(page: str, name: str) -> str:
    """What the first of the page's examples says that fails; "" for none. Raises RuleError for what is no rule."""
    return next((outcome.detail for outcome in run(_loaded(page, name)) if not outcome.passed), "")


def _own(page: str, name: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The example as the fix lays it out, when it is upstream's code but for blanks; () when it is not."""
    before, wanted = (Fragment(tuple(lines)).before, Fragment(tuple(lines)).after)
    about = About.of(Source("example", before.encode()))
    after = mended([_loaded(page, name)], about, Target(), Identity(), Safety.SUGGESTED).after
    if words(parse(after).root_node) != words(parse(wanted.encode()).root_node):
        return ()
    return tuple(_diff(split(before.encode()), split(after)))


def _diff(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[str]:
    at = 0
    for one in differences(old, new):
        yield from (f" {line.decode().rstrip()}" for line in old[at : one.start])
        yield from (f"-{line.decode().rstrip()}" for line in old[one.start : one.end])
        yield from (f"+{line.decode().rstrip()}" for line in new[one.new_start : one.new_end])
        at = one.end
    yield from (f" {line.decode().rstrip()}" for line in old[at:])


def _loaded(page: str, name: str) -> Rule:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.md"
        path.write_text(page, encoding="utf-8")
        return Rule.load(path)
