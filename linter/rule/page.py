"""Reading a rule's page: front matter, prose, the semantic patches in its fences, and the examples that test it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..datatype import dataclass
from ..errors import RuleError
from ..fences import FENCE, Fence, fences
from ..finding import SEVERITIES, Severity
from ..gate import weakest
from ..notation import METAVARIABLES, Reader
from ..notation.semantic_patch import SemanticPatch, gate
from ..pattern import Pattern, PatternError, compile_pattern
from ..regexes import regex
from ..semver import parse_range
from . import CATEGORIES, HEADINGS, SETS, Body, Rule, Safety
from .parts import Example, Expectation, Parts

if TYPE_CHECKING:
    from ..front import FrontMatter

_KEYS = (
    "severity", "category", "recommended", "message", "node", "fix-node", "package", "unless", "safe", "evidence",
    "since", "outside", "elsewhere",
)  # fmt: skip
_ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TESTS = frozenset({"diff", "js", "jsx", "ts", "tsx"})
# What may stand behind an example's language, and what it may be: None for a version range.
_OPTIONS: Mapping[str, tuple[str, ...] | None] = {
    "node": None, "engines": None, "release": ("delete", "null"), "safety": ("safe", "suggested", "shown"),
}  # fmt: skip

@dataclass(slots=True)
class Page:
    """The text of a page and where it is."""

    path: Path
    page: str

    def rule(self) -> Rule:
        """The rule it holds. Raises RuleError, which points at the mistake."""
        if not _ID.fullmatch(self.path.stem):
            raise self._error("a rule's name is kebab-case", 1, hint="as in upgrade-head-retained.md")
        if self.path.stem in (*SETS, *CATEGORIES):
            raise self._error(f"`{self.path.stem}` is the name of a set of rules", 1, hint="name it for the sin")
        from ..front import FrontMatter

        front = FrontMatter.read(self.page, str(self.path), _KEYS)
        prose = self.page.split("\n")[front.end :]
        code = list(fences(prose, front.end + 1, str(self.path)))
        reader = Reader(str(self.path))
        patches = tuple(patch for fence in code if fence.is_rule for patch in self._patches(fence, reader))
        if not patches:
            raise self._error("this page has no rule", front.end, hint="write one in a ```diff rule fence")
        message = front.text("message", required=True)
        self._check_message(message, reader.bound, front)
        severity = front.choice("severity", SEVERITIES, "warning")
        safe = front.flag("safe", default=True)
        exceptions = tuple(self._unless(front))
        gates = weakest(gate(patch) for patch in patches if not patch.exempt)
        parts = Parts(
            patches,
            tuple(pattern for _, pattern in exceptions),
            tuple(example for fence in code for example in self._examples(fence)),
        )
        return Rule(
            id=self.path.stem, title=_title(prose) or self.path.stem, message=message,
            severity=cast("Severity", severity), category=front.choice("category", CATEGORIES, ""),
            node=self._range(front, "node", "*"), fix_node=self._range(front, "fix-node", ""),
            package=self._package(front), safe=safe, safety=_safety(patches, safe=safe),
            recommended=front.flag("recommended", default=True), since=front.text("since"),
            outside=front.text("outside"), elsewhere=cast("Severity", front.choice("elsewhere", SEVERITIES, "")),
            summary=_summary(prose), page=self.page, path=str(self.path),
            body=Body(
                self.path, self.page, front.end, gates, tuple(text for text, _ in exceptions), parts
            ),
        )  # fmt: skip

    def parts(self, prose: int, exceptions: Sequence[str]) -> Parts:
        """The code of a page that is known to hold a rule, with `prose` lines of front matter and this `unless`."""
        code = list(fences(self.page.split("\n")[prose:], prose + 1, str(self.path)))
        reader = Reader(str(self.path))
        return Parts(
            tuple(patch for fence in code if fence.is_rule for patch in self._patches(fence, reader)),
            tuple(map(compile_pattern, exceptions)),
            tuple(example for fence in code for example in self._examples(fence)),
        )

    def _patches(self, fence: Fence, reader: Reader) -> tuple[SemanticPatch, ...]:
        options = dict(fence.options({"fix-node": None, "safe": ("false",)}, skip=2))
        return reader.read(fence.body, fence.line, options.get("fix-node", ""), safe="safe" not in options)

    def _examples(self, fence: Fence) -> Iterator[Example]:
        language = fence.language
        if language not in _TESTS or fence.is_rule:
            return
        if fence.heading not in HEADINGS:
            from difflib import get_close_matches  # for mistakes only

            near = get_close_matches(fence.heading, HEADINGS, n=1)
            hint = (
                f"did you mean `## {near[0]}`?" if near else "tests stand under Reported, Not reported or Known limits"
            )
            raise self._error(
                f"a `{language}` example under `{fence.heading or 'no heading'}`", fence.line - 1, hint=hint
            )
        options = dict(fence.options(_OPTIONS, skip=1))
        limit = fence.heading == "Known limits"
        if language == "diff":
            if fence.heading == "Not reported":
                raise self._error("a `diff` example says that something is reported", fence.line - 1, hint="use `js`")
            before, after = fence.sides()
            yield Example(before, "fixed", fence.heading, fence.line, "js", after, limit, options)
        else:
            expect: Expectation = "silent" if fence.heading == "Not reported" else "found"
            yield Example(fence.body + "\n", expect, fence.heading, fence.line, language, "", limit, options)

    def _range(self, front: FrontMatter, key: str, default: str) -> str:
        given = front.text(key) or default
        try:
            parse_range(given)
        except ValueError as error:
            raise self._error(f"`{key}`: {error}", *front.place(key)) from None
        return given

    def _package(self, front: FrontMatter) -> tuple[str, str]:
        given = front.text("package")
        if not given:
            return "", "*"
        name, at, versions = given.rpartition("@")
        name, versions = (name, versions) if at and name else (given, "*")
        try:
            parse_range(versions)
        except ValueError as error:
            raise self._error(f"`package`: {error}", *front.place("package"), hint="write name@range") from None
        return name, versions

    def _unless(self, front: FrontMatter) -> Iterator[tuple[str, Pattern]]:
        for code, line, column in front.listed("unless"):
            try:
                yield code, compile_pattern(code)
            except PatternError as error:
                raise self._error(f"`unless`: {error}", line, column) from None

    def _check_message(self, message: str, bound: set[str], front: FrontMatter) -> None:
        for found in METAVARIABLES.finditer(message):
            if found[0] not in bound:
                from difflib import get_close_matches

                near = get_close_matches(found[0], bound, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"the rule binds {', '.join(sorted(bound)) or 'none'}"
                what = f"unknown metavariable `{found[0]}` in the message"
                raise self._error(what, *front.place("message"), hint=hint)

    def _error(self, message: str, line: int, column: int = 1, *, hint: str = "") -> RuleError:
        return RuleError(message, path=str(self.path), line=line, column=column, hint=hint)


def _safety(patches: Sequence[SemanticPatch], *, safe: bool) -> Safety:
    """The best a fix can be."""
    changing = [patch for patch in patches if patch.changes]
    if not changing:
        return "none"
    return "safe" if safe and any(patch.safe for patch in changing) else "suggested"


def _title(prose: Sequence[str]) -> str:
    return next((line[2:].strip() for line in prose if line.startswith("# ")), "")


def _summary(prose: Sequence[str]) -> str:
    """The first paragraph below the title; "" when the rule comes first."""
    lines: list[str] = []
    for line in prose:
        if FENCE.match(line):
            break
        if line.startswith("#") or not line.strip():
            if lines:
                break
            continue
        lines.append(line.strip())
    return " ".join(lines)
