"""Which bytes of a package are held, and that it makes no difference to what is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter import pipeline
from linter.finding import Report
from linter.packages import File, Held, discover
from linter.rule import load_rules
from linter.scan import Settings, fix
from tests.npm import unpacked


@pytest.fixture
def files(tmp_path: Path) -> list[File]:
    for name in "abc":
        (tmp_path / f"{name}.js").write_text(name * 4)
    (package,) = discover([str(tmp_path)], lambda _: None)
    return [*package.files]


def filled(files: list[File], limit: int) -> Held:
    held = Held(limit)
    for file in files:
        held.add(file, Path(file.disk).read_bytes())
    return held


@pytest.mark.parametrize(("limit", "again"), [(12, ""), (8, "a"), (3, "ab")])
def test_what_is_over_the_limit_is_read_again(files: list[File], limit: int, again: str) -> None:
    held = filled(files, limit)
    for file in files:
        Path(file.disk).write_text("new!")
    assert [held[file] == b"new!" for file in reversed(files)] == [name in again for name in "cba"]
    assert [held.size(file) for file in held] == [4, 4, 4]


def test_what_was_asked_for_last_is_held(files: list[File]) -> None:
    a, b, c = files
    held = filled([a, b], 8)
    assert held[a] == b"aaaa"
    held.add(c, b"cccc")  # so that b has to go
    for file in files:
        Path(file.disk).unlink()
    assert held[a] == b"aaaa"
    assert held[c] == b"cccc"
    assert held[b] == b""


def test_what_is_not_so_on_disk_stays(files: list[File]) -> None:
    held = filled(files, 4)
    held[files[0]] = b"mended"
    inside = File.single("x.tgz/x.js", "x.js", "")
    held.add(inside, b"in an archive")
    assert [held[file] for file in held] == [b"mended", b"bbbb", b"cccc", b"in an archive"]
    del held[files[1]]
    assert files[1] not in held
    assert len(held) == 3


def test_results_do_not_depend_on_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def mended() -> Report:
        path = str(unpacked("faye-websocket", "0.1.2"))
        return fix([path], load_rules(), Settings("all", suggestions=True), stdin=bytes)

    whole = mended()
    monkeypatch.setattr(pipeline, "Held", lambda: Held(1))
    bare = mended()
    assert (bare.findings, bare.patches, bare.skipped) == (whole.findings, whole.patches, whole.skipped)
    assert whole.patches
