"""Every shipped page tests itself, and every page says what a page has to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter import examples
from linter.edit import Safety
from linter.examples import Outcome
from linter.mend import mended
from linter.rule import Rule, load_rules, shipped
from tests.pages import ANYTHING, NOBODY, Subject

RULES = load_rules()
OUTCOMES = [outcome for rule in RULES for outcome in examples.run(rule)]


def _name(outcome: Outcome) -> str:
    return f"{outcome.rule.id}:{outcome.line} {outcome.heading}"


@pytest.mark.parametrize("outcome", OUTCOMES, ids=_name)
def test_example(outcome: Outcome) -> None:
    assert outcome.passed, f"{outcome.rule.path}:{outcome.line}: {outcome.detail}"


@pytest.mark.parametrize(
    "path", sorted(p for p in shipped().glob("*.md") if p.name != "README.md"), ids=lambda p: p.stem
)
def test_page_loads_and_is_complete(path: Path) -> None:
    rule = Rule.load(path)
    headings = {example.heading for example in rule.examples}
    assert rule.title == rule.id
    assert rule.summary
    assert rule.category
    assert rule.since
    assert {"Reported", "Not reported"} <= headings


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_fixing_twice_is_fixing_once(rule: Rule) -> None:
    for example in rule.examples:
        if example.expect == "fixed" and not example.limit and not example.options:
            about = Subject(example.after).about()
            again = mended([rule], about, ANYTHING, NOBODY, Safety.SUGGESTED)
            assert again.after == example.after.encode()


def _written(folder: Path, tests: str) -> Rule:
    path = folder / "a-rule.md"
    path.write_text(
        f"---\nmessage: found\n---\n# a-rule\n\n```diff rule\n-f($X)\n+g($X)\n```\n\n{tests}", encoding="utf8"
    )
    return Rule.load(path)


FAILING = {
    "a fix that is not the one shown": ("## Reported\n```diff\n-f(1)\n+h(1)\n```\n", "the fix gives something else"),
    "found, but shown without its fix": ("## Reported\n```js\nf(1)\n```\n", "expected no fix"),
    "not found at all": ("## Reported\n```js\nh(1)\n```\n", "expected a finding, found none"),
    "found where silence is expected": ("## Not reported\n```js\nf(1)\n```\n", "expected silence, found: found"),
    "less safe than it is": (
        "## Reported\n```diff safety=suggested\n-f(1)\n+g(1)\n```\n",
        "expected the fix to be suggested",
    ),
    "a limit that is none": ("## Known limits\n```diff\n-f(1)\n+g(1)\n```\n", "this known limit holds no more"),
}


@pytest.mark.parametrize(("tests", "detail"), FAILING.values(), ids=FAILING)
def test_example_that_must_fail(tests: str, detail: str, tmp_path: Path) -> None:
    (outcome,) = examples.run(_written(tmp_path, tests))
    assert not outcome.passed
    assert detail in outcome.detail


PASSING = {
    "a diff": "## Reported\n```diff\n-f(1)\n+g(1)\n```\n",
    "silence": "## Not reported\n```js\nh(1)\n```\n",
    "a limit: silent where it should not be": "## Known limits\n```diff\n-k(1)\n+g(1)\n```\n",
    "TypeScript": "## Not reported\n```ts\nlet x: number = h(1);\n```\n",
    "a fence that is no test": "## Reported\n```sh\nls\n```\n\n```diff safety=safe\n-f(1)\n+g(1)\n```\n",
}


@pytest.mark.parametrize("tests", PASSING.values(), ids=PASSING)
def test_example_that_must_pass(tests: str, tmp_path: Path) -> None:
    (outcome,) = examples.run(_written(tmp_path, tests))
    assert outcome.passed, outcome.detail


def test_later_folder_overrides_a_shipped_rule(tmp_path: Path) -> None:
    name = RULES[0].id
    (tmp_path / f"{name}.md").write_text("---\nmessage: mine\n---\n# x\n```diff rule\n*f()\n```\n", encoding="utf8")
    (tmp_path / "README.md").write_text("not a rule", encoding="utf8")
    loaded = {rule.id: rule for rule in load_rules([tmp_path])}
    assert loaded[name].message == "mine"
    assert set(loaded) == {rule.id for rule in RULES}
