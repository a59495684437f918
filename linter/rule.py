"""A rule is one Markdown page: its gates, its prose, the semantic patch, and the examples that test it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast

from .errors import RuleError
from .fences import FENCE, Fence, fences
from .finding import REASONS, SEVERITIES, Severity, Skipped
from .front import FrontMatter
from .notation import METAVARIABLES, Reader
from .notation.semantic_patch import SemanticPatch
from .packages.disk import read
from .pattern import Pattern, PatternError, compile_pattern
from .semver import parse_range

CATEGORIES = ("retention", "leak", "resource", "buffer", "tls", "crypto", "prototype", "process")
SETS = ("recommended", "all")  # besides the categories
MAX_PAGE = 1 << 20  # bytes; a page is for people
HEADINGS = ("Reported", "Not reported", "Known limits")
_KEYS = (
    "severity", "category", "recommended", "message", "node", "fix-node", "package", "unless", "safe", "evidence",
    "since", "outside", "elsewhere",
)  # fmt: skip
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TESTS = frozenset({"diff", "js", "jsx", "ts", "tsx"})
# What may stand behind an example's language, and what it may be: None for a version range.
_OPTIONS: Mapping[str, tuple[str, ...] | None] = {
    "node": None, "engines": None, "release": ("delete", "null"), "safety": ("safe", "suggested", "shown"),
}  # fmt: skip

Expectation = Literal["fixed", "found", "silent"]


@dataclass(frozen=True, slots=True)
class Example:
    """A fence of a page that is a test. `limit`: a known limit, which must fail."""

    code: str
    expect: Expectation
    heading: str
    line: int
    language: str
    after: str = ""
    limit: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its page says it. `path` is where the page is; `page` is its whole text."""

    id: str
    title: str
    message: str
    severity: Severity
    category: str
    recommended: bool  # whether it is on when nothing is selected
    node: str
    fix_node: str
    package: tuple[str, str]  # name and range; ("", "*") for every package
    unless: tuple[Pattern, ...]
    safe: bool
    since: str
    outside: str  # what to know about Nodes outside of `node`; "" for nothing
    elsewhere: Severity | Literal[""]  # the severity for those Nodes; "" leaves such findings out, counted
    summary: str
    page: str
    path: str
    patches: tuple[SemanticPatch, ...]
    examples: tuple[Example, ...]

    @property
    def safety(self) -> str:
        """The best a fix of it can be: "safe", "suggested", or "none" when the rule only reports."""
        if not any(patch.changes for patch in self.patches):
            return "none"
        changing = [patch for patch in self.patches if patch.changes]
        return "safe" if self.safe and any(patch.safe for patch in changing) else "suggested"

    @classmethod
    def load(cls, path: Path) -> Rule:
        """The rule of a page. Raises RuleError, which points at the mistake."""
        data = read(path, str(path), MAX_PAGE)
        if isinstance(data, Skipped):
            reason = ", ".join(filter(None, (REASONS[data.reason], data.detail)))
            raise RuleError(f"cannot be read: {reason}", path=str(path), line=1)
        try:
            page = data.decode("utf8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise RuleError("cannot be read: it is not UTF-8", path=str(path), line=1) from None
        return _Page(path, page).rule()


def load_rules(extra: Sequence[Path] = (), broken: Callable[[RuleError], None] | None = None) -> tuple[Rule, ...]:
    """The shipped rules and those of other folders, sorted by id; of two with one id the later folder's is used.

    A page with a mistake goes to `broken` and is left out; without one its RuleError is raised.
    """
    found: dict[str, Rule] = {}
    for folder in (shipped(), *extra):
        if not folder.is_dir():
            raise RuleError("no such folder of rules", path=str(folder), line=1, hint="give a folder of rule pages")
        for path in sorted(folder.glob("*.md")):
            if path.name == "README.md":
                continue
            try:
                found[path.stem] = Rule.load(path)
            except RuleError as error:
                if broken is None:
                    raise
                broken(error)
    return tuple(found[name] for name in sorted(found))


def shipped() -> Path:
    """The folder of the rules that come with nodemend: in a wheel beside the code, in a checkout beside the package."""
    here = Path(__file__).resolve().parent
    return here / "_rules" if (here / "_rules").is_dir() else here.parent / "rules"


@dataclass(slots=True)
class _Page:
    path: Path
    page: str

    def rule(self) -> Rule:
        if not _ID.fullmatch(self.path.stem):
            raise self._error("a rule's name is kebab-case", 1, hint="as in upgrade-head-retained.md")
        if self.path.stem in (*SETS, *CATEGORIES):
            raise self._error(f"`{self.path.stem}` is the name of a set of rules", 1, hint="name it for the sin")
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
        return Rule(
            id=self.path.stem, title=_title(prose) or self.path.stem, message=message,
            severity=cast("Severity", severity), category=front.choice("category", CATEGORIES, ""),
            node=self._range(front, "node", "*"), fix_node=self._range(front, "fix-node", ""),
            package=self._package(front), unless=tuple(self._unless(front)), safe=front.flag("safe", default=True),
            recommended=front.flag("recommended", default=True), since=front.text("since"),
            outside=front.text("outside"), elsewhere=cast("Severity", front.choice("elsewhere", SEVERITIES, "")),
            summary=_summary(prose), page=self.page, path=str(self.path),
            patches=patches, examples=tuple(example for fence in code for example in self._examples(fence)),
        )  # fmt: skip

    def _patches(self, fence: Fence, reader: Reader) -> tuple[SemanticPatch, ...]:
        options = dict(fence.options({"fix-node": None, "safe": ("false",)}, skip=2))
        return reader.read(fence.body, fence.line, options.get("fix-node", ""), safe="safe" not in options)

    def _examples(self, fence: Fence) -> Iterator[Example]:
        language = fence.language
        if language not in _TESTS or fence.is_rule:
            return
        if fence.heading not in HEADINGS:
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

    def _unless(self, front: FrontMatter) -> Iterator[Pattern]:
        for code, line, column in front.listed("unless"):
            try:
                yield compile_pattern(code)
            except PatternError as error:
                raise self._error(f"`unless`: {error}", line, column) from None

    def _check_message(self, message: str, bound: set[str], front: FrontMatter) -> None:
        for found in METAVARIABLES.finditer(message):
            if found[0] not in bound:
                near = get_close_matches(found[0], bound, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"the rule binds {', '.join(sorted(bound)) or 'none'}"
                what = f"unknown metavariable `{found[0]}` in the message"
                raise self._error(what, *front.place("message"), hint=hint)

    def _error(self, message: str, line: int, column: int = 1, *, hint: str = "") -> RuleError:
        return RuleError(message, path=str(self.path), line=line, column=column, hint=hint)


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
