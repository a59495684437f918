"""The benchmark: its arithmetic, what it sees of running processes, and that its page has what a run writes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import page, run, tree
from bench.contenders import FOUNDING, PEERS, TOOLS, Contender, versions
from bench.process import RunError, descendants, measured
from bench.table import END, START, Aim, Key, Sample, comparison, growth, placed, ratio, ratios, table
from linter.rule import load_rules
from tests.npm import ROOT

RG = Key("ripgrep", "", "literals", "whole")
COLD = Key("nodemend", "cold", "founding", "whole")
MB = 1_000_000


def samples(*walls: float, first: int = 1, memory: Sequence[int] = (MB,)) -> list[Sample]:
    held = [*memory] * len(walls)
    return [Sample(first + at, wall, wall * 2, held[at], 7, 100) for at, wall in enumerate(walls)]


# -- arithmetic -----------------------------------------------------------------------------


def test_a_ratio_is_of_the_same_round() -> None:
    assert ratios(samples(4, 9), samples(2, 3)) == [2, 3]
    assert ratios(samples(9, first=2), samples(2, 3)) == [3]
    assert ratios(samples(4), []) == []


def test_the_median_of_ratios_is_not_the_ratio_of_medians() -> None:
    results = {COLD: samples(10, 40, 30), RG: samples(1, 10, 2)}
    assert ratio(results, COLD, RG) == 10
    assert ratio(results, COLD, Key("none", "", "", "whole")) is None


def test_a_row_has_medians_the_most_memory_and_the_spread_of_its_ratios() -> None:
    results = {RG: samples(1, 1, 1), COLD: samples(5, 2, 3, memory=(3 * MB, 9 * MB, 4 * MB))}
    row = comparison(results, {"whole": RG})[-1]
    assert row == (
        "| nodemend, cold | founding | whole | 3 | 3.000 | 6.000 | 9 | 7 | 100 | 3.00 | 2.00 | 5.00 |"
    )  # fmt: skip


def test_a_row_without_a_base_has_no_ratio() -> None:
    assert comparison({COLD: samples(5)}, {"whole": RG})[-1].endswith("| 7 | 100 |  |  |  |")


def test_growth_is_told_for_a_megabyte() -> None:
    small = Key("nodemend", "cold", "founding", "half")
    rows = growth({COLD: samples(4), small: samples(1)}, {"half": 50.0, "whole": 100.0}, lambda part: [
        Key("nodemend", "cold", "founding", part)])  # fmt: skip
    assert rows[2:] == [
        "| nodemend, cold | half | 50 | 1.000 | 20.00 | 40.00 | 1 |",
        "| nodemend, cold | whole | 100 | 4.000 | 40.00 | 80.00 | 1 |",
    ]


@pytest.mark.parametrize(
    ("figure", "most", "cells"),
    [
        (6.0, True, ["an aim", "≤ 6 ×", "6.00 ×", "yes"]),
        (6.01, True, ["an aim", "≤ 6 ×", "6.01 ×", "no"]),
        (5.9, False, ["an aim", "≥ 6 ×", "5.90 ×", "no"]),
        (6.0, False, ["an aim", "≥ 6 ×", "6.00 ×", "yes"]),
        (None, True, ["an aim", "≤ 6 ×", "not measured", ""]),
    ],
)
def test_an_aim_is_reached_or_not(figure: float | None, most: bool, cells: list[str]) -> None:
    assert Aim("an aim", lambda _: figure, 6, most).line({}) == cells


# -- processes ------------------------------------------------------------------------------

_HOLD = "data = bytearray({0} * 1000000); data[::4096] = b'x' * len(data[::4096])"
_TREE = f"""
import subprocess, sys
{_HOLD.format(30)}
subprocess.run([sys.executable, "-c", {f"import time; {_HOLD.format(40)}; time.sleep(1)"!r}], check=True)
print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_memory_is_that_of_all_processes_together() -> None:
    used = measured([sys.executable, "-c", _TREE], Path.cwd(), (0,))
    assert used.output == b"done\n"
    assert 70 * MB < used.memory < 140 * MB  # the two blocks, and two interpreters
    assert used.wall > 1 > used.cpu > 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_memory_that_is_shared_counts_once() -> None:
    code = f"import os, time; {_HOLD.format(60)}; p = os.fork(); time.sleep(0.5); p and os.waitpid(p, 0)"
    assert 60 * MB < measured([sys.executable, "-c", code], Path.cwd(), (0,)).memory < 100 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_a_process_that_is_gone_has_no_memory_and_no_children() -> None:
    assert descendants(2**22 + 1) == [2**22 + 1]


def test_a_command_that_fails_is_told_with_what_it_said() -> None:
    line = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    assert measured(line, Path.cwd(), (0, 1)).output == b""
    with pytest.raises(RunError, match="exit code 1: no such thing"):
        measured(line, Path.cwd(), (0,))


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_an_interrupted_run_ends_what_it_has_started(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    sleeper = f"import os, time; os.symlink(str(os.getpid()), {str(begun)!r}); time.sleep(60)"
    code = f"""
import os, signal, sys, threading, time
from pathlib import Path
from bench.process import measured

def interrupt():
    while not os.path.islink({str(begun)!r}):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
measured([sys.executable, "-c", {sleeper!r}], Path.cwd(), (0,))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    state = Path(f"/proc/{begun.readlink()}/stat")
    assert not state.exists() or state.read_text("utf8").rpartition(")")[2].split()[0] == "Z"


# -- rounds ---------------------------------------------------------------------------------


def contender(tool: str, code: str, case: str = "") -> Contender:
    return Contender(tool, case, "founding", (sys.executable, "-c", code), lambda out: (len(out), None))


def everything() -> list[Contender]:
    return [contender(tool, "print()", "cold" if tool == "nodemend" else "") for tool in TOOLS]


def test_a_round_has_everything_on_the_tree_and_on_each_file() -> None:
    todo = run.turns(everything(), "whole", dict.fromkeys(TOOLS, 5), {"semgrep": "quarter"})
    assert [turn.key.tool for turn in todo if turn.target == "whole"] == [
        "ripgrep", "nodemend", "ast-grep", "oxlint", "eslint"]  # fmt: skip
    assert [turn.key.tool for turn in todo if turn.target == "half"] == ["ripgrep", "nodemend"]
    assert [turn.key.tool for turn in todo if turn.target == "quarter"] == ["ripgrep", "nodemend", "semgrep"]
    assert [turn.key.tool for turn in todo if turn.target == tree.CHANGED] == [*TOOLS]


def test_on_less_of_the_tree_nothing_is_left_out() -> None:
    todo = run.turns(everything(), "quarter", dict.fromkeys(TOOLS, 5), {"semgrep": "half"})
    assert {turn.target for turn in todo if turn.target in tree.PARTS} == {"quarter"}
    assert {turn.key.tool for turn in todo if turn.target == "quarter"} == {*TOOLS} - {"python"}


def test_rounds_take_turns_and_what_fails_takes_no_more_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tree, "part", lambda _: tmp_path)
    write = "import sys; open('log', 'a').write({!r} + sys.argv[1])"
    slow, broken = contender("eslint", write.format("e")), contender("ripgrep", "raise SystemExit('broken')")
    todo = [
        run.Turn(slow, "quarter", 2), run.Turn(broken, "quarter", 3),
        run.Turn(contender("nodemend", write.format("n")), "quarter", 3),
    ]  # fmt: skip
    taken, failed = run.results(todo, 3)
    assert (tmp_path / "log").read_text("utf8") == "e.n.e.n.n."
    assert {key.tool: [sample.round for sample in of] for key, of in taken.items()} == {
        "eslint": [1, 2], "nodemend": [1, 2, 3]}  # fmt: skip
    assert failed == ["ripgrep on quarter: exit code 1: broken"]
    assert "round 3: nodemend" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--only", "grep"], ["--rounds", "0"], ["--write", "--only", "ripgrep"], ["--rounds-of", "semgrep"],
     ["--part-of", "semgrep=third"], ["--rounds-of", "semgrep=0"], ["--part-of", "grep=half"]],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run.main(arguments)
    assert stopped.value.code == 2


# -- the page -------------------------------------------------------------------------------


def test_what_is_written_takes_the_place_between_the_markers() -> None:
    before = f"# Head\n\n{START}\nold\n{END}\n\ntail\n"
    after = placed(before, "new")
    assert after == f"# Head\n\n{START}\n\nnew\n\n{END}\n\ntail\n"
    assert placed(after, "new") == after
    for bad in ("", START, f"{END}{START}", before * 2):
        with pytest.raises(ValueError, match="must have"):
            placed(bad, "new")


def test_the_page_has_the_aims_and_the_versions_that_are_settled() -> None:
    """When this fails, an aim or a version has changed: run `make bench`."""
    text = page.PAGE.read_text("utf8")
    written = text.partition(START)[2].partition(END)[0]
    assert placed(text, "") != text
    for aim in page.AIMS:
        what, asked, *_ = aim.line({})
        assert f"| {what} | {asked} |" in written
    assert f"- {', '.join(f'{name} {version}' for name, version in versions().items())}\n" in written


def test_the_page_has_a_row_for_each_tool_or_says_why_not() -> None:
    written = page.PAGE.read_text("utf8").partition(START)[2].partition(END)[0]
    for tool in TOOLS:
        assert f"\n| {tool}" in written or f"\n- {tool}" in written, tool
    assert "".join(table(("aim", "asked", "measured", "reached"), iter(()))[0]) in written


# -- what is measured -----------------------------------------------------------------------


def test_the_founding_rules_are_there() -> None:
    assert {*FOUNDING} <= {rule.id for rule in load_rules()}


def test_every_peer_has_the_same_three_rules() -> None:
    for name in ("ast-grep.yml", "semgrep.yml", "plugin.mjs", "oxlint.json", "eslint.config.mjs"):
        text = (PEERS / name).read_text("utf8")
        assert [rule for rule in ("upgrade-head", "new-buffer", "tls-slab-size") if rule not in text] == [], name


@pytest.mark.parametrize("manager", ["npm", "pnpm", "yarn"])
def test_a_project_of_the_tree_is_settled_by_a_lock_file_without_addresses(manager: str) -> None:
    folder = tree.LOCKS / manager
    names = {path.name for path in folder.iterdir()}
    locks = names & {"package-lock.json", "pnpm-lock.yaml", "yarn.lock"}
    assert "package.json" in names
    assert len(locks) == 1
    lock = (folder / locks.pop()).read_text("utf8")
    assert re.search(r"^ *\"?(resolved|tarball)\"?[ :]|https?://.*\.tgz", lock, re.MULTILINE) is None
    assert lock.count("sha512-" if manager != "yarn" else "checksum: 10c0/") > 500


def test_changing_the_one_file_is_taken_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tree, "TREE", tmp_path)
    path = tmp_path / tree.CHANGED
    path.parent.mkdir(parents=True)
    path.write_bytes(b"code();\n")
    contents = [tree.changed(number).read_bytes() for number in (1, 2, 2, None)]
    assert contents[0].startswith(b"code();\n")
    assert contents[0] != contents[1] == contents[2]
    assert contents[3] == b"code();\n"


def test_parts_are_made_of_what_managers_laid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And of nothing else: not of links, and not of the folder that ends a search for .gitignore."""
    monkeypatch.setattr(tree, "TREE", tmp_path)
    for folder in (
        ".git", "npm/node_modules/a/node_modules/b", "npm/node_modules/@x/c", "npm/node_modules/.bin",
        "pnpm/node_modules/.pnpm/d@1.0.0/node_modules/d", "pnpm/node_modules/.pnpm/node_modules", "yarn/node_modules/e",
    ):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pnpm/node_modules/d").symlink_to(tmp_path / "pnpm/node_modules/.pnpm/d@1.0.0/node_modules/d")
    assert [unit.relative_to(tmp_path).as_posix() for unit in tree._units()] == [
        "npm/node_modules/@x/c", "npm/node_modules/a", "pnpm/node_modules/.pnpm/d@1.0.0", "yarn/node_modules/e",
    ]  # fmt: skip
