"""The comparison as a page for people: docs/peers.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import linter
from tests import npm
from tests.npm import Spec
from tests.peers.compare import Answer, Compared, Contender
from tests.peers.eslint import File
from tests.peers.mapping import POPULAR

PAGE = npm.ROOT / "docs" / "peers.md"
HEAD = ("rule", "tool and its rule", "pairs", "found", "missed", "false on the good", "fix", "suggestion", "popular")
_INTRODUCTION = """\
# Beside other tools

This page is written by `make peers`, which runs everything anew; nothing here is typed by hand.

Each pair is a release of a package with a defect and the next one without it
([fixtures/evidence/pairs.jsonl](../fixtures/evidence/pairs.jsonl)). All tools get the same files. **found**: the tool
says something in the function of the defect, or within a few lines of it, in the bad release. **false on the good**: it
still does in the good one, which upstream has mended; not counted where that is known to be incomplete.
**fix**: what was found comes with a change that the tool applies by itself; **suggestion**: with one that a human has
to choose. **popular**: all reports, right or wrong, in
{popular}.

A tool is asked only for a rule that is about the same defect; what follows a colon says which of its reports count.
Rules of ours that nothing compares with are not here.
"""
_NOT_RUN = """\
## Not run

- **semgrep**: the program is on PyPI, but its public rules are on no package registry (there is no `semgrep-rules` on
  npm or PyPI), and without rules it says nothing.
"""


def versions() -> dict[str, str]:
    """The tools and their exact versions, as fixtures/npm/peers settles them."""
    wanted: dict[str, str] = json.loads((npm.FIXTURES / "peers" / "package.json").read_text("utf8"))["dependencies"]
    return wanted


def page(compared: Sequence[Compared], unparsed: Sequence[File], retired: Mapping[Spec, bool]) -> str:
    popular = ", ".join(f"{name} {version}" for name, version in POPULAR)
    lines = [
        _INTRODUCTION.format(popular=popular),
        *_table(HEAD, _rows(compared)),
        "",
        *_pairs(compared),
        *_retire(compared, retired),
        _NOT_RUN,
        *("## Versions", "", f"- nodemend {linter.__version__}"),
        *(f"- {name} {version}" for name, version in versions().items()),
    ]
    if unparsed:
        lines += ["", f"ESLint could not parse: {', '.join('/'.join(file) for file in unparsed)}."]
    return "\n".join(lines) + "\n"


def _rows(compared: Sequence[Compared]) -> Iterator[list[str]]:
    for one in compared:
        for contender in one.contenders:
            yield [one.row.rule, contender.name, *_numbers(contender)]


def _numbers(one: Contender) -> Iterator[str]:
    of = len(one.answers)
    numbers = (of, one.found, of - one.found, one.false, one.fixes("fix"), one.fixes("suggestion"), one.popular)
    return map(str, numbers)


def _pairs(compared: Sequence[Compared]) -> Iterator[str]:
    """For each rule a table of its pairs, so that every number can be looked up."""
    for one in compared:
        yield from (f"### {one.row.rule}", "")
        rows = [
            [f"{pair.package} {pair.bad} → {pair.good}", *(_said(c.answers[index]) for c in one.contenders)]
            for index, pair in enumerate(one.pairs)
        ]
        yield from _table(["pair", *(contender.name for contender in one.contenders)], rows)
        yield ""


def _said(answer: Answer) -> str:
    words = ["found" if answer.found else "missed"]
    words += [answer.fix] if answer.fix else []
    words += ["false on the good"] if answer.false else []
    return ", ".join(words)


def _retire(compared: Sequence[Compared], retired: Mapping[Spec, bool]) -> Iterator[str]:
    pairs = {pair for one in compared for pair in one.pairs}
    bad, good = ({pair.specs[side] for pair in pairs} for side in (0, 1))
    named = [f"{sum(retired[spec] for spec in side)} of the {len(side)}" for side in (bad, good)]
    yield from ("## retire.js", "")
    yield "It knows releases of browser libraries by the look of their files: it can name a release, but no line, and"
    yield f"mends nothing. It names {named[0]} bad releases above, and {named[1]} good ones."
    yield ""


def _table(head: Sequence[str], rows: Iterator[list[str]] | Sequence[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---' for _ in head)}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
