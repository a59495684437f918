"""Rule pages written for one test, and what they make of some JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from linter.about import About
from linter.dialect import Dialect
from linter.edit import Safety
from linter.engine import Identity, Target
from linter.finding import Finding, Gated
from linter.mend import examine, mended
from linter.rule import Rule
from linter.source import Source
from linter.values import Values


def page(folder: Path, *fences: str, front: str = "", message: str = "found", tests: str = "") -> Path:
    """The path of a page with these rule fences; a line of `fix-node=` or `safe=` first goes behind the word `rule`."""
    path = folder / "a-rule.md"
    matter = f"---\nmessage: {message!r}\n{front}---\n# a-rule\n\nWhat it is about.\n\n"
    path.write_text(matter + "\n".join(_fence(fence) for fence in fences) + tests, encoding="utf8")
    return path


def rule(folder: Path, *fences: str, front: str = "", message: str = "found") -> Rule:
    return Rule.load(page(folder, *fences, front=front, message=message))


def _fence(code: str) -> str:
    first, _, rest = code.partition("\n")
    info, code = (f" {first}", rest) if first.startswith(("fix-node", "safe")) else ("", code)
    return f"```diff rule{info}\n{code}\n```\n"


@dataclass(frozen=True, slots=True)
class Others:
    """The other files of a package."""

    files: Mapping[str, str]
    memory: dict[str, object] = field(default_factory=dict)
    shipped: bool = True

    def sources(
        self, *words: bytes, shipped: bool = False, admits: Callable[[bytes], bool] | None = None
    ) -> Iterator[tuple[Source, Values]]:
        del shipped  # the files of a test are what a package ships
        for path, code in self.files.items():
            if all(word in code.encode() for word in words) and (admits is None or admits(code.encode())):
                source = Source(path, code.encode())
                yield source, Values(source)

    def file(self, path: str) -> tuple[Source, Values] | None:
        source = Source(path, self.files.get(path, "").encode())
        return (source, Values(source)) if path in self.files else None

    def below(self, prefix: str) -> Iterator[tuple[Source, Values]]:
        yield from (found for path in self.files if path.startswith(prefix) and (found := self.file(path)))


NOBODY = Identity()
ANYTHING = Target()


@dataclass(frozen=True, slots=True)
class Subject:
    """A file that rules are tried on."""

    code: str
    target: Target = ANYTHING
    who: Identity = NOBODY
    others: Mapping[str, str] | None = None
    dialect: Dialect = "javascript"

    def about(self) -> About:
        source = Source("file.js", self.code.encode("utf8", "surrogateescape"), self.dialect)
        return About(source, Values(source), Others(self.others or {}))


def findings(rules: Rule | Sequence[Rule], subject: Subject | str) -> list[Finding]:
    return _examined(rules, subject)[0]


def gated(rules: Rule | Sequence[Rule], subject: Subject | str) -> list[Gated]:
    return _examined(rules, subject)[1]


def places(rules: Rule | Sequence[Rule], subject: Subject | str) -> list[str]:
    """The reported pieces of code, in source order."""
    about = _subject(subject).about()
    return [about.source.data[f.span.start : f.span.end].decode() for f in findings(rules, subject)]


def fixed(rules: Rule | Sequence[Rule], subject: Subject | str, level: Safety = Safety.SUGGESTED) -> str:
    """The code after every fix up to that level of safety."""
    it = _subject(subject)
    return mended(_rules(rules), it.about(), it.target, it.who, level).after.decode("utf8", "surrogateescape")


def verdicts(rules: Rule | Sequence[Rule], subject: Subject | str) -> list[tuple[str, str]]:
    """How safe each fix is, and why not safer; ("none", "") where there is none."""
    return [(str(f.fix.safety), f.fix.why) if f.fix is not None else ("none", "") for f in findings(rules, subject)]


def _examined(rules: Rule | Sequence[Rule], subject: Subject | str) -> tuple[list[Finding], list[Gated]]:
    it = _subject(subject)
    seen = examine(_rules(rules), it.about(), it.target, it.who)
    return seen.findings, seen.gated


def _subject(subject: Subject | str) -> Subject:
    return Subject(subject) if isinstance(subject, str) else subject


def _rules(rules: Rule | Sequence[Rule]) -> Sequence[Rule]:
    return [rules] if isinstance(rules, Rule) else rules
