"""The founding leak is run on real Nodes, and what is said of its cures is judged by what comes out."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest

from proof.leak.claims import CLAIMS, LEAK, objections
from proof.leak.measure import MENDED, NODES, RELEASED, SMALL_SLABS, VARIANTS, Run
from proof.leak.page import page
from proof.leak.plot import svg
from proof.leak.slope import Reading, slope
from tests.conftest import Run as Command
from tests.npm import ROOT

EVEN = range(0, 61, 2)
GROWING = tuple((n, 24 + 4.0 * n) for n in EVEN)
LEVEL = tuple((n, 60 + float(n % 3)) for n in EVEN)


def runs(**readings: tuple[Reading, ...]) -> list[Run]:
    """Runs of Node 0.10.48 as they should come out, but for those named."""
    named = {"released": RELEASED, "mended": MENDED, "slabs": SMALL_SLABS}
    fine = {"released": GROWING, "mended": LEVEL, "slabs": LEVEL} | readings
    return [Run("0.10.48", named[name], taken) for name, taken in fine.items()]


@pytest.mark.parametrize(
    ("readings", "wanted"),
    [
        pytest.param([(0, 0.0), (10, 900.0), (20, 900.0), (30, 930.0), (40, 960.0)], 3.0, id="only-the-second-half"),
        pytest.param([(n, 5.0 * n + 10 * (n == 30)) for n in EVEN], 5.0, id="one-slab-bends-nothing"),
        pytest.param([(n, 70.0) for n in EVEN], 0.0, id="level"),
        pytest.param([(n, 70.0 - n) for n in EVEN], -1.0, id="falling"),
    ],
)
def test_the_slope_is_that_of_most_pairs_in_the_second_half(readings: Sequence[Reading], wanted: float) -> None:
    assert slope(readings) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize(
    ("measured", "objection"),
    [
        pytest.param(runs(), None, id="as-claimed"),
        pytest.param(runs(mended=GROWING), r"mended by nodemend: 4\.00 MB .* not far below", id="no-cure"),
        pytest.param(runs(slabs=GROWING), r"Node 0\.10\.48, SLAB\S+ .* not far below", id="small-slabs-do-nothing"),
        pytest.param(runs(released=LEVEL), r"is no leak, so nothing can be cured", id="there-is-no-leak"),
        pytest.param(
            [Run("0.8.21", run.variant, run.readings) for run in runs()], r"Node 0\.8\.21, SLAB.* change nothing",
            id="what-does-nothing-does-something",
        ),
    ],
)  # fmt: skip
def test_slopes_that_do_not_bear_a_claim_out_are_objected_to(measured: list[Run], objection: str | None) -> None:
    said = objections(measured)
    assert (said == []) if objection is None else re.search(objection, "\n".join(said)), said


def test_every_variant_on_every_node_is_claimed_to_cure_or_not() -> None:
    wanted = {(node, variant) for node in NODES for variant in VARIANTS if variant != RELEASED}
    assert {(claim.node, claim.variant) for claim in CLAIMS} == wanted


def test_the_picture_has_a_panel_for_each_node_and_a_line_for_each_run() -> None:
    measured = [*runs(), *(Run("0.8.21", run.variant, run.readings) for run in runs())]
    picture = svg(measured)
    root = ET.fromstring(picture)
    name = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{name}g")) == 2
    lines = root.findall(f".//{name}polyline")
    assert [len(line.attrib["points"].split()) for line in lines] == [len(run.readings) for run in measured]
    assert "prefers-color-scheme: dark" in picture
    assert "script" not in picture
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    inside = [tuple(map(float, point.split(","))) for line in lines for point in line.attrib["points"].split()]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in inside)


def test_the_page_that_is_kept_is_the_one_that_is_written_now() -> None:
    """But for what was measured, which is different each time."""
    kept = (ROOT / "docs" / "proof.md").read_text("utf8")
    measured = [Run(node, run.variant, run.readings) for node in NODES for run in runs()]
    assert _numberless(kept) == _numberless(page(measured))


def _numberless(text: str) -> str:
    return re.sub(r"-?\d+(\.\d+)?%?(?= \|)", "N", text)


@pytest.mark.slow
def test_the_leak_and_its_cures_run(run: Command, tmp_path: Path) -> None:
    """What `make proof` runs, with the page put where it does no harm."""
    done = run(sys.executable, "-m", "proof.leak", tmp_path, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()
    kept = (tmp_path / "proof.md").read_text("utf8")
    slopes = [float(row.split(" | ")[-2]) for row in kept.split("\n") if row.startswith("| Node")]
    assert len(slopes) == len(NODES) * len(VARIANTS)
    assert max(slopes) > LEAK
    ET.parse(tmp_path / "proof.svg")
