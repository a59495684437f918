"""What nodemend makes of packages that keep an upgrade head is run: the head was held, is free, and they still work."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from proof import ProofError
from proof.cures.observe import Seen
from proof.cures.prove import prove
from proof.cures.rows import CONTEXT, GUARDED, ROWS, Row
from tests import npm
from tests.conftest import Run

# The rows that nodemend does not cure yet, and what happens instead. The day it does, the row fails here till it goes.
NOT_YET = {
    "server-kit-0.11.7/lib/Server.js:305": "an arrow keeps the strict `arguments`: no cure yet",
    "ws-0.4.5/lib/WebSocket.js:485": "`arguments` in the constructor keep it as well: no cure yet",
}


def _param(row: Row) -> object:
    marks = [pytest.mark.slow]
    if row.id in NOT_YET:
        marks.append(pytest.mark.xfail(strict=True, raises=AssertionError, reason=NOT_YET[row.id]))
    return pytest.param(row, id=row.id, marks=marks)


@pytest.mark.parametrize("row", [_param(row) for row in ROWS])
def test_what_nodemend_writes_frees_the_head(row: Row) -> None:
    outcome = prove(row)
    if not (isinstance(outcome.before, Seen) and outcome.before.state == "HELD"):
        # It shows nothing, whether a cure is expected or not.
        raise ProofError(f"{outcome}: as released it should be held")
    assert outcome.proved, str(outcome)


def test_enough_rows_and_idioms_are_proved() -> None:
    cured = [row for row in ROWS if row.id not in NOT_YET]
    assert set(NOT_YET) <= {row.id for row in ROWS}
    assert len(cured) >= 10
    assert len({row.idiom for row in cured}) >= 6


@pytest.mark.parametrize(
    ("held", "state"),
    [
        pytest.param(12, "HELD", id="all"),
        pytest.param(9, "HELD", id="most"),
        pytest.param(8, "UNCLEAR", id="some"),
        pytest.param(4, "UNCLEAR", id="a-few"),
        pytest.param(3, "FREE", id="as-much-as-noise"),
        pytest.param(0, "FREE", id="none"),
    ],
)
def test_only_a_clear_answer_counts(held: int, state: str) -> None:
    assert Seen(held, 12).state == state


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("--package", "wsx"), b"error: no row's id has 'wsx' in it; ", id="no-such-row"),
        pytest.param(("--from", "rules"), b"error: rules holds no NAME-VERSION of a row; ", id="nothing-in-the-folder"),
        pytest.param(("--from", "nowhere"), b"'nowhere' does not exist", id="no-such-folder"),
    ],
)
def test_what_is_asked_wrong_is_one_line(run: Run, arguments: tuple[str, ...], words: bytes) -> None:
    done = run(sys.executable, "-m", "proof.cures", *arguments, cwd=npm.ROOT)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr


# -- a cure that cures nothing, or breaks something, is no cure ------------------------------


def _row(package: str, idiom: str) -> Row:
    (row,) = [row for row in ROWS if (row.package, row.idiom) == (package, idiom)]
    return row


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with ws 0.4.18 as released, to change."""
    shutil.copytree(npm.tree("upgrades") / "node_modules" / "ws-0.4.18", tmp_path / "ws-0.4.18")
    return tmp_path


@pytest.mark.slow
def test_a_package_that_was_not_mended_holds_on(packages: Path) -> None:
    outcome = prove(_row("ws-0.4.18", GUARDED), packages)
    assert not outcome.proved
    assert str(outcome).endswith("before HELD 12/12; after HELD 12/12, file as released: NOT PROVED")


@pytest.mark.slow
def test_a_release_that_comes_too_early_is_no_cure(packages: Path) -> None:
    """It frees the head, and loses the message in it."""
    file = packages / "ws-0.4.18" / "lib" / "WebSocket.js"
    start = r"(?<=function establishConnection)\(.*\) \{"
    text, count = re.subn(start, r"\g<0> upgradeHead = null;", file.read_text("utf8"))
    assert count == 1
    file.write_text(text, "utf8")
    outcome = prove(_row("ws-0.4.18", CONTEXT), packages)
    assert not outcome.proved
    assert "after BROKEN (the other end: the echo of the message in the head did not come in 10 s)" in str(outcome)
