"""A page tests itself: its examples are run against its rule."""

from __future__ import annotations

from collections.abc import Iterator

from .about import About
from .datatype import dataclass
from .dialect import Dialect
from .edit import Safety
from .engine import Identity, Target
from .finding import Finding
from .mend import examine, mended
from .rule import Rule
from .rule.parts import Example
from .source import Source

_DIALECTS: dict[str, Dialect] = {"js": "javascript", "jsx": "javascript", "ts": "typescript", "tsx": "tsx"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one example. `line` is that of its first line of code; `detail` says what was wrong."""

    rule: Rule
    line: int
    heading: str
    passed: bool
    detail: str = ""


def run(rule: Rule) -> list[Outcome]:
    """The outcomes of all the examples of a page, in order. A known limit passes when it fails as an example would."""
    return [_outcome(rule, example) for example in rule.examples]


def _outcome(rule: Rule, example: Example) -> Outcome:
    detail = next(_complaints(rule, example), "")
    if example.limit:
        wrong = "" if detail else "this known limit holds no more: move it to Reported or Not reported"
        return Outcome(rule, example.line, example.heading, not wrong, wrong)
    return Outcome(rule, example.line, example.heading, not detail, detail)


def _complaints(rule: Rule, example: Example) -> Iterator[str]:
    target = _target(example)
    findings = _found(rule, example.code, example, target)
    if example.expect == "silent":
        if findings:
            yield f"expected silence, found: {findings[0].message} (its line {findings[0].span.line})"
        return
    if not findings:
        yield "expected a finding, found none"
        return
    fixes = [finding.fix for finding in findings if finding.fix is not None]
    if example.expect == "found":
        if fixes:
            yield "expected no fix: show it as a `diff`"
        return
    if not fixes:
        yield "expected a fix, found none"
        return
    wanted = example.options.get("safety")
    if wanted and any(str(fix.safety) != wanted for fix in fixes):
        yield f"expected the fix to be {wanted}: it is {fixes[0].safety} ({fixes[0].why or 'no doubt'})"
    after = mended([rule], _about(example.code, example), target, Identity(), Safety.SUGGESTED).after.decode()
    if after != example.after:
        yield f"the fix gives something else:\n{_marked(after)}"
    elif _found(rule, after, example, target):
        yield "the fixed code is still reported"


def _found(rule: Rule, code: str, example: Example, target: Target) -> list[Finding]:
    return examine([rule], _about(code, example), target, Identity()).findings


def _about(code: str, example: Example) -> About:
    return About.of(Source("example", code.encode(), _DIALECTS[example.language]))


def _target(example: Example) -> Target:
    node, engines = example.options.get("node", ""), example.options.get("engines", "")
    return Target(engines or (node if node != "all" else ""), node != "all", example.options.get("release", "delete"))


def _marked(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.rstrip("\n").split("\n"))
