"""What the parser is given, and gives back."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from tree_sitter import Range

from linter import parsing
from linter.parsing import parse

CODE = b"function add(a, b) {\n  return a + b;\n}\n" * 4000
HALF = [Range((0, 0), (2000, 0), 0, len(CODE) // 2)]


@pytest.mark.parametrize("ranges", [None, HALF], ids=["whole", "in part"])
def test_what_is_read_is_let_go_of(ranges: list[Range] | None) -> None:
    parse(CODE, ranges=ranges)  # what is imported for it stays
    tracemalloc.start()
    try:
        for _ in range(5):
            tree = parse(CODE, ranges=ranges)
            assert tree.root_node.end_byte == (HALF[0].end_byte if ranges else len(CODE))
            assert (tree.root_node.children[1].text or b"").startswith(b"function add")
            del tree
        gc.collect()
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < len(CODE) // 2, "less than what is read by one of the five"


def test_nothing_is_read_behind_a_range() -> None:
    read = parsing._Chunks(CODE, [100, 90_000])
    assert (len(read(0, None)), len(read(40, None)), len(read(200, None))) == (100, 60, parsing._CHUNK)
    assert len(read(89_990, None)) == 10
    assert read(len(CODE), None) == b""
