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


def test_after_many_searches_there_is_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("searched")

    found = Occurrences(b"a b a")
    for _ in range(1000):
        assert [*found.of(b"a")] == [0, 4]
    monkeypatch.setattr(occurrences, "offsets", never)
    assert [*found.of(b"a")] == [0, 4]
