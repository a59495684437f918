"""What is measured: the commands, how each is made to look at the same files, and how its findings are counted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal

from linter import __version__
from linter.dialect import DIALECTS
from tests import npm

from .tree import CACHE, changed

PEERS = Path(__file__).with_name("peers")
FOUNDING = ("upgrade-head-retained", "upgrade-head-captured", "new-buffer", "tls-slab-size")
LITERALS = ("upgrade", "new Buffer", "createServer")
JOBS = 2
TOOLS = ("python", "ripgrep", "nodemend", "ast-grep", "oxlint", "eslint", "semgrep")
_NOTHING_IGNORED = ("hidden", "dot", "exclude", "global", "parent", "vcs")

Rules = Literal["literals", "founding", "recommended", "nearest", ""]
Counts = tuple[int, int | None]  # findings, and the files that were looked at where the tool says so


@dataclass(frozen=True, slots=True)
class Contender:
    """One command, given a folder or a file of the tree as `.` or a path below the folder it runs in."""

    tool: str
    case: str
    rules: Rules
    line: tuple[str, ...]  # what is looked at comes at its end
    counts: Callable[[bytes], Counts]
    codes: tuple[int, ...] = (0,)
    settings: Mapping[str, str] = field(default_factory=dict)
    cache: Path | None = None  # filled by a run that is not counted
    before: Callable[[int], object] | None = None  # called with a number that differs each time
    links: bool = False  # it follows them or trips over them, so it is given a tree that has none

    @property
    def name(self) -> str:
        return f"{self.tool}, {self.case}" if self.case else self.tool

    def command(self, target: str) -> list[str]:
        return [*self.line, target] if self.tool != "python" else [*self.line]


def contenders(tools: Sequence[str]) -> tuple[list[Contender], list[str]]:
    """The commands of these tools, and for each that cannot be had a line that says why."""
    makers: dict[str, Callable[[], list[Contender]]] = {
        "python": _python, "ripgrep": _ripgrep, "nodemend": _nodemend, "ast-grep": _ast_grep, "oxlint": _oxlint,
        "eslint": _eslint, "semgrep": _semgrep,
    }  # fmt: skip
    found: list[Contender] = []
    missing: list[str] = []
    for tool in TOOLS:
        if tool in tools:
            try:
                found += makers[tool]()
            except (npm.NpmError, OSError, subprocess.CalledProcessError) as error:
                missing.append(f"{tool}: {str(error).partition(chr(10))[0]}")
    missing += [f"{tool}: left out of this run" for tool in TOOLS if tool not in tools]
    if "nodemend" in tools and not _has_cache():
        missing.append("nodemend, warm and one changed file: this version has no cache")
    return found, missing


def versions() -> dict[str, str]:
    """The exact versions of the tools, as they are settled in the repository."""
    settled: dict[str, str] = {}
    for name in ("bench", "peers"):
        settled |= json.loads((npm.FIXTURES / name / "package.json").read_text("utf8"))["dependencies"]
    pins = dict(line.split("==") for line in (PEERS / "semgrep.txt").read_text("utf8").split())
    return {
        "nodemend": __version__, "@vscode/ripgrep": settled["@vscode/ripgrep"], "ast-grep": settled["@ast-grep/cli"],
        "oxlint": settled["oxlint"], "eslint": settled["eslint"], "semgrep": pins["semgrep"],
    }  # fmt: skip


def _python() -> list[Contender]:
    """The start that a short run is set beside: the interpreter, and the library that begins every command line."""
    return [Contender("python", "with click imported", "", (sys.executable, "-c", "import click"), lambda _: (0, None))]


def _nodemend() -> list[Contender]:
    line = (sys.executable, "-m", "linter", "check", "--node", "all", "--fail-on", "never", "--format", "jsonl")
    founding = ("--select", ",".join(FOUNDING))
    cold = ("--no-cache",) if _has_cache() else ()
    made = [
        Contender("nodemend", "cold", "founding", (*line, *founding, *cold), _of_nodemend),
        Contender("nodemend", "cold", "recommended", (*line, *cold), _of_nodemend),
    ]
    for number, (rules, selected) in enumerate((("founding", founding), ("recommended", ()))) if _has_cache() else ():
        kept = CACHE / f"cache-{rules}"
        warm = (*line, *selected, "--cache", str(kept))
        made.append(Contender("nodemend", "warm", _rules(rules), warm, _of_nodemend, cache=kept))
        # After the warm run, in the same cache: so each finds what the one before it has left.
        change = partial(_changed_anew, number)
        made.append(
            Contender("nodemend", "one changed file", _rules(rules), warm, _of_nodemend, cache=kept, before=change)
        )
    return made


def _changed_anew(rules: int, number: int) -> None:
    """Another change for each of the two sets of rules: to the second, the first one's is none any more."""
    changed(2 * number + rules)


def _rules(name: str) -> Rules:
    return "founding" if name == "founding" else "recommended"


@cache
def _has_cache() -> bool:
    line = [sys.executable, "-m", "linter", "check", "--help"]
    return b"--no-cache" in subprocess.run(line, capture_output=True, check=True).stdout


def _ripgrep() -> list[Contender]:
    endings = ",".join(suffix.removeprefix(".") for suffix in DIALECTS)
    words = [word for literal in LITERALS for word in ("-e", literal)]
    line = (
        str(_binary("@vscode/ripgrep-linux-x64", "bin", "rg")), "--no-config", "--no-ignore", "--hidden", "-uu",
        "--threads", str(JOBS), "--fixed-strings", "--only-matching", "--line-number", "--no-heading", "--stats",
        *words, "--glob", f"*.{{{endings}}}", "--glob", "!*.d.{ts,cts,mts}",
    )  # fmt: skip
    return [Contender("ripgrep", "", "literals", line, _of_ripgrep, (0, 1))]


def _ast_grep() -> list[Contender]:
    ignored = [word for what in _NOTHING_IGNORED for word in ("--no-ignore", what)]
    line = (
        str(_binary("@ast-grep/cli-linux-x64-gnu", "ast-grep")), "scan", "--rule", str(PEERS / "ast-grep.yml"),
        *ignored, "--threads", str(JOBS), "--json=stream",
    )  # fmt: skip
    return [Contender("ast-grep", "", "nearest", line, lambda output: (output.count(b"\n"), None), (0, 1))]


def _oxlint() -> list[Contender]:
    program = npm.tree("bench") / "node_modules" / "oxlint" / "bin" / "oxlint"
    line = (
        "node", str(program), "--config", str(PEERS / "oxlint.json"), "--disable-nested-config", "--no-ignore",
        "--threads", str(JOBS), "--format", "json",
    )  # fmt: skip
    return [Contender("oxlint", "", "nearest", line, _of_oxlint, (0, 1), links=True)]


def _eslint() -> list[Contender]:
    tree = npm.tree("peers").resolve()
    line = (
        "node", "--max-old-space-size=8192", str(tree / "node_modules" / "eslint" / "bin" / "eslint.js"), "--config",
        str(PEERS / "eslint.config.mjs"), "--no-inline-config", "--concurrency", str(JOBS), "--format",
        str(PEERS / "eslint-lines.mjs"),
    )  # fmt: skip
    return [Contender("eslint", "", "nearest", line, _of_eslint, (0, 1), {"ESLINT_TREE": str(tree)}, links=True)]


def _semgrep() -> list[Contender]:
    """Installed from PyPI into an environment of its own, as bench/peers/semgrep.txt says."""
    folder, pins = CACHE / "semgrep", PEERS / "semgrep.txt"
    if not npm.same(folder / pins.name, pins):
        shutil.rmtree(folder, ignore_errors=True)
        for line in (
            [sys.executable, "-m", "venv", str(folder)],
            [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(pins)],
        ):
            subprocess.run(line, check=True, capture_output=True)
        shutil.copy(pins, folder)
    scan = (
        str(folder / "bin" / "semgrep"), "scan", "--config", str(PEERS / "semgrep.yml"), "--metrics", "off",
        "--disable-version-check", "--no-git-ignore", "--x-ignore-semgrepignore-files", "--max-target-bytes", "0",
        "--disable-nosem", "--jobs", str(JOBS), "--json", "--quiet",
    )  # fmt: skip
    # Its scripts look for each other on the path.
    path = f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [Contender("semgrep", "", "nearest", scan, _of_semgrep, (0, 1), {"PATH": path})]


def _binary(package: str, *inside: str) -> Path:
    """A program that a package of the registry ships, ready to run."""
    path = (npm.tree("bench") / "node_modules" / package).joinpath(*inside)
    path.chmod(0o755)
    return path


def _of_nodemend(output: bytes) -> Counts:
    *_, end = output.splitlines()
    record = json.loads(end)
    return record["findings"], record["stats"]["files"]


def _of_ripgrep(output: bytes) -> Counts:
    """Matches, and files that were searched: what --stats says at the end."""
    said = {what: int(number) for number, _, what in (line.partition(b" ") for line in output.splitlines()[-9:])
            if number.isdigit()}  # fmt: skip
    return said.get(b"matches", 0), said.get(b"files searched")


def _of_oxlint(output: bytes) -> Counts:
    report = json.loads(output)
    return sum("bench" in row.get("code", "") for row in report["diagnostics"]), report["number_of_files"]


def _of_eslint(output: bytes) -> Counts:
    *rows, files = [json.loads(line) for line in output.splitlines()]
    return sum(not row["fatal"] for row in rows), files["files"]


def _of_semgrep(output: bytes) -> Counts:
    report = json.loads(output)
    return len(report["results"]), len(report["paths"]["scanned"])
