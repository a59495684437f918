"""Where words occur, with an index of them and without."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter import occurrences
from linter.occurrences import Occurrences
from linter.spellings import offsets

_PARTS = [b"a", b"ab", b"$a", b"a1", b"_", b" ", b".", b"\n", b"\xc3\xa9", b"\x00"]
_CODE = st.lists(st.sampled_from(_PARTS), max_size=40)
_WORD = st.sampled_from([b"a", b"ab", b"$a", b"a1", b"_", b"a\xc3\xa9", b"zz"])


@given(_CODE, _WORD, st.integers(0, 20), st.integers(0, 60))
def test_an_index_tells_what_a_search_tells(code: list[bytes], word: bytes, start: int, end: int) -> None:
    data = b"".join(code)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(occurrences, "_SEARCHES", 0)
        found = Occurrences(data)
    for _ in range(2):  # to begin with nothing may be searched, so that from then on there is an index
        assert [*found.of(word)] == [*offsets(data, word)]
        assert [*found.of(word, start, end)] == [*offsets(data, word, start, end)]


@given(_CODE, st.lists(st.tuples(_WORD, st.integers(0, 20), st.integers(0, 60)), max_size=100))
def test_words_asked_for_again_and_again_are_where_they_were(
    code: list[bytes], asked: list[tuple[bytes, int, int]]
) -> None:
    data = b"".join(code)
    found = Occurrences(data)
    for word, start, end in asked:
        assert [*found.of(word, start, end)] == [*offsets(data, word, start, end)]


def never(*_: object) -> None:
    raise AssertionError("searched")


def test_after_many_searches_there_is_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [b"w%d" % number for number in range(1000)]
    data = b" ".join(words)
    found = Occurrences(data)
    for word in words:
        assert [*found.of(word)] == [*offsets(data, word)]
    monkeypatch.setattr(occurrences, "offsets", never)
    assert [*found.of(b"w999", 10)] == [len(data) - 4]
    assert [*found.of(b"w")] == []


def test_one_word_is_searched_for_once_in_all_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Occurrences(b"a b a")
    assert [*found.of(b"a")] == [0, 4]
    monkeypatch.setattr(occurrences, "offsets", never)
    monkeypatch.setattr(occurrences, "_indexed", never)
    for start in range(1000):
        assert [*found.of(b"a", start)] == [at for at in (0, 4) if at >= start]
