"""The transcripts in docs/patches: commands, each with what it prints."""

from __future__ import annotations

import re

from tests.npm import ROOT

PAGES = ROOT / "docs" / "patches"
_FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^\$ ([^\n]+)\n((?:(?!\$ )[^\n]*\n)*)", re.MULTILINE)
_SNIPPET = re.compile(r"then has:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: str) -> list[tuple[str, str]]:
    """Each command of a page's transcript, with its output."""
    fence = _FENCE.search((PAGES / page).read_text("utf8"))
    assert fence is not None
    found = _STEP.findall(fence[1])
    assert len(found) > 3
    return found


def snippet(page: str) -> list[str]:
    """The lines that a page says a file has then, without their indentation."""
    found = _SNIPPET.search((PAGES / page).read_text("utf8"))
    assert found is not None
    return [line.strip() for line in found[1].strip().split("\n")]


def steady(text: str) -> str:
    """What is printed, less the hashes that depend on the version of nodemend."""
    return re.sub(r"(leak-patch)-[0-9a-f]{10}-10c0", r"\1-…", re.sub(r"patch_hash=[0-9a-f]{64}", "patch_hash=…", text))
