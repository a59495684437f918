"""What is said of the labelled functions of real packages, held to what `make truth` prints."""

from __future__ import annotations

import pytest

from tests.truth import LEAST_FOUND, MOST_FALSE, fetchable, rows, shares, table, verdicts

pytestmark = pytest.mark.slow


def test_heads_that_are_kept_are_found_and_no_others() -> None:
    have, gone = fetchable(rows())
    assert len(gone) < len(have) / 10
    seen, _ = verdicts(have)
    report = "\n".join(table(seen))
    (found, kept), (false, quiet), (trapped, traps) = (shares(seen)[name] for name in ("found", "false", "trapped"))
    assert kept
    assert found / kept >= LEAST_FOUND, report
    assert quiet
    assert false / quiet <= MOST_FALSE, report
    assert traps
    assert not trapped, report
