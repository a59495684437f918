"""python -m bench.run: nodemend beside ripgrep, ast-grep, oxlint, ESLint and semgrep on one tree, in turns.

Every round runs every command once, one after the other, so that what else the machine does disturbs all alike; a round
on one file that is not counted comes first, for bytecode and the pages of programs. Prints a table as Markdown, with
--write into docs/benchmark.md. See there for what is measured and how.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import npm

from . import page, tree
from .contenders import TOOLS, Contender, contenders
from .process import RunError, measured
from .table import Key, Sample

# What takes minutes: in how many rounds at most it takes part, and on which part of the tree.
ROUNDS: Mapping[str, int] = {"eslint": 2, "semgrep": 1}
PART: Mapping[str, str] = {"eslint": "quarter", "semgrep": "quarter"}
_WHOLE = "whole"
_FAILURES = (RunError, ValueError, KeyError)  # the last two: it printed something else than it does


@dataclass(frozen=True, slots=True)
class Turn:
    """A command and what it is run on in each round."""

    contender: Contender
    target: str  # a part of the tree, or the path of a file in it
    rounds: int

    @property
    def key(self) -> Key:
        return Key(self.contender.tool, self.contender.case, self.contender.rules, self.target)

    @property
    def folder(self) -> Path:
        """Where it runs; made when it is not there."""
        part = self.target if self.target in tree.PARTS else _WHOLE
        return tree.sources(part) if self.contender.links else tree.part(part)

    def run(self, number: int) -> Sample:
        """Raises RunError."""
        one, folder = self.contender, self.folder
        if one.before is not None:
            one.before(number)
        target = "." if self.target in tree.PARTS else self.target
        # Two processes for a tree; for a file as many as there are by default.
        jobs = ("--jobs", "2") if one.tool == "nodemend" and target == "." else ()
        line = [*one.command(target), *jobs]
        if one.cache and one.before is None:
            # What has changed since the last round becomes known: it is the run after that that finds nothing new.
            measured(line, folder, one.codes, one.settings)
        used = measured(line, folder, one.codes, one.settings)
        return Sample(number, used.wall, used.cpu, used.memory, *one.counts(used.output))


def turns(found: Sequence[Contender], on: str, rounds: Mapping[str, int], parts: Mapping[str, str]) -> list[Turn]:
    """What a round consists of: every tool on `on` (or its own smaller part), what grows on less, then one file."""
    chosen = [part for part in reversed(list(tree.PARTS)) if tree.PARTS[part] >= tree.PARTS[on]]
    return [*_on_trees(found, chosen, rounds, parts), *_on_files(found, rounds)]


def _on_trees(
    found: Sequence[Contender], chosen: Sequence[str], rounds: Mapping[str, int], parts: Mapping[str, str]
) -> Iterator[Turn]:
    for part in chosen:
        for one in found:
            own = parts.get(one.tool, chosen[0])
            grows = one.tool == "ripgrep" or page.grows(one)
            if one.tool != "python" and (part == (own if own in chosen else chosen[0]) or grows):
                yield Turn(one, part, rounds[one.tool])


def _on_files(found: Sequence[Contender], rounds: Mapping[str, int]) -> Iterator[Turn]:
    """A file is quick to look at, so nothing has fewer rounds, and the recommended rules are as quick as the few."""
    for path in (tree.CHANGED, tree.CLEAN):
        for one in found:
            if one.before is None:
                yield Turn(one, path, max(rounds.values()))


def results(todo: Sequence[Turn], rounds: int) -> tuple[dict[Key, list[Sample]], list[str]]:
    """The figures of each turn in the order of its rounds, and what failed: it takes no part any more."""
    for turn in todo:
        _ = turn.folder  # a link that is made later is a change to a file that a cache knows
    taken: dict[Key, list[Sample]] = {turn.key: [] for turn in todo}
    failed: dict[Key, str] = {}
    _prime(todo, failed)
    for number in range(1, rounds + 1):
        for turn in todo:
            if turn.key not in failed and number <= turn.rounds:
                _note(f"round {number}: {turn.key.name}, {turn.key.rules} on {turn.target}")
                try:
                    sample = turn.run(number)
                    taken[turn.key].append(sample)
                    _note(f"    {sample.wall:.2f} s, {sample.cpu:.2f} s of CPU, {sample.memory / 1e6:.0f} MB")
                except _FAILURES as error:
                    failed[turn.key] = f"{turn.key.name} on {turn.target}: {error}"
    return {key: samples for key, samples in taken.items() if samples}, list(failed.values())


def _prime(todo: Sequence[Turn], failed: dict[Key, str]) -> None:
    """What comes before the first round: caches of trees filled anew, and everything once on the one file."""
    for folder in {turn.contender.cache for turn in todo if turn.contender.cache}:
        shutil.rmtree(folder, ignore_errors=True)
    for turn in todo:
        if turn.target not in tree.PARTS or (turn.contender.cache and turn.contender.before is None):
            _note(f"first: {turn.key.name}, {turn.key.rules} on {turn.target}")
            try:
                turn.run(0)
            except _FAILURES as error:
                failed[turn.key] = f"{turn.key.name} on {turn.target}: {error}"


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    chosen = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it ends what it has started, as on Ctrl-C
    try:
        tree.built()
        found, missing = contenders(chosen.only)
        todo = turns(found, chosen.on, chosen.rounds, chosen.parts)
        try:
            taken, failed = results(todo, max(chosen.rounds.values()))
        finally:
            tree.changed(None)
    except npm.NpmError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    text = page.written(taken, [*missing, *failed], chosen.on)
    if chosen.write:
        page.write(text)
    else:
        print(text)
    return 1 if failed else 0


@dataclass(frozen=True, slots=True)
class _Chosen:
    only: Sequence[str]
    on: str
    rounds: Mapping[str, int]
    parts: Mapping[str, str]
    write: bool


def _options(arguments: Sequence[str]) -> _Chosen:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often everything is run (5)")
    parser.add_argument("--only", default=",".join(TOOLS), metavar="TOOL,...", help=f"of {', '.join(TOOLS)}")
    parser.add_argument("--on", choices=list(tree.PARTS), default=_WHOLE, help="the most of the tree that is looked at")
    for option, value, defaults in (("--rounds-of", "N", ROUNDS), ("--part-of", "PART", PART)):
        told = ", ".join(f"{tool}={value}" for tool, value in defaults.items())
        parser.add_argument(
            option, action="append", default=[], metavar=f"TOOL={value}", help=f"for one that is slow ({told})"
        )
    parser.add_argument("--write", action="store_true", help="into docs/benchmark.md; not with --only or --on")
    given = parser.parse_args(arguments)
    only = given.only.split(",")
    rounds = {tool: min(given.rounds, ROUNDS.get(tool, given.rounds)) for tool in TOOLS}
    parts = dict(PART)
    for pair in (*given.rounds_of, *given.part_of):
        tool, _, value = pair.partition("=")
        if tool in TOOLS and pair in given.part_of and value in tree.PARTS:
            parts[tool] = value
        elif tool in TOOLS and pair in given.rounds_of and value.isdigit() and int(value):
            rounds[tool] = int(value)
        else:
            parser.error(f"not a tool with a number of rounds or a part of the tree: {pair}")
    if set(only) - set(TOOLS):
        parser.error(f"--only: choose from {', '.join(TOOLS)}")
    if given.rounds < 1 or (given.write and (set(only) != set(TOOLS) or given.on != _WHOLE)):
        parser.error("--rounds is 1 or more, and --write is for a run of everything")
    return _Chosen(only, given.on, rounds, parts, given.write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
