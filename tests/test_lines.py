"""The line diff: which runs of lines differ."""

from __future__ import annotations

import pytest

from linter.patch.lines import MOST, Difference, differences, split


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="an empty file has no lines"),
        pytest.param(b"a\nb\n", [b"a\n", b"b\n"], id="a final line end begins no further line"),
        pytest.param(b"a\nb", [b"a\n", b"b"], id="the last line may have no end"),
        pytest.param(b"a\r\nb\rc\n", [b"a\r\n", b"b\rc\n"], id="a carriage return ends no line"),
        pytest.param(b"a\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8b", [b"a\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8b"], id="nor the rest"),
    ],
)
def test_only_a_line_feed_ends_a_line(data: bytes, expected: list[bytes]) -> None:
    assert split(data) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("abc", "abc", [], id="equal"),
        pytest.param("", "ab", [(0, 0, 0, 2)], id="from nothing"),
        pytest.param("ab", "", [(0, 2, 0, 0)], id="to nothing"),
        pytest.param("abc", "abxc", [(2, 2, 2, 3)], id="inserted"),
        pytest.param("abc", "ac", [(1, 2, 1, 1)], id="deleted"),
        pytest.param("abc", "axyc", [(1, 2, 1, 3)], id="replaced: one difference, not a deletion and an insertion"),
        pytest.param("abcdef", "xbcdey", [(0, 1, 0, 1), (5, 6, 5, 6)], id="both ends"),
        pytest.param("a}c}", "a}}c}", [(2, 2, 2, 3)], id="an inserted repeat goes as far down as it can, as in git"),
        pytest.param("abcabba", "cbabac", [(0, 2, 0, 0), (3, 3, 1, 2), (5, 6, 4, 4), (7, 7, 5, 6)], id="Myers' own"),
    ],
)
def test_differences(before: str, after: str, expected: list[tuple[int, int, int, int]]) -> None:
    found = differences([c.encode() for c in before], [c.encode() for c in after])
    assert found == [Difference(*numbers) for numbers in expected]


def test_a_large_file_with_a_few_edits_keeps_its_other_lines() -> None:
    before = [b"x%d\n" % (number % 997) for number in range(300_000)]
    after = before.copy()
    after[3], after[150_000:150_002], after[299_990:299_990] = b"one\n", [], [b"two\n"]
    assert differences(before, after) == [
        Difference(3, 4, 3, 4),
        Difference(150_000, 150_002, 150_000, 150_000),
        Difference(299_992, 299_992, 299_990, 299_991),
    ]


def test_one_line_of_nine_million_bytes_is_one_difference() -> None:
    half = b"a" * 4_500_000
    assert differences([half + half], [half + b"b" + half]) == [Difference(0, 1, 0, 1)]


def test_beyond_the_limit_lines_that_are_unique_in_both_still_separate_the_differences() -> None:
    before = [b"%d\n" % number for number in range(4 * MOST)]
    after = [b"new\n" if number % 2 else line for number, line in enumerate(before)]
    assert differences(before, after) == [Difference(n, n + 1, n, n + 1) for n in range(1, 4 * MOST, 2)]


def test_beyond_the_limit_without_anything_in_common_all_is_one_difference() -> None:
    before, after = [b"a%d\n" % n for n in range(2 * MOST)], [b"b%d\n" % n for n in range(2 * MOST)]
    assert differences(before, after) == [Difference(0, 2 * MOST, 0, 2 * MOST)]
