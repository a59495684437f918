"""A rule is one Markdown page: its gates, its prose, the semantic patch, and the examples that test it.

What a page says in plain words is always there; its code is compiled when something asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from ..datatype import dataclass, field
from ..errors import RuleError
from ..finding import REASONS, Severity, Skipped
from ..gate import Gate, Glance, openings
from ..packages.disk import read

if TYPE_CHECKING:
    from ..notation.semantic_patch import SemanticPatch
    from ..pattern import Pattern
    from .parts import Example, Parts

CATEGORIES = ("retention", "leak", "resource", "buffer", "tls", "crypto", "prototype", "process")
SETS = ("recommended", "all")  # besides the categories
MAX_PAGE = 1 << 20  # bytes; a page is for people
HEADINGS = ("Reported", "Not reported", "Known limits")

T = TypeVar("T")
Safety = Literal["safe", "suggested", "none"]


@dataclass(slots=True, eq=False)
class Body:
    """The code of the page at `path`: what a file must hold for it, and once asked for, the rest."""

    path: Path
    page: str
    prose: int  # how many lines the front matter takes
    gates: tuple[Gate, ...]  # what comes through none of them has nothing for any of its patches
    exceptions: tuple[str, ...]  # the code of `unless`
    known: Parts | None = None

    @property
    def parts(self) -> Parts:
        if self.known is None:
            from .page import Page  # brings the parser, but no YAML: the front matter is known

            self.known = Page(self.path, self.page).parts(self.prose, self.exceptions)
        return self.known


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
    safe: bool
    safety: Safety  # the best a fix of it can be; "none" when the rule only reports
    since: str
    outside: str  # what to know about Nodes outside of `node`; "" for nothing
    elsewhere: Severity | Literal[""]  # the severity for those Nodes; "" leaves such findings out, counted
    summary: str
    page: str
    path: str
    body: Body = field(repr=False)

    @property
    def patches(self) -> tuple[SemanticPatch, ...]:
        return self.body.parts.patches

    @property
    def unless(self) -> tuple[Pattern, ...]:
        """Patterns that, anywhere in the package, show that there is nothing to do."""
        return self.body.parts.unless

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.body.parts.examples

    @classmethod
    def load(cls, path: Path) -> Rule:
        """The rule of a page. Raises RuleError, which points at the mistake."""
        return _compiled(path, _bytes(path))


def wanted(rule: Rule, glance: Glance) -> bool:
    """Whether the rule could match at all in a file, for all that its bytes tell."""
    return any(gate.admits(glance) for gate in rule.body.gates)


class Due(Generic[T]):
    """The rules that could match in the files of one package, for all that the bytes tell: each is looked at once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._gates = [(rule, gate) for rule in rules for gate in rule.body.gates]
        self._openings = openings(tuple(gate for _, gate in self._gates))
        self._shown = {shape: False for _, gate in self._gates for shape in gate.anywhere}  # by any file
        self._admitted: dict[T, list[tuple[Rule, Gate]]] = {}

    def look(self, file: T, data: bytes, *, asked: bool = True) -> None:
        """One more file. asked=False: it is only there for what it says of the others."""
        glance = Glance(data)
        for shape, shown in self._shown.items():
            self._shown[shape] = shown or glance.shows(shape)
        opened = (self._gates[number] for number in sorted(glance.opens(self._openings) if asked else ()))
        if admitted := [(rule, gate) for rule, gate in opened if gate.admits(glance)]:
            self._admitted[file] = admitted

    def found(self) -> dict[T, list[Rule]]:
        """The rules to be tried, by file; those of which the package as a whole says that they cannot match are out."""
        tried = (
            (file, {rule.id: rule for rule, gate in admitted if gate.admits_in(self._shown.__getitem__)})
            for file, admitted in self._admitted.items()
        )
        return {file: [*rules.values()] for file, rules in tried if rules}


def load_rules(
    extra: Sequence[Path] = (), broken: Callable[[RuleError], None] | None = None, *, listed: bool = True
) -> tuple[Rule, ...]:
    """The shipped rules and those of other folders, sorted by id; of two with one id the later folder's is used.

    A page with a mistake goes to `broken` and is left out; without one its RuleError is raised. A shipped page that is
    as the list of shipped rules has it (linter/rule/listing.py) is compiled when its code is asked for; with
    listed=False all pages are compiled at once.
    """
    from .listing import Listing

    own = shipped()
    listing = Listing.read(own) if listed else Listing({})
    found: dict[str, Rule] = {}
    for folder in (own, *extra):
        if not folder.is_dir():
            raise RuleError("no such folder of rules", path=str(folder), line=1, hint="give a folder of rule pages")
        for path in pages(folder):
            try:
                data = _bytes(path)
                known = listing.rule(path, data) if folder is own else None
                found[path.stem] = known or _compiled(path, data)
            except RuleError as error:
                if broken is None:
                    raise
                broken(error)
    return tuple(found[name] for name in sorted(found))


def pages(folder: Path) -> Iterator[Path]:
    """The pages of rules in a folder, by name."""
    yield from (path for path in sorted(folder.glob("*.md")) if path.name != "README.md")


def shipped() -> Path:
    """The folder of the rules that come with nodemend: in a wheel beside the code, in a checkout beside the package."""
    here = Path(__file__).resolve().parent.parent
    return here / "_rules" if (here / "_rules").is_dir() else here.parent / "rules"


def _bytes(path: Path) -> bytes:
    data = read(path, str(path), MAX_PAGE)
    if isinstance(data, Skipped):
        reason = ", ".join(filter(None, (REASONS[data.reason], data.detail)))
        raise RuleError(f"cannot be read: {reason}", path=str(path), line=1)
    return data


def _compiled(path: Path, data: bytes) -> Rule:
    from .page import Page

    return Page(path, text(path, data)).rule()


def text(path: Path, data: bytes) -> str:
    """A page's text. Raises RuleError when it is not UTF-8."""
    try:
        return data.decode("utf8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise RuleError("cannot be read: it is not UTF-8", path=str(path), line=1) from None
