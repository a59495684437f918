"""Laws of diffs: applying one gives the new bytes, reading one back loses nothing, other tools agree."""

from __future__ import annotations

import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unidiff.patch import PatchSet

from linter.errors import PatchError
from linter.patch import applied, diff, lines, printed, read, unified
from linter.patch.lines import differences, split

# Few letters, so that lines repeat; all that is known to upset line readers, so that they meet it.
PIECES = [
    b"", b"a", b"b", b"}", b" ", b"\t", b"\r", b"a\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\x85", b"\x0c", b"\x0b", b"\x1c",
    "\u2028".encode(), "é".encode(), b"-- a/x", b"++ b/x", b"@@ -1 +1 @@", b"\\ No newline at end of file",
    b"diff --git a/x b/x", b"function f() {", b"$x = 1", b"rename from x", b"# c",
]  # fmt: skip
line = st.sampled_from(PIECES) | st.text("ab", max_size=2).map(str.encode)
ended = st.lists(line, max_size=30).map(lambda found: b"".join(one + b"\n" for one in found))
content = st.tuples(ended, line).map(b"".join)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A file and the same file with some runs of lines replaced, or two unrelated files."""
    before = draw(content)
    if draw(st.integers(0, 3)) == 0:
        return before, draw(content)
    found = split(before)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(found)))
        end = draw(st.integers(start, min(len(found), start + 3)))
        found[start:end] = split(draw(content))[:3]
    return before, b"".join(found)


@given(pairs())
@example((b"", b""))
@example((b"", b"x"))
@example((b"x\n", b""))
@example((b"x", b"x\n"))
@example((b"\xef\xbb\xbfx\r\ny\r\n", b"\xef\xbb\xbfx\r\ny"))
def test_applying_the_diff_gives_the_new_bytes(pair: tuple[bytes, bytes]) -> None:
    before, after = pair
    text = unified("lib/x.js", before, after, header=["one\n--- a/y", "+++ b/y"])
    if before == after:
        assert text == b""
        return
    (patch,) = read(text)
    assert applied(patch, before) == after
    assert patch == diff("lib/x.js", before, after)
    assert text.endswith(printed(patch))


@given(st.lists(st.tuples(st.from_regex(r"[a-z .'é\x01]{1,8}\.js", fullmatch=True), pairs()), min_size=1, max_size=3))
def test_reading_several_files_and_printing_them_again_loses_nothing(
    files: list[tuple[str, tuple[bytes, bytes]]],
) -> None:
    text = b"".join(unified(name, *pair) for name, pair in files)
    if text:
        assert b"".join(map(printed, read(text))) == text


@given(pairs())
def test_hunks_are_minimal_in_order_and_apart(pair: tuple[bytes, bytes]) -> None:
    before, after = map(split, pair)
    found = differences(before, after)
    for one, next_one in pairwise(found):
        assert one.end < next_one.start
        assert next_one.start - one.end == next_one.new_start - one.new_end
    assert sum(d.end - d.start + d.new_end - d.new_start for d in found) == len(before) + len(after) - 2 * _lcs(
        before, after
    )


@given(pairs(), st.integers(0, 4), st.integers(0, 4))
def test_a_cut_short_comparison_still_tells_the_truth(pair: tuple[bytes, bytes], most: int, between: int) -> None:
    before, after = map(split, pair)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "FEW", min(most, between))
        patch.setattr(lines, "MOST", most)
        patch.setattr(lines, "MOST_BETWEEN", between)
        found = differences(before, after)
    for part in reversed(found):
        before[part.start : part.end] = after[part.new_start : part.new_end]
    assert before == after


@given(pairs(), st.data())
def test_a_damaged_diff_is_refused_or_read_as_it_stands(pair: tuple[bytes, bytes], data: st.DataObject) -> None:
    before, after = pair
    text = split(unified("lib/x.js", before, after))
    if not text:
        return
    at = data.draw(st.integers(0, len(text) - 1))
    text[at : at + 1] = data.draw(st.lists(st.sampled_from([*text, b" \n", b"+x\n", b"junk\n"]), max_size=2))
    try:
        patches = read(b"".join(text))
    except PatchError:
        return
    assert read(b"".join(map(printed, patches))) == patches


@settings(max_examples=15, deadline=None)
@given(st.lists(pairs(), min_size=1, max_size=40))
def test_git_gnu_patch_and_unidiff_agree(files: list[tuple[bytes, bytes]]) -> None:
    changed = {f"{number}.txt": pair for number, pair in enumerate(files) if pair[0] != pair[1]}
    text = b"".join(unified(name, *pair, header=["a comment"]) for name, pair in changed.items())
    if not text:
        return
    for command in (
        ["git", "apply", "--whitespace=nowarn"],
        ["patch", "-p1", "--binary", "--fuzz=0", "--no-backup-if-mismatch"],
    ):
        assert _result(command, text, {n: p[0] for n, p in changed.items()}) == {n: p[1] for n, p in changed.items()}
    theirs = PatchSet(text.decode("utf8", "surrogateescape"))
    assert [(file.path, len(file)) for file in theirs] == [(n, len(diff(n, *p).hunks)) for n, p in changed.items()]


def _result(command: list[str], text: bytes, files: dict[str, bytes]) -> dict[str, bytes]:
    """What the files hold after a tool has applied the patch to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, before in files.items():
            (folder / file).write_bytes(before)
        done = subprocess.run(command, cwd=folder, input=text, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        # GNU patch takes away a file that becomes empty.
        return {file: (folder / file).read_bytes() if (folder / file).exists() else b"" for file in files}


def _lcs(a: list[bytes], b: list[bytes]) -> int:
    """The length of the longest common subsequence, the slow and sure way."""
    row = [0] * (len(b) + 1)
    for one in a:
        above, row = row, [0]
        for y, other in enumerate(b):
            row.append(above[y] + 1 if one == other else max(above[y + 1], row[y]))
    return row[-1]
