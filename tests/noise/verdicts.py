"""What a reader made of each hit: the file of verdicts, and how it compares with what is found now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import npm
from tests.noise.hits import Hit, Scanned

TABLE = npm.ROOT / "fixtures" / "noise" / "verdicts.jsonl"
#   true   the code does what the rule's page says is wrong, for some input or course of events that can happen
#   taste  it does, but whoever wrote it may well want it so (a test server, a policy, a documented choice)
#   false  it does not
WORDS = ("true", "false", "taste")
FALSE_PER_PACKAGE = 0.1

Key = tuple[str, str, str, int]  # rule, package@version, file, line


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader said of the hits of one rule on some lines of one file."""

    rule: str
    package: str  # name@version
    file: str
    lines: tuple[int, ...]
    word: str  # one of WORDS
    why: str  # one sentence

    @property
    def keys(self) -> list[Key]:
        return [(self.rule, self.package, self.file, line) for line in self.lines]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The hits of a scan with what was said of each, and what does not go together."""

    said: tuple[tuple[Hit, str, str], ...]  # hit, word ("" when nobody has read it), why
    stale: tuple[Verdict, ...]  # about a line, of a scanned package and a rule that was used, that is not hit
    packages: int

    @property
    def unread(self) -> list[Hit]:
        return [hit for hit, word, _ in self.said if not word]

    def count(self, word: str, rule: str = "") -> int:
        return sum(said == word and rule in ("", hit.rule) for hit, said, _ in self.said)

    @property
    def allowed(self) -> int:
        """How many false hits may be among them."""
        return int(self.packages * FALSE_PER_PACKAGE)

    @property
    def holds(self) -> bool:
        return not self.unread and not self.stale and self.count("false") <= self.allowed


def verdicts(path: Path = TABLE) -> list[Verdict]:
    """The file of verdicts. Raises ValueError for a word that is none, or a hit that is told twice."""
    rows = [_verdict(json.loads(line)) for line in path.read_text("utf8").splitlines() if line.strip()]
    seen: set[Key] = set()
    for row in rows:
        if row.word not in WORDS:
            raise ValueError(f"{row.package}: {row.word!r} is none of {', '.join(WORDS)}")
        for key in row.keys:
            if key in seen:
                raise ValueError(f"told twice: {key}")
            seen.add(key)
    return rows


def weigh(scanned: Sequence[Scanned], known: Iterable[Verdict], rules: Iterable[str]) -> Weighed:
    """The hits with their verdicts. `rules` are those that were used: verdicts on others say nothing here."""
    said = {key: verdict for verdict in known for key in verdict.keys}
    hits = [hit for one in scanned for hit in one.hits]
    found = {_key(hit) for hit in hits}
    names, used = {str(one.package) for one in scanned}, set(rules)
    stale = {v for key, v in said.items() if v.rule in used and v.package in names and key not in found}
    return Weighed(
        tuple((hit, v.word, v.why) if (v := said.get(_key(hit))) else (hit, "", "") for hit in hits),
        tuple(sorted(stale, key=lambda v: v.keys)),
        len(scanned),
    )


def _key(hit: Hit) -> Key:
    return hit.rule, hit.package, hit.file, hit.line


def _verdict(row: dict[str, object]) -> Verdict:
    lines = row["lines"]
    assert isinstance(lines, list)
    return Verdict(
        str(row["rule"]), str(row["package"]), str(row["file"]), tuple(int(line) for line in lines),
        str(row["verdict"]), str(row["why"]),
    )  # fmt: skip
