"""What SARIF says about the run itself: files that were passed over, and what a limit kept out."""

from __future__ import annotations

from ..finding import Skipped
from .json import Json
from .regions import location
from .view import View

_SHOWN = 5_000  # results that code scanning shows of one file


def notification(skipped: Skipped, view: View) -> Json:
    """The notification about a file, or a part of one, that was not analysed."""
    return {
        "descriptor": {"id": skipped.reason},
        "level": "error" if skipped.reason == "crash" else "note",
        "message": {"text": skipped.detail or skipped.reason},
        "locations": [{"physicalLocation": {"artifactLocation": location(skipped.path, view)}}],
    }


def left_out(kept: int, whole: int) -> list[Json]:
    """What is said when not all results are in the file, or not all of them will be seen."""
    if kept < whole:
        return [_about("left-out", f"{whole - kept} findings are left out, the mildest ones: GitHub takes no more")]
    if kept > _SHOWN:
        return [_about("not-shown", f"GitHub shows {_SHOWN} of these {kept} results, the worst ones")]
    return []


def trimmed(count: int, steps: int) -> list[Json]:
    """What is said when traces were cut."""
    return [_about("trace-cut", f"{count} traces are cut after {steps} steps: GitHub shows no more")] if count else []


def _about(name: str, text: str) -> Json:
    return {"descriptor": {"id": name}, "level": "warning", "message": {"text": text}}
