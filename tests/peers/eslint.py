"""ESLint with the plugins of others on copies of the files in question: every report, by file."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from tests import npm
from tests.npm import NpmError
from tests.peers.mapping import Peer

CONFIG = Path(__file__).with_name("eslint.config.mjs")
SECONDS = 600
_ARGUMENTS = 300  # files for one run

File = tuple[str, str]  # NAME-VERSION, the path in it
Fix = Literal["fix", "suggestion", ""]


@dataclass(frozen=True, slots=True)
class Report:
    """What a rule of a peer says about some lines; "fix" is applied by `eslint --fix`, a suggestion one by one."""

    rule: str
    first: int
    last: int
    says: str
    fix: Fix


class _Message(TypedDict):
    """What ESLint prints of one report; there is more in it."""

    ruleId: str | None
    line: int
    endLine: NotRequired[int | None]
    message: str
    fatal: NotRequired[bool]
    fix: NotRequired[object]
    suggestions: NotRequired[list[object]]


class _File(TypedDict):
    filePath: str
    messages: list[_Message]


@dataclass(frozen=True, slots=True)
class Linted:
    reports: Mapping[File, Sequence[Report]]
    unparsed: tuple[File, ...]

    def by(self, peer: Peer, file: File) -> list[Report]:
        return [one for one in self.reports.get(file, ()) if one.rule == peer.rule and peer.about in one.says]


def lint(files: Mapping[File, bytes], peers: Iterable[Peer]) -> Linted:
    """What these rules report. A file is read as CommonJS, and as an ES module where it is none. Raises NpmError."""
    rules = {peer.rule: ["error", *([dict(peer.options)] if peer.options else [])] for peer in peers}
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch).resolve()
        names = {f"{package.replace('/', '+')}/{file}": (package, file) for package, file in files}
        for name, file in names.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(files[file])
        reports: dict[File, list[Report]] = defaultdict(list)
        left = sorted(names)
        for kind in ("commonjs", "module"):
            failed = []
            for start in range(0, len(left), _ARGUMENTS):
                for row in _run(left[start : start + _ARGUMENTS], kind, rules, root):
                    name = Path(row["filePath"]).relative_to(root).as_posix()
                    if any(message.get("fatal") for message in row["messages"]):
                        failed.append(name)
                    else:
                        reports[names[name]] += [_report(message) for message in row["messages"]]
            left = failed
    return Linted(dict(reports), tuple(names[name] for name in left))


def _run(names: Sequence[str], kind: str, rules: object, root: Path) -> list[_File]:
    tree = npm.tree("peers")
    program = tree / "node_modules" / "eslint" / "bin" / "eslint.js"
    options = ["--config", str(CONFIG), "--format", "json", "--no-inline-config", "--no-ignore"]
    line = ["node", str(program), *options, *names]
    environment = os.environ | {
        "PEERS_TREE": str(tree.resolve()), "PEERS_RULES": json.dumps(rules), "PEERS_SOURCE_TYPE": kind,
    }  # fmt: skip
    done = subprocess.run(
        line, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
    )
    if done.returncode not in (0, 1):
        raise NpmError(f"eslint ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    rows: list[_File] = json.loads(done.stdout)
    return rows


def _report(message: _Message) -> Report:
    first, last = message["line"], message.get("endLine") or message["line"]
    fix: Fix = "fix" if message.get("fix") else "suggestion" if message.get("suggestions") else ""
    return Report(message["ruleId"] or "", first, last, message["message"], fix)
