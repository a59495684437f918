"""retire.js on whole releases: it knows vulnerable versions of libraries, by the look of their files."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests import npm
from tests.npm import NpmError, Spec

# What retire.js would download, as another package ships it.
KNOWN = Path("@salesforce", "code-analyzer-retirejs-engine", "vulnerabilities", "RetireJsVulns.json")
SECONDS = 120


def reported(specs: Iterable[Spec]) -> dict[Spec, bool]:
    """For each release whether anything in it is said to be vulnerable. Raises NpmError."""
    return {spec: _is_reported(npm.unpacked(*spec)) for spec in dict.fromkeys(specs)}


def _is_reported(folder: Path) -> bool:
    modules = npm.tree("peers") / "node_modules"
    with tempfile.TemporaryDirectory() as scratch:
        line: list[str | Path] = [
            "node", modules / "retire" / "lib" / "cli.js", "--path", folder.resolve(), "--jsrepo", modules / KNOWN,
            "--outputformat", "json", "--cachedir", scratch, "--exitwith", "0",
        ]  # fmt: skip
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode or not done.stdout.strip():
        raise NpmError(f"retire ended with exit code {done.returncode}:\n{done.stderr.strip()}")
    return any(entry["results"] for entry in json.loads(done.stdout)["data"])
