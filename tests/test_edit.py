"""Edits on bytes, and which fixes get along."""

from __future__ import annotations

from itertools import permutations

import pytest

from linter.edit import Edit, Fix, Safety, apply, compatible


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param([], b"0123456789", id="none"),
        pytest.param([Edit(2, 4, b"xyz")], b"01xyz456789", id="replace"),
        pytest.param([Edit(2, 4, b"")], b"01456789", id="delete"),
        pytest.param([Edit(0, 0, b"<"), Edit(10, 10, b">")], b"<0123456789>", id="insert at both ends"),
        pytest.param(
            [Edit(6, 7, b"B"), Edit(1, 2, b"A")], b"0A2345B789", id="given in any order, offsets are the old ones"
        ),
        pytest.param([Edit(2, 4, b"x"), Edit(4, 6, b"y")], b"01xy6789", id="side by side"),
        pytest.param(
            [Edit(4, 6, b"y"), Edit(4, 4, b"x")], b"0123xy6789", id="an insertion goes before what starts there"
        ),
        pytest.param([Edit(0, 10, b"\xff\x00\r\n")], b"\xff\x00\r\n", id="any bytes"),
    ],
)
def test_apply(edits: list[Edit], expected: bytes) -> None:
    assert apply(b"0123456789", edits) == expected


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([Edit(2, 5, b""), Edit(4, 6, b"")], id="overlapping"),
        pytest.param([Edit(2, 5, b"x"), Edit(2, 5, b"x")], id="the same twice"),
        pytest.param([Edit(1, 9, b""), Edit(3, 4, b"")], id="one inside another"),
        pytest.param([Edit(9, 11, b"")], id="past the end"),
        pytest.param([Edit(-1, 2, b"")], id="before the start"),
        pytest.param([Edit(5, 4, b"")], id="end before start"),
    ],
)
def test_apply_refuses(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps another or lies outside of 10 bytes"):
        apply(b"0123456789", edits)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param((2, 4), (5, 6), False, id="a byte between them"),
        pytest.param((2, 4), (4, 6), True, id="meeting at an edge: their order would show"),
        pytest.param((2, 4), (3, 6), True, id="overlapping"),
        pytest.param((2, 8), (4, 5), True, id="one inside the other"),
        pytest.param((4, 4), (4, 4), True, id="two insertions at one place"),
        pytest.param((4, 4), (5, 5), False, id="two insertions a byte apart"),
        pytest.param((4, 4), (2, 8), True, id="an insertion into what is replaced"),
    ],
)
def test_touches(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    a, b = Edit(*one, b"a"), Edit(*other, b"b")
    assert a.touches(b) is expected
    assert b.touches(a) is expected
    # One pair that touches is enough, wherever it stands among a fix's edits.
    assert Fix((Edit(90, 91, b""), a)).touches(Fix((Edit(95, 96, b""), b))) is expected


A = Fix((Edit(0, 2, b"A"),))
NEAR_A = Fix((Edit(2, 3, b"N"),))
B = Fix((Edit(5, 6, b"B"), Edit(8, 9, b"B")))
INSIDE_B = Fix((Edit(8, 9, b"C"),))


@pytest.mark.parametrize(
    ("fixes", "chosen", "waiting"),
    [
        pytest.param([], [], [], id="none"),
        pytest.param([A, B], [A, B], [], id="apart"),
        pytest.param([A, NEAR_A, B], [A, B], [NEAR_A], id="touching: the later one waits"),
        pytest.param([NEAR_A, A, B], [NEAR_A, B], [A], id="touching, the other way round"),
        pytest.param([B, INSIDE_B], [B], [INSIDE_B], id="a fix goes as a whole or not at all"),
        pytest.param([INSIDE_B, B, A], [INSIDE_B, A], [B], id="one of two edits in the way holds both back"),
        pytest.param([A, A, A], [A], [], id="equal ones once, and none of them is a loser"),
        pytest.param([A, Fix(A.edits, Safety.SUGGESTED, "why")], [A], [], id="equal edits, said with another safety"),
        pytest.param([A, NEAR_A, NEAR_A], [A], [NEAR_A, NEAR_A], id="equal ones wait side by side"),
    ],
)
def test_compatible(fixes: list[Fix], chosen: list[Fix], waiting: list[Fix]) -> None:
    assert compatible(fixes) == (chosen, waiting)
    assert compatible(iter(fixes)) == (chosen, waiting)


def test_whatever_the_order_the_chosen_fixes_can_be_applied_together_and_none_is_lost() -> None:
    for order in permutations([A, NEAR_A, B, INSIDE_B]):
        chosen, waiting = compatible(order)
        assert chosen[0] is order[0]
        assert set(chosen) | set(waiting) == set(order)
        edits = [edit for fix in chosen for edit in fix.edits]
        assert apply(b"0123456789", edits) == apply(b"0123456789", edits[::-1])


def test_safety_is_ordered_and_reads_as_a_word() -> None:
    assert Safety.SAFE < Safety.SUGGESTED < Safety.SHOWN
    assert str(max(Safety.SAFE, Safety.SUGGESTED)) == "suggested"
