"""Reading a semantic patch: a rule written as the diff it makes, with errors that point.

    @@ $HEAD: upgrade_head @@
     function $FN(...) {
       ...
       $REQ.head = $HEAD
       ... when != delete $REQ.head
    +  delete $REQ.head;
     }

Unmarked lines are context, `-` lines go, `+` lines come, `*` lines are reported and stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ..datatype import dataclass, field, replace
from ..errors import RuleError
from ..pattern import BODY, Pattern, PatternError, compile_pattern, compile_template
from ..regexes import regex
from .declarations import METAVARIABLES, Declarations, nearest
from .semantic_patch import Code, Dots, Item, Plus, SemanticPatch

__all__ = ["METAVARIABLES", "Reader"]

_HEADER = regex(r"(\bfunction\b.*|=>\s*)\{\s*$")
_CHAIN = regex(r"\s*\.(?!\.)")  # a method call that goes on from the line above
_WHEN = regex(r"\bwhen\b\s*")
_DOTS = regex(r"\s*\.\.\.(?!>)")
_NAMES = regex(r"\$(?:[A-Z][A-Z0-9_]*|_(?!\w))")
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_STRINGS = regex(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`\\]|\\.)*`|//.*|/\*.*?\*/")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a fence: its mark, its text without the mark, its 1-based line in the page."""

    mark: str
    code: str
    number: int


@dataclass(slots=True)
class Reader:
    """Reads the fences of one page. `first` of read() is the page's line of the fence's first line."""

    path: str
    bound: set[str] = field(default_factory=set)

    def read(self, body: str, first: int, node: str = "", safe: bool = True) -> tuple[SemanticPatch, ...]:
        """The patches a fence stands for: one, or one for each alternative, in order."""
        lines = [_Line(raw[:1] or " ", raw[1:].rstrip(), first + i) for i, raw in enumerate(body.split("\n"))]
        lines = [line for line in lines if (line.mark + line.code).strip()]
        declared, lines = self._declarations(lines, first)
        if not lines:
            raise self._error("this rule is empty", first, hint="write the code it matches below the `@@ ... @@` line")
        for line in lines:
            if line.mark not in " -+*(|)":
                raise self._error(f"a line cannot begin with `{line.mark}`", line.number, 1,
                                  hint="column 0 is the mark: ' ', -, +, *, or ( | ) for alternatives")  # fmt: skip
        marked = any(line.mark in "-+*" for line in lines)
        patches = []
        for chosen in self._alternatives(lines):
            exempt = marked and not any(line.mark in "-+*" for line in chosen)
            patches.append(replace(self._patch(chosen, declared, first, exempt), node=node, safe=safe))
        bound = {name for patch in patches for name in _bound(patch)}
        declared.check(bound)
        self.bound |= bound | declared.made
        return tuple(patches)

    def _declarations(self, lines: list[_Line], first: int) -> tuple[Declarations, list[_Line]]:
        declared = Declarations(self.path)
        if not lines or lines[0].mark != "@" or not lines[0].code.startswith("@"):
            return declared, lines
        for index, line in enumerate(lines):
            code = line.mark + line.code
            inner = code[2:] if index == 0 else code
            end = inner.find("@@")
            declared.read(inner[: end if end >= 0 else None], line.number, len(code) - len(inner))
            if end >= 0:
                return declared, lines[index + 1 :]
        raise self._error("`@@` is not closed", first, hint="end the declarations with a second `@@`")

    def _check_names(self, line: _Line, bound: set[str]) -> None:
        for found in _NAMES.finditer(line.code):
            if found[0] not in bound:
                hint = "`$_` binds nothing: give it a name" if found[0] == "$_" else nearest(found[0], bound)
                raise self._error(f"unknown metavariable `{found[0]}`", line.number, found.start() + 2, hint=hint)

    # -- ( | ) --------------------------------------------------------------------------------

    def _alternatives(self, lines: list[_Line]) -> list[list[_Line]]:
        """Every choice of alternatives, the first ones first."""
        chosen: list[list[_Line]] = [[]]
        group: list[list[_Line]] | None = None
        opened = lines[0]
        for line in lines:
            if line.mark in "(|)" and line.code.strip():
                raise self._error(f"`{line.mark}` in column 0 stands alone on its line", line.number, 1,
                                  hint="begin a line of code with a blank")  # fmt: skip
            if line.mark == "(":
                if group is not None:
                    raise self._error("alternatives cannot be nested", line.number, 1)
                group, opened = [[]], line
            elif line.mark in "|)":
                if group is None:
                    raise self._error(f"`{line.mark}` without `(`", line.number, 1)
                if line.mark == "|":
                    group.append([])
                else:
                    chosen, group = [head + tail for head in chosen for tail in group], None
            elif group is not None:
                group[-1].append(line)
            else:
                for choice in chosen:
                    choice.append(line)
        if group is not None:
            raise self._error("`(` is not closed", opened.number, 1, hint="end the alternatives with `)` in column 0")
        return chosen

    # -- the body -----------------------------------------------------------------------------

    def _patch(self, lines: list[_Line], declared: Declarations, first: int, exempt: bool) -> SemanticPatch:
        if not lines:
            raise self._error("an alternative is empty", first, hint="each of `( | )` needs a line of code")
        header, inside = self._header(lines)
        items = tuple(self._items(inside))
        if header is None and not any(isinstance(item, Code) for item in items):
            raise self._error("nothing to match", first, hint="a rule needs a line of code that is not `...` or `+`")
        bound = {name for item in items if isinstance(item, Code) for name in item.pattern.metavariables()}
        bound |= header.metavariables() if header is not None else set()
        for line in inside:
            if line.mark == "+":
                self._check_names(line, bound | declared.made)
            elif _DOTS.match(line.code) or line.code.strip().startswith("when"):
                for part in _WHEN.split(line.code)[1:]:
                    named = _Line(line.mark, " " * line.code.index(part) + part.replace("$_", "  "), line.number)
                    self._check_names(named, bound)
        # What this alternative does not bind is asked for by another: a file need not hold its words for this one.
        kinds = {name: kind for name, kind in declared.kinds.items() if name in bound or name in declared.made}
        return SemanticPatch(kinds, header, items, first, exempt)

    def _header(self, lines: list[_Line]) -> tuple[Pattern | None, list[_Line]]:
        """The function whose paths the rule is about, when its braces hold the rest."""
        opening = lines[0]
        if opening.mark not in " *" or not _HEADER.search(opening.code) or _is_control(opening.code):
            return None, lines
        depth = 0
        for index, line in enumerate(lines):
            depth += _depth(line.code) if line.mark != "+" else 0
            if depth == 0:
                if index != len(lines) - 1:
                    extra = lines[index + 1]
                    raise self._error("a function with a path in it is the whole rule", extra.number, 1,
                                      hint="put this line inside of the function or in a fence of its own")  # fmt: skip
                code = f"{opening.code.strip()} {BODY}; {line.code.strip()}"
                return self._compile(code, opening), lines[1:-1]
        raise self._error("`{` is not closed", opening.number, len(opening.code) + 1, hint="end the function with ` }`")

    def _items(self, lines: list[_Line]) -> Iterator[Item]:
        at = 0
        while at < len(lines):
            line = lines[at]
            if line.mark == "+":
                end = _while(lines, at, lambda line: line.mark == "+")
                text = "\n".join(_dedented(each.code for each in lines[at:end]))
                self._check_template(text, line)
                yield Plus(text, line.number)
            elif _DOTS.match(line.code):
                end = _while(lines, at + 1, lambda line: line.code.strip().startswith("when"))
                yield self._dots(lines[at:end])
            else:
                end = self._chunk(lines, at)
                yield self._code(lines[at:end])
            at = end

    def _chunk(self, lines: list[_Line], at: int) -> int:
        """Where the statement that begins here ends: its brackets are closed, and what replaces it is said."""
        depth, end = 0, at
        while end < len(lines):
            depth += _depth(lines[end].code) if lines[end].mark != "+" else 0
            end += 1
            if depth <= 0 and not (end < len(lines) and _CHAIN.match(lines[end].code)):
                break
        if depth > 0:
            raise self._error("a bracket is not closed", lines[at].number, hint="close what this line opens")
        replaced = lines[at].mark == "-" and all(line.mark in "-+" for line in lines[at:end])
        return _while(lines, end, lambda line: line.mark == "+") if replaced else end

    def _code(self, lines: list[_Line]) -> Code:
        before = "\n".join(_dedented(line.code for line in lines if line.mark != "+"))
        marks = {line.mark for line in lines}
        plus = "\n".join(_dedented(line.code for line in lines if line.mark != "-")) if marks & {"-", "+"} else None
        mark = "-" if marks & {"-", "+"} else "*" if "*" in marks else " "
        if plus:
            self._check_template(plus, next((line for line in lines if line.mark == "+"), lines[0]))
        return Code(self._compile(before, lines[0]), before, lines[0].number, mark, plus)

    def _dots(self, lines: list[_Line]) -> Dots:
        without: list[Pattern] = []
        strict = False
        for index, line in enumerate(lines):
            if line.mark != " ":
                raise self._error(
                    "a `...` line has no mark", line.number, 1, hint="a path cannot go, come or be reported"
                )
            code = line.code.strip()[3:] if index == 0 else line.code
            rest = _WHEN.split(code)
            if rest[0].strip():
                raise self._error(f"expected `when` after `...`, not `{rest[0].strip()}`", line.number,
                                  line.code.find(rest[0].strip()) + 2, hint="put the code on its own line")  # fmt: skip
            for clause in rest[1:]:
                column = line.code.find(clause) + 2
                if clause.strip() == "strict":
                    strict = True
                elif clause.startswith("!="):
                    pattern = clause[2:].strip()
                    if not pattern:
                        raise self._error("`when !=` without a pattern", line.number, column)
                    without.append(
                        self._compile(pattern, _Line(" ", " " * line.code.find(pattern) + pattern, line.number))
                    )
                else:
                    raise self._error(f"unknown condition `when {clause.strip()}`", line.number, column,
                                      hint="there are `when != PATTERN` and `when strict`")  # fmt: skip
        return Dots(lines[0].number, tuple(without), strict)

    def _check_template(self, code: str, line: _Line) -> None:
        try:
            compile_template(code)
        except PatternError as error:
            raise self._error(str(error), line.number, len(line.code) - len(line.code.lstrip()) + 2) from None

    def _compile(self, code: str, line: _Line) -> Pattern:
        try:
            return compile_pattern(code.strip())
        except PatternError as error:
            indent = len(line.code) - len(line.code.lstrip())
            above, _, last = code.strip()[: error.offset].rpartition("\n")
            number = line.number + (above.count("\n") + 1 if "\n" in code.strip()[: error.offset] else 0)
            raise self._error(str(error), number, (0 if number != line.number else indent) + len(last) + 2) from None

    def _error(self, message: str, line: int, column: int = 1, *, hint: str = "") -> RuleError:
        return RuleError(message, path=self.path, line=line, column=column, hint=hint)


def _bound(patch: SemanticPatch) -> frozenset[str]:
    own = patch.header.metavariables() if patch.header is not None else frozenset()
    return own.union(*(code.pattern.metavariables() for code in patch.codes))


def _depth(code: str) -> int:
    return sum(_BRACKETS.get(character, 0) for character in _STRINGS.sub("", code))


def _is_control(code: str) -> bool:
    return re.match(r"\s*(if|for|while|switch|with|catch|else|do|try)\b", code) is not None


def _while(lines: Sequence[_Line], at: int, holds: Callable[[_Line], bool]) -> int:
    while at < len(lines) and holds(lines[at]):
        at += 1
    return at


def _dedented(lines: Iterator[str]) -> list[str]:
    given = list(lines)
    blank = min((len(line) - len(line.lstrip()) for line in given if line.strip()), default=0)
    return [line[blank:] for line in given]
