"""docs/benchmark.md: the part of it that a run writes."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence

from tests import npm

from . import tree
from .contenders import Contender, versions
from .table import Aim, Key, Results, aims, comparison, growth, peak, placed, ratio

PAGE = npm.ROOT / "docs" / "benchmark.md"
CLICK = Key("python", "with click imported", "", tree.CHANGED)


def grows(one: Contender) -> bool:
    """Whether it is measured on every part of the tree."""
    return one.tool == "nodemend" and one.case == "cold" and one.rules == "founding"


def _ripgrep(target: str) -> Key:
    return Key("ripgrep", "", "literals", target)


def _cold(target: str, rules: str = "founding") -> Key:
    return Key("nodemend", "cold", rules, target)


def _warm(target: str) -> Key:
    return Key("nodemend", "warm", "founding", target)


def _memory(results: Results) -> float | None:
    samples = results.get(_cold("whole"))
    return peak(samples) if samples else None


def _memory_growth(results: Results) -> float | None:
    """How many times the memory of a quarter of the tree the whole takes."""
    whole, quarter = results.get(_cold("whole")), results.get(_cold("quarter"))
    return peak(whole) / peak(quarter) if whole and quarter else None


def _time_growth(results: Results) -> float | None:
    """How many times as long a megabyte of the whole tree takes as one of a quarter of it."""
    found, sizes = ratio(results, _cold("whole"), _cold("quarter")), _megabytes("whole")
    return found / (sizes["whole"] / sizes["quarter"]) if found else None


AIMS = (
    Aim("the tree, cold, beside ripgrep", lambda r: ratio(r, _cold("whole"), _ripgrep("whole")), 6),
    Aim("the tree, warm, beside ripgrep", lambda r: ratio(r, _warm("whole"), _ripgrep("whole")), 2),
    Aim("the tree with all recommended rules, cold, beside ripgrep",
        lambda r: ratio(r, _cold("whole", "recommended"), _ripgrep("whole")), 12),
    Aim("ast-grep beside the tree, cold",
        lambda r: ratio(r, Key("ast-grep", "", "nearest", "whole"), _cold("whole")), 25, most=False),
    Aim("one file with findings, beside Python with click",
        lambda r: ratio(r, _cold(tree.CHANGED), CLICK), 2.5),
    Aim("one file without, beside Python with click",
        lambda r: ratio(r, _cold(tree.CLEAN), Key(CLICK.tool, CLICK.case, "", tree.CLEAN)), 2.5),
    Aim("memory of all processes, the tree, cold", _memory, 250, unit="MB"),
    Aim("memory of the whole tree beside a quarter", _memory_growth, 1.25),
    Aim("time for a megabyte of the whole tree beside a quarter", _time_growth, 1.25),
)  # fmt: skip


def written(results: Results, missing: Sequence[str], on: str) -> str:
    """The tables of a run on a part of the tree and what is in it, as Markdown."""
    parts = _megabytes(on)
    trees = {key: samples for key, samples in results.items() if key.target in parts}
    files = {key: samples for key, samples in results.items() if key.target not in parts}
    bases = {part: _ripgrep(part) for part in parts} | {
        path: Key(CLICK.tool, CLICK.case, "", path) for path in (tree.CHANGED, tree.CLEAN)
    }
    lines = [
        *(f"- {fact}" for fact in facts(on)), "",
        "### What is asked, and what is reached", "", *aims(AIMS, results), "",
        "### The tree", "", "Ratios are to ripgrep on the same part of the tree in the same round.", "",
        *comparison(trees, bases), "",
        "### How it grows", "", *growth(trees, parts, lambda part: (_ripgrep(part), _cold(part))), "",
        "### One file", "", "Ratios are to an empty start of the same Python with click imported.", "",
        *comparison(files, bases),
    ]  # fmt: skip
    if missing:
        lines += ["", "### Not run", "", *(f"- {' '.join(line.split())}" for line in missing)]
    return "\n".join(lines)


def write(text: str) -> None:
    """Put this between the markers of the page."""
    PAGE.write_text(placed(PAGE.read_text("utf8"), text), "utf8")


def facts(on: str) -> list[str]:
    """What was measured, and with what."""
    size = tree.size(tree.part(on))
    return [
        f"the tree ({on}): {size.files:,} files, of which {size.sources:,} are sources of {size.megabytes:.0f} MB, "
        f"{size.large} of them over 1 MB",
        f"{len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}",
        ", ".join(f"{name} {version}" for name, version in versions().items()),
    ]


def _megabytes(on: str) -> Mapping[str, float]:
    """The sizes of this part of the tree and of the smaller ones, smallest first."""
    return {
        name: tree.size(tree.part(name)).megabytes for name, share in tree.PARTS.items() if share >= tree.PARTS[on]
    }
