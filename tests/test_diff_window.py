"""A diff is made of the lines around what differs: the same that comes of whole files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linter import patch

_LINE = st.sampled_from([b"a\n", b"  b\n", b"c {\n", b"\n", b"  d\r\n", b"e", b"\xc3\xa9\n"])
_FILE = st.lists(_LINE, max_size=30).map(b"".join)


@given(_FILE, _FILE, _FILE, _FILE)
def test_a_diff_is_that_of_whole_files(head: bytes, old: bytes, new: bytes, tail: bytes) -> None:
    before, after = head + old + tail, head + new + tail
    near = patch.diff("f.js", before, after)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patch, "_around", lambda *_: (0, 0))
        assert near == patch.diff("f.js", before, after)
    assert patch.result(near, before) == after if before != after else near.hunks == ()


def test_a_heading_is_looked_for_above_what_is_compared() -> None:
    before = b"function f() {\n" + b"  x();\n" * 50 + b"}\n"
    (hunk,) = patch.diff("f.js", before, before.replace(b"}", b"};")).hunks
    assert (hunk.start, hunk.section) == (49, b"function f() {")
