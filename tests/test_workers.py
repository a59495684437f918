"""Scans by several processes: the same report as by one, and what ends a worker costs the file it was on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from linter import workers
from linter.meter import GATES
from linter.rule import load_rules
from linter.scan import Progress, Settings, check, fix
from tests.conftest import Run
from tests.npm import fetch, unpacked

LEAK = "module.exports = new Buffer(10);\n"
RULES = [rule for rule in load_rules() if rule.id == "new-buffer"]

OPTIONS = {"check": ["--format", "json"], "fix": ["--suggestions"]}
SECONDS = re.compile(rb'"seconds": [\d.]+')

# In a process of its own, for it has to be forked while it has one thread. A file called bad is bad as its name says.
SCENARIOS = """
import ctypes, dataclasses, json, os, signal, sys, time
from linter import analysis, pipeline, workers
from linter.rule import load_rules
from linter.scan import Settings, check

FATES = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "native": lambda: ctypes.string_at(0),
    "room": lambda: bytes(1 << 60),
    "hungry": lambda: [(b"x" * (1 << 22), time.sleep(0.02)) for _ in iter(int, 1)],
    "hoarder": lambda: (hoard.append(b"x" * (200 << 20)), time.sleep(1)),
    "bug": lambda: {}["bug"],
    "busy": lambda: [None for _ in iter(int, 1)],
    "stopped": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "fine": lambda: None,
}
hoard = []
examine, contents = analysis.examine, pipeline.contents

def unread(package, skip):
    if package.name == "unread":
        FATES["killed"]()
    return contents(package, skip)


def rigged(rules, about, target, who):
    name = os.path.basename(about.source.path)
    if name.startswith("bad-"):
        FATES[name[4:-3]]()
    return examine(rules, about, target, who)

analysis.examine, pipeline.contents = rigged, unread
workers.CPU_SECONDS, workers.CLOCK_SECONDS, workers.MEMORY = 0.8, float(sys.argv[2]), 384 << 20
rules = [rule for rule in load_rules() if rule.id == "new-buffer"]
report = check([sys.argv[1]], rules, Settings(), stdin=bytes, jobs=2)
print(json.dumps({
    "found": [f.path for f in report.findings], "skipped": [dataclasses.astuple(s) for s in report.skipped],
    "files": report.stats.files, "left": [p.name for p in __import__("multiprocessing").active_children()],
}))
"""

BUGGY = """
import os
from linter import analysis
from linter.cli import main

examine = analysis.examine

def rigged(rules, about, target, who):
    if os.path.basename(about.source.path) == "bug.js":
        raise KeyError("bug")
    return examine(rules, about, target, who)

analysis.examine = rigged
main()
"""

# Workers that note that they are there, and then have a lot to do.
BUSY = """
import os, sys, time
from linter import analysis
from linter.cli import main

def examine(rules, about, target, who):
    open(os.path.join(sys.argv[0], str(os.getpid())), "w").close()
    time.sleep(300)

analysis.examine = examine
sys.argv[0] = sys.argv.pop()
main()
"""


def package(folder: Path, name: str, *files: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0"}))
    for file in files:
        (folder / name / file).write_text(LEAK)


def rigged(folder: Path, clock: float = 60.0) -> dict[str, Any]:
    command = [sys.executable, "-c", SCENARIOS, str(folder), str(clock)]
    done = subprocess.run(command, capture_output=True, timeout=100, cwd=Path(workers.__file__).parent.parent)
    assert done.returncode == 0, done.stderr.decode()
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["left"] == []
    return said


def test_what_ends_a_worker_costs_the_file_it_was_on(tmp_path: Path) -> None:
    for fate in ("killed", "native", "room", "hungry", "bug", "busy"):
        package(tmp_path, fate, "a.js", f"bad-{fate}.js", "z.js")
    package(tmp_path, "several", "a.js", "bad-killed.js", "bad-native.js", "z.js")
    package(tmp_path, "fine", "a.js", "bad-fine.js")
    package(tmp_path, "unread", "a.js")
    said = rigged(tmp_path)
    skipped = {path.removeprefix(f"{tmp_path}/"): (reason, detail) for path, reason, detail in said["skipped"]}
    assert skipped == {
        "bug/bad-bug.js": ("crash", ""),
        "busy/bad-busy.js": ("stalled", "0.8 s of processor time"),
        "killed/bad-killed.js": ("died", "SIGKILL"),
        "native/bad-native.js": ("died", "SIGSEGV"),
        "room/bad-room.js": ("died", "out of memory"),
        "hungry/bad-hungry.js": ("died", "over 0.375 GiB of memory"),
        "several/bad-killed.js": ("died", "SIGKILL"),
        "several/bad-native.js": ("died", "SIGSEGV"),
        "unread": ("died", "SIGKILL"),
    }
    every = {str(path) for path in tmp_path.rglob("*.js")}
    assert set(said["found"]) == every - {path for path, _, _ in said["skipped"]} - {str(tmp_path / "unread" / "a.js")}
    assert said["files"] == len(said["found"]) == len(every) - 9


def test_a_file_does_not_pay_for_what_others_left_in_memory(tmp_path: Path) -> None:
    for name in "abc":  # of two workers one gets two of them, and for two there is no room
        package(tmp_path, name, "bad-hoarder.js")
    said = rigged(tmp_path)
    assert said["skipped"] == []
    assert len(said["found"]) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory another process has")
def test_a_worker_that_has_grown_is_replaced_between_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        package(tmp_path, f"p{number}", *(f"{name}.js" for name in "abcdefgh"))
    package(tmp_path / "p0" / "node_modules", "p1", "a.js")  # a copy of none, under a name that is there twice
    hired: list[int] = []
    hire = workers._Workers._hire

    def counted(self: workers._Workers, number: int) -> workers._Worker:
        hired.append(number)
        return hire(self, number)

    monkeypatch.setattr(workers._Workers, "_hire", counted)
    reports = {}
    host = b"x" * workers.WORN  # what workers are born with is not theirs
    spawned = partial(get_context, "spawn")
    for context, worn in ((spawned, 24 << 20), (workers._context, workers.WORN), (workers._context, -1)):
        monkeypatch.setattr(workers, "_context", context)
        monkeypatch.setattr(workers, "WORN", worn)
        hired.clear()
        reports[worn] = check([str(tmp_path)], RULES, Settings(), stdin=bytes, jobs=2)
        assert (len(hired) > 2) == (worn < 0)
    assert host
    one, two, three = (replace(report, stats=replace(report.stats, seconds=0)) for report in reports.values())
    assert one == two == three
    assert len(one.findings) == 321


def test_of_several_packages_that_are_read_only_the_bad_one_is_blamed(tmp_path: Path) -> None:
    for number in range(30):
        package(tmp_path, f"z{number}", "a.js")
    package(tmp_path, "unread", "a.js")
    for name in ("innocent", "large"):
        package(tmp_path, name, "a.js")
    (tmp_path / "innocent" / "a.js").write_text("//" + "x" * 100)  # handed out first, and nothing to be told of it
    (tmp_path / "large" / "a.js").write_text("//" + "x" * 300_000)  # so that the others come together
    said = rigged(tmp_path)
    assert said["skipped"] == [[str(tmp_path / "unread"), "died", "SIGKILL"]]
    assert len(said["found"]) == 30


@pytest.mark.parametrize(("command", "stdout"), [("check", True), ("fix", False)])
def test_a_bug_that_ended_a_worker_is_told_by_the_exit_code(
    tmp_path: Path, environment: Mapping[str, str], command: str, stdout: bool
) -> None:
    package(tmp_path, "p", "a.js", "bug.js")
    package(tmp_path, "q", "bug.js", "z.js")
    line = [sys.executable, "-c", BUGGY, command, "--jobs", "2", "--select", "new-buffer", str(tmp_path)]
    done = subprocess.run(
        line, capture_output=True, timeout=100,
        env={**environment, "PYTHONPATH": str(Path(workers.__file__).parent.parent)},
    )  # fmt: skip
    assert done.returncode == 3
    last = done.stderr.decode().splitlines()[-1]
    assert last.startswith(f"nodemend: error: {tmp_path}/p/bug.js and 1 more: the analysis failed, this is a bug")
    assert (f"{tmp_path}/q/z.js" in done.stdout.decode()) is stdout


@pytest.mark.slow
def test_a_worker_that_waits_for_ever_is_ended(tmp_path: Path) -> None:
    package(tmp_path, "p", "a.js", "bad-stopped.js", "z.js")
    package(tmp_path, "q", "a.js")
    said = rigged(tmp_path, clock=8.0)
    assert said["skipped"] == [[str(tmp_path / "p" / "bad-stopped.js"), "stalled", "no sign of life for 8 s"]]
    assert said["found"] == [str(tmp_path / name) for name in ("p/a.js", "p/z.js", "q/a.js")]


@pytest.mark.slow
def test_a_package_that_ends_many_workers_is_given_up(tmp_path: Path) -> None:
    for number in range(workers.DEATHS + 3):
        package(tmp_path / "bad", f"{number}", "bad-killed.js")
        (tmp_path / "bad" / f"{number}" / "package.json").unlink()
    package(tmp_path, "z", "z.js")
    said = rigged(tmp_path)
    assert said["found"] == [str(tmp_path / "z" / "z.js")]
    assert [detail for *_, detail in said["skipped"] if detail != "SIGKILL"] == ["too many of its files: given up"]
    assert len(said["skipped"]) == workers.DEATHS + 2


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waited(folder: Path, count: int) -> list[int]:
    """The ids of so many workers that are at work."""
    for _ in range(600):
        if len(found := [int(path.name) for path in folder.iterdir()]) == count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"only {found} have begun")


def at_work(tmp_path: Path, environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A scan that will not end by itself, in a process group of its own, and the ids of its two workers."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in "abc":
        package(tmp_path / "tree", name, "a.js")
    line = [sys.executable, "-c", BUSY, "check", "--jobs", "2", "--select", "new-buffer", str(tmp_path / "tree")]
    first = subprocess.Popen(
        [*line, str(notes)], start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**environment, "PYTHONPATH": str(Path(workers.__file__).parent.parent)},
    )  # fmt: skip
    ids = waited(notes, 2)
    assert all(map(alive, ids))
    return first, ids


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_ctrl_c_leaves_at_once_and_nothing_behind(tmp_path: Path, environment: Mapping[str, str]) -> None:
    first, ids = at_work(tmp_path, environment)
    os.killpg(first.pid, signal.SIGINT)  # as a terminal does: to all of them
    assert first.communicate(timeout=60) == (b"", b"\n")
    assert first.returncode == 130
    assert [one for one in ids if alive(one)] == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_first_process(
    tmp_path: Path, environment: Mapping[str, str], how: signal.Signals
) -> None:
    first, ids = at_work(tmp_path, environment)
    first.send_signal(how)
    assert first.communicate(timeout=60) == (b"", b"")  # these ends are closed when the last worker is gone
    assert first.returncode == -how
    for _ in range(200):
        if not any(map(alive, ids)):
            return
        time.sleep(0.05)
    raise AssertionError("a worker is left")


def plain(report: Any) -> Any:
    return report.findings, report.patches, report.skipped, report.gated, report.omitted, {
        name: getattr(report.stats, name) for name in ("packages", "files", "bytes", "parsed", "duplicates")
    }  # fmt: skip


@pytest.mark.slow
def test_copies_are_seen_to_be_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("x", "y", "z"):
        package(tmp_path / folder, "same", "a.js", "b.js")
        package(tmp_path / folder, f"own-{folder}", "a.js")
    (tmp_path / "y" / "same" / "b.js").write_text("broken(((" + LEAK)
    monkeypatch.setattr(workers, "_context", lambda: get_context("spawn"))  # the other way to start one
    said: list[Progress] = []
    one = fix([str(tmp_path)], RULES, Settings(suggestions=True), stdin=bytes, stats=True)
    two = fix([str(tmp_path)], RULES, Settings(suggestions=True), stdin=bytes, stats=True, jobs=2, progress=said.append)
    assert plain(one) == plain(two)
    assert (one.stats.duplicates, len(said[-1:]), said[-1].left) == (2, 1, 0)
    assert one.stats.profile is not None
    assert two.stats.profile is not None
    assert one.stats.profile.gates == two.stats.profile.gates
    assert [gauge.gate for gauge in two.stats.profile.gates] == [*GATES]
    assert two.stats.profile.processes == 3


def test_few_files_are_left_to_one_process(tmp_path: Path) -> None:
    package(tmp_path, "a", "a.js")
    package(tmp_path, "b", "b.js")
    profile = check([str(tmp_path)], RULES, Settings(), stdin=bytes, stats=True, jobs=None).stats.profile
    assert profile is not None
    assert profile.processes == 1


def same(nodemend: Run, command: str, *paths: Path) -> Any:
    one, two = (
        nodemend(command, "--node", "all", "--select", "all", "--jobs", jobs, *OPTIONS[command], *paths)
        for jobs in "12"
    )
    assert (one.returncode, SECONDS.sub(b"", one.stdout)) == (two.returncode, SECONDS.sub(b"", two.stdout))
    assert one.stderr == two.stderr
    return one.stdout


def examples(folder: Path) -> Path:
    """The examples of every rule page, in a package for each rule."""
    for rule in load_rules():
        package(folder, rule.id)
        for number, example in enumerate(rule.examples):
            (folder / rule.id / f"{number}.{example.language}").write_text(example.code)
    return folder


def test_real_packages_give_the_same_report(nodemend: Run) -> None:
    real = [unpacked(name, version) for name, version in (("faye-websocket", "0.1.2"), ("connect", "1.4.3"))]
    whole = json.loads(same(nodemend, "check", *real))
    assert {finding["package"] for finding in whole["findings"]} == {"faye-websocket", "connect"}


@pytest.mark.slow
def test_tarballs_examples_and_stdin_are_mended_the_same(tmp_path: Path, nodemend: Run) -> None:
    made = same(nodemend, "fix", fetch("ws", "0.4.32"), examples(tmp_path), Path("-"))
    assert made.count(b"\n--- ") > 20


@pytest.mark.slow
def test_the_examples_of_rules_give_the_same_report(tmp_path: Path, nodemend: Run) -> None:
    whole = json.loads(same(nodemend, "check", examples(tmp_path)))
    assert len({finding["rule"] for finding in whole["findings"]}) > 20
