"""One pair judged: found in the bad release, silent about the good one, and what its fix is worth."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from linter.edit import Safety
from linter.errors import InputError
from linter.explain import why
from linter.finding import Finding, Report
from linter.library import check, fix
from linter.rule import Rule
from linter.scan import Settings
from tests import npm
from tests.evidence.pairs import Pair
from tests.evidence.places import Place, Text, tokens

# Every finding counts, whatever Node it is about: a pair is about the code, and its package's engines are often wrong.
NODE = "all"
# How a fix compares with upstream's, from most to least that a program can say:
#   text    the function around the place is upstream's word for word, blanks and the like aside
#   change  each word that the fix adds is among those that upstream added in that function
#   guard   the rule is satisfied by upstream's version of the function as it is by ours; how is not compared
#   other   upstream's version of the function is gone, or the rule still speaks there
Likeness = Literal["text", "change", "guard", "other", ""]
LIKENESSES: tuple[Likeness, ...] = ("text", "change", "guard", "other")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one pair. What cannot be asked, since there is no page, no finding or no fix, is None or ""."""

    pair: Pair
    has_rule: bool = True
    found: Finding | None = None
    reason: str = ""  # why it was missed
    silent: bool | None = None  # about the place in the good release
    file_silent: bool | None = None  # about all of the file in the good release
    residue: tuple[str, ...] = ()  # FILE:LINE of what is found in the file of the good release
    safety: str = ""  # of the fix at the place
    clean: bool | None = None  # what fixes were applied silence the rule, at each level of safety
    parses: bool | None = None  # and Node takes every file they changed
    unparsed: tuple[str, ...] = ()
    like: Likeness = ""


def judge(pair: Pair, rule: Rule | None) -> Verdict:
    """The verdict on a pair. Raises npm.NpmError."""
    if rule is None:
        return Verdict(pair, has_rule=False)
    bad, good = (npm.unpacked(*spec) for spec in pair.specs)
    before, after = (Text.of(pair.file, (folder / pair.file).read_bytes()) for folder in (bad, good))
    there = [before.place(line) for line in pair.lines]
    here = [after.same(place, before, line) for place, line in zip(there, pair.lines, strict=True)]
    report = check(bad, rules=[rule], node=NODE)
    found = [finding for finding in _inside(report, pair) if _at(finding, there)]
    left = _inside(check(good, rules=[rule], node=NODE), pair)
    verdict = Verdict(
        pair,
        found=min(found, key=lambda f: abs(f.span.line - pair.lines[0]), default=None),
        reason="" if found else _reason(rule, bad, pair),
        silent=not any(_at(finding, here) for finding in left),
        file_silent=not left,
        residue=tuple(f"{pair.file}:{f.span.line}" for f in left),
    )
    return _with_fix(verdict, rule, bad, report, there, here, after) if found else verdict


def _with_fix(
    verdict: Verdict, rule: Rule, bad: Path, report: Report, there: Sequence[Place], here: Sequence[Place], good: Text
) -> Verdict:
    pair, found = verdict.pair, verdict.found
    if found is None or found.fix is None or found.fix.safety > Safety.SUGGESTED:
        return replace(verdict, safety=str(found.fix.safety) if found and found.fix else "none")
    clean, unparsed = True, []
    fixed = b""
    for level in (Safety.SAFE, Safety.SUGGESTED):
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / "package"
            shutil.copytree(bad, copy)
            mended = fix(copy, rules=[rule], node=NODE, suggestions=level is Safety.SUGGESTED, write=True)
            again = check(copy, rules=[rule], node=NODE)
            due = [f for f in report.findings if f.fix is not None and f.fix.safety <= level]
            clean = clean and len(again.findings) <= len(report.findings) - len(due)
            unparsed += [name for name in (patch.file for patch in mended.patches) if not _parses(bad, copy, name)]
            fixed = (copy / pair.file).read_bytes()
    like = _like(Text.of(pair.file, fixed), good, there, here, verdict)
    return replace(
        verdict, safety=str(found.fix.safety), clean=clean, parses=not unparsed, unparsed=tuple(unparsed), like=like
    )


def _inside(report: Report, pair: Pair) -> list[Finding]:
    return [finding for finding in report.findings if finding.file == pair.file]


def _at(finding: Finding, places: Sequence[Place]) -> bool:
    """Whether what is reported, or a step of the way that its trace tells, is at one of these places."""
    told = [hop.span for hop in finding.trace if hop.path == finding.path and hop.role in ("enters", "kept", "passed")]
    spans = [finding.span, *told]
    return any(place.holds(span.line, span.end_line) for place in places for span in spans)


def _reason(rule: Rule, folder: Path, pair: Pair) -> str:
    """Why the rule says nothing about the first line that it should, as `nodemend why` puts it."""
    try:
        lines = why(rule, str(folder / pair.file), pair.lines[0], Settings(NODE)).split("\n")
    except InputError as error:
        return str(error)
    return " ".join(line.strip() for line in lines[1:] or lines)


def _parses(bad: Path, copy: Path, file: str) -> bool:
    """Whether Node reads the changed file; what it could not read before proves nothing."""
    if not file.endswith((".js", ".cjs", ".mjs")):
        return True
    return _checked(copy / file) or not _checked(bad / file)


def _checked(path: Path) -> bool:
    return subprocess.run(["node", "--check", path], capture_output=True, timeout=60).returncode == 0


def _like(ours: Text, good: Text, there: Sequence[Place], here: Sequence[Place], verdict: Verdict) -> Likeness:
    was, now = there[0], here[0]
    if was.node is None or now.node is None:
        return "guard" if verdict.silent else "other"
    fixed = ours.same(was, good, was.first)
    if fixed.node is None:
        return "other"
    old, mine, theirs = (tokens(node) for node in (was.node, fixed.node, now.node))
    if mine == theirs:
        return "text"
    added = Counter(mine) - Counter(old)
    if verdict.silent and added and not added - (Counter(theirs) - Counter(old)):
        return "change"
    return "guard" if verdict.silent else "other"


def verdicts(pairs: Sequence[Pair], rules: Sequence[Rule]) -> Iterator[Verdict]:
    """The verdict on each pair, in order."""
    by_id = {rule.id: rule for rule in rules}
    wanted = [spec for pair in pairs if pair.rule in by_id for spec in pair.specs]
    npm.fetch_all(wanted)
    for pair in pairs:
        yield judge(pair, by_id.get(pair.rule))
