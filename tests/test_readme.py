"""What the README shows is what happens: each transcript in it is run in the Socket.IO tree."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from linter.notation import Reader
from linter.rule import load_rules
from tests.npm import ROOT, tree

README = (ROOT / "README.md").read_text(encoding="utf8")
TRANSCRIPTS = re.findall(r"^```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)^```$", README, re.MULTILINE | re.DOTALL)


def steady(text: str) -> str:
    return re.sub(r" in \d+\.\d+ s\.", " in N s.", text)


@pytest.mark.parametrize(("command", "output"), [pytest.param(c, o, id=c) for c, o in TRANSCRIPTS])
def test_transcripts_are_what_is_printed(command: str, output: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, shell=True, cwd=tree("socket.io-0.9.13"), env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert steady(done.stdout.decode()) == steady(output)


def test_there_are_transcripts() -> None:
    assert len(TRANSCRIPTS) == 2


@pytest.mark.parametrize("rule", [pytest.param(rule.id, id=rule.id) for rule in load_rules()])
def test_every_rule_is_in_the_table(rule: str) -> None:
    assert f"| [{rule}](rules/{rule}.md) |" in README


def test_the_rule_in_five_minutes_can_be_read() -> None:
    fence = re.search(r"^   ```diff rule\n(.*?)^   ```$", README, re.MULTILINE | re.DOTALL)
    assert fence is not None
    body = "\n".join(line.removeprefix("   ") for line in fence[1].rstrip("\n").split("\n"))
    assert len(Reader("README.md").read(body, 1)) == 1


def test_the_measured_slopes_are_those_of_the_proof() -> None:
    proof = (ROOT / "docs" / "proof.md").read_text(encoding="utf8")
    measured = re.findall(r"^\| (Node [\d.]+), (\S+).*\| (-?[\d.]+) \| -?\d+% \|$", proof, re.MULTILINE)
    assert len(measured) == 6
    rows = re.findall(r"^\| (Node [\d.]+) \| (\S+) \| (\S+) \| (\S+)", README, re.MULTILINE)
    told = {node: slopes for node, *slopes in rows}
    by_node: dict[str, list[str]] = {}
    for node, _, slope in measured:
        by_node.setdefault(node, []).append(slope)
    assert told == by_node
