"""What the measured slopes must bear out: which cure works on which Node, and which does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .measure import MENDED, RELEASED, SMALL_SLABS, Run


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of a variant: that it cures the leak of the server as released, or that it does not."""

    node: str
    variant: str
    cures: bool


CURED, NOT_CURED = 0.25, 0.6  # of the slope as released: at most, at least
LEAK = 1.0  # MB a socket; below it the server as released does not leak, and there is nothing to compare with
CLAIMS = (
    Claim("0.8.21", MENDED, cures=True),
    Claim("0.8.21", SMALL_SLABS, cures=False),  # no 0.8 reads it
    Claim("0.10.48", MENDED, cures=True),
    Claim("0.10.48", SMALL_SLABS, cures=True),
)


def objections(runs: Sequence[Run], claims: Sequence[Claim] = CLAIMS) -> list[str]:
    """A sentence for each claim that the runs do not bear out."""
    slopes = {(run.node, run.variant): run.slope for run in runs}
    return [text for claim in claims if claim.node in {run.node for run in runs} for text in _against(claim, slopes)]


def _against(claim: Claim, slopes: Mapping[tuple[str, str], float]) -> Iterator[str]:
    leak, left = slopes[claim.node, RELEASED], slopes[claim.node, claim.variant]
    if leak < LEAK:
        yield f"Node {claim.node}, {RELEASED}: {leak:.2f} MB a socket is no leak, so nothing can be cured"
    elif claim.cures and left > CURED * leak:
        yield (
            f"Node {claim.node}, {claim.variant}: {left:.2f} MB a socket is not far below the {leak:.2f} {RELEASED} "
            f"(at most {CURED:.0%} of it is)"
        )
    elif not claim.cures and left < NOT_CURED * leak:
        yield (
            f"Node {claim.node}, {claim.variant}: {left:.2f} MB a socket is below the {leak:.2f} {RELEASED}, "
            "where it was said to change nothing"
        )
