"""Which regular expressions look at a run of characters again from each of its characters, and what says it once.

Matching begins anew at each character. Where an alternative begins with a repeat without an end and goes on with
something that may be missing, a run of n such characters is walked n times, each time a step shorter: n²/2 steps.
A look at the character before (`(?<!…)`, Node 10) lets only the first of the run begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tree_sitter import Node

from ..about import About
from ..finding import Hop
from ..hop import hop
from ..isomorphisms import bare, shape
from ..matcher import Env
from ..naming import called_method
from ..source import text
from ..values import arguments_of
from .fresh import snippet
from .kind import Kind, made, no_words
from .regex import Alternative, Atom, Regex, literal

# What makes text out of a number or a date, or a short piece out of a longer one.
_SHORT = frozenset({"toFixed", "toPrecision", "toExponential", "toISOString", "toUTCString", "charAt"})
_SLICING = frozenset({"slice", "substr", "substring"})
_STATEFUL = frozenset({"test", "exec"})


def trailing_run(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A regular expression with an alternative for a run of characters up to the end, and no `^` before it."""
    found = _regex(node, about)
    return found is not None and "y" not in found.flags and any(map(_is_trailing, found.alternatives))


def trailing_blanks(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A regular expression for all white space at the end of a text and nothing else, which is what trimEnd drops."""
    found = _regex(node, about)
    return found is not None and _takes_all_blanks(found) and [*map(_end_of, found.alternatives)] == ["$"]


def outer_blanks(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A regular expression for all white space at both ends of a text, which is what trim drops."""
    found = _regex(node, about)
    ends = sorted(map(_end_of, found.alternatives)) if found is not None and _takes_all_blanks(found) else []
    return ends == ["$", "^"] and found is not None and "g" in found.flags


def separator(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A regular expression for something with any amount of white space before it."""
    found = _regex(node, about)
    return found is not None and "y" not in found.flags and any(map(_is_separator, found.alternatives))


def long_text(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A value that may be a text of any length: not a literal, a number's digits or a piece of fixed length."""
    seen = shape(about.values.constant(node))
    if seen.kind != "call":
        return seen.kind not in {"string", "number", "regex"}
    method, given = called_method(seen.node), arguments_of(seen.node)
    if method in _SLICING:
        return not (len(given) == 2 and all(shape(each).kind == "number" for each in given))
    return method not in _SHORT


def linear_form(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> Node | None:
    """The same regular expression (the argument) as one that begins a run only at its first character."""
    bound = env.get(arguments[0])
    found = _regex(bound, about) if bound is not None else None
    if found is None or not _is_exact(found, node):
        return None
    alternatives = "|".join(_linear(one) for one in found.alternatives)
    return snippet(f"/{alternatives}/{found.flags}", about)


def separator_text(_node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> Node | None:
    """The one character that a separating regular expression (the argument) looks for, as a string."""
    bound = env.get(arguments[0])
    found = _regex(bound, about) if bound is not None else None
    if found is None or len(found.alternatives) != 1 or found.flags.strip("gu"):
        return None
    inside = [atom for atom in found.alternatives[0] if not atom.is_blank]
    plain = len(inside) == 1 and inside[0].kind == "pattern_character" and inside[0].written not in "'\"\\"
    return snippet(f"'{inside[0].written}'", about) if plain else None


# -- what is slow ----------------------------------------------------------------------------


def _is_trailing(atoms: Alternative) -> bool:
    """`x+$`: a repeat without an end, things that need not come, the end."""
    if len(atoms) < 2 or atoms[-1].kind != "end_assertion":
        return False
    first = atoms[0]
    inside = first.is_character or first.is_group
    return inside and first.endless and not first.is_open and all(atom.least == 0 for atom in atoms[1:-1])


def _is_separator(atoms: Alternative) -> bool:
    """`\\s*,\\s*` and `\\s*,`: white space without an end, then characters that are not just any, then no more."""
    if len(atoms) < 2 or not atoms[0].is_blank or not atoms[0].endless:
        return False
    last = atoms[-1]
    trails = len(atoms) > 2 and last.is_blank and (last.least == 0 or last.endless)
    rest = atoms[1:-1] if trails else atoms[1:]
    return bool(rest) and all(_is_mark(atom, atoms[0]) for atom in rest)


def _is_mark(atom: Atom, blank: Atom) -> bool:
    """Whether it takes one certain character, which not every blank is."""
    takes_any = atom.is_open or atom.written == blank.written or atom.written == "\\s" or atom.takes_a_blank
    return atom.is_character and (atom.least, atom.most) == (1, 1) and not takes_any


def _takes_all_blanks(found: Regex) -> bool:
    """Whether each alternative is a greedy run of `\\s` at an end of the text."""
    runs = [atom for atoms in found.alternatives for atom in atoms if not atom.kind.endswith("_assertion")]
    plain = all(run.written in {"\\s", "[\\s]"} and run.endless and not run.lazy and run.least < 2 for run in runs)
    return bool(runs) and plain and not set(found.flags) & {"m", "y"}


def _end_of(atoms: Alternative) -> str:
    """`^` for `^x`, `$` for `x$`, "" for anything else."""
    kinds = [atom.kind for atom in atoms]
    if len(kinds) != 2:
        return ""
    return "^" if kinds[0] == "start_assertion" else "$" if kinds[1] == "end_assertion" else ""


# -- what is not ---------------------------------------------------------------------------------


def _is_exact(found: Regex, use: Node) -> bool:
    """Whether looking behind changes nothing else: no match of the original begins within a run.

    One could only where an earlier match ended within a run. A greedy repeat of the same characters ends none there,
    nor does a match that ends with another character; `lastIndex` is only where a match ended, but for test and exec.
    """
    if "g" in found.flags and called_method(use) in _STATEFUL:
        return False
    slow = [atoms for atoms in found.alternatives if _is_trailing(atoms) or _is_separator(atoms)]
    if len(slow) != 1 or not _is_plain(slow[0]):
        return False
    first = slow[0][0]
    others = [atoms for atoms in found.alternatives if atoms is not slow[0]]
    return all(_end_of(atoms) == "^" and _repeats(atoms[1], first) for atoms in others)


def _is_plain(atoms: Alternative) -> bool:
    first, last = atoms[0], atoms[-1]
    if not first.is_character or first.lazy or first.least > 1:
        return False
    if last.kind == "end_assertion":
        return len(atoms) == 2
    return _repeats(last, first) or (last.kind in {"pattern_character", "identity_escape"} and not last.is_blank)


def _repeats(atom: Atom, other: Atom) -> bool:
    return atom.written == other.written and atom.endless and not atom.lazy and atom.least < 2


def _linear(atoms: Alternative) -> str:
    rest = "".join(_written(atom) for atom in atoms[1:])
    first = atoms[0]
    if first.kind == "start_assertion":
        return f"^{rest}"
    once = f"(?<!{first.written}){first.written}+"
    return f"{once}{rest}" if first.least else f"(?:{once})?{rest}"


def _written(atom: Atom) -> str:
    return atom.written + ("" if not atom.endless else "+" if atom.least else "*")


# -- where they are ------------------------------------------------------------------------------


def _regex(node: Node, about: About) -> Regex | None:
    return literal(about.values.constant(node))


def _tells(what: str) -> Callable[[Node, About], Iterator[Hop]]:
    def tells(node: Node, about: About) -> Iterator[Hop]:
        written = about.values.constant(node)
        if written.id != bare(node).id:
            yield hop("enters", f"`{text(node)}` is {what}", written, about.source)

    return tells


_RUN = "an expression that walks a run of characters once for each of them"
KINDS = {
    "trailing_run": Kind(
        trailing_run, (0, 0), no_words, "a regular expression for a run of characters up to the end",
        tells=_tells(_RUN),
    ),
    "trailing_blanks": Kind(
        trailing_blanks, (0, 0), no_words, "a regular expression for what trimEnd drops", tells=_tells(_RUN)
    ),
    "outer_blanks": Kind(
        outer_blanks, (0, 0), no_words, "a regular expression for what trim drops", tells=_tells(_RUN)
    ),
    "separator": Kind(
        separator, (0, 0), no_words, "a regular expression for something with white space before it",
        tells=_tells(_RUN),
    ),
    "long_text": Kind(long_text, (0, 0), no_words, "a value that may be a text of any length"),
    "linear_form": made(linear_form, (1, 1), "the same expression, one that begins a run only at its first character"),
    "separator_text": made(separator_text, (1, 1), "the one character that a separating expression looks for"),
}  # fmt: skip
