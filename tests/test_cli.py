"""The commands from the outside: what they print where, and which code they exit with."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from linter.cli import nodemend
from linter.cli.check import exit_code
from linter.cli.pages import where
from linter.config import FailOn
from linter.errors import ConfigError
from linter.finding import Finding, Report, Severity, Span

LEAK = """\
Manager.prototype.handleUpgrade = function (req, socket, head) {
  var data = this.checkRequest(req);

  req.head = head;
  this.handleClient(data, req);
};
"""
CLEAN = "module.exports = 1;\n"
MENDED = LEAK.replace("req);\n};", "req);\n  delete req.head;\n};")
RULE = "upgrade-head-retained"


Done = subprocess.CompletedProcess[bytes]


def run(*args: str, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
    """nodemend as a process of its own, far from any terminal."""
    command = [sys.executable, "-m", "linter", *args]
    environ = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")} | {"PYTHONPATH": SOURCE}
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, env=environ | (env or {}), check=False)


def process(command: list[str], cwd: Path) -> Done:
    return subprocess.run(command, cwd=cwd, capture_output=True, env={**os.environ, "PYTHONPATH": SOURCE}, check=False)


SOURCE = str(Path(__file__).parent.parent)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with one leak in it, targeting Node 0.10."""
    package = tmp_path / "node_modules" / "old"
    package.mkdir(parents=True)
    (tmp_path / "package.json").write_text('{"name": "app", "version": "1.0.0", "engines": {"node": "0.10"}}')
    (package / "package.json").write_text('{"name": "old", "version": "0.9.13"}')
    (package / "manager.js").write_text(LEAK)
    (package / "index.js").write_text(CLEAN)
    return tmp_path


PATH = "node_modules/old/manager.js"


# ---- without the engine


def test_version(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"nodemend ")


COMMANDS = (
    "check", "fix", "apply", "patch", "verify", "update", "revert", "baseline", "explain", "rules", "why", "config",
    "completion", "cache", "test", "new",
)  # fmt: skip


@pytest.mark.parametrize("command", ["", *COMMANDS, "baseline write", "baseline prune", "baseline show"])
def test_help_shows_an_example_and_fits(command: str) -> None:
    done = CliRunner().invoke(nodemend, [*command.split(), "--help"], terminal_width=80)
    assert done.exit_code == 0
    assert "Example" in done.output
    assert "\b" not in done.output
    assert max(map(len, done.output.split("\n"))) <= 80


@pytest.mark.parametrize("args", [["--version"], ["--help"], ["check", "--help"], ["fix", "--help"]])
def test_help_is_light(tmp_path: Path, args: list[str]) -> None:
    code = (
        "import sys; from linter.cli import nodemend; nodemend.main(sys.argv[1:], standalone_mode=False);"
        "heavy = {'tree_sitter', 'linter.rule', 'linter.scan', 'yaml', 'unidiff'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    command = [sys.executable, "-c", code, *args]
    done = process(command, tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", nodemend.commands.values(), ids=lambda command: command.name)
def test_no_option_is_there_twice(command: click.Command) -> None:
    names = [name for parameter in command.params for name in parameter.opts]
    assert sorted(set(names)) == sorted(names)


def test_later_commands_are_not_shown() -> None:
    assert tuple(nodemend.commands) == COMMANDS


@pytest.mark.parametrize(
    ("args", "words"),
    [
        pytest.param(["chekc"], b"No such command 'chekc'", id="unknown command"),
        pytest.param(["check", "--nod", "1"], b"--nod", id="unknown option"),
        pytest.param(["check", "--format", "xml"], b"'xml' is not one of", id="unknown format"),
        pytest.param(["check", "--fail-on", "info"], b"'info' is not one of", id="unknown severity"),
        pytest.param(["explain"], b"Missing argument 'RULE'", id="missing argument"),
        pytest.param(["check", "--node", "newest"], b"--node: 'newest' is not a version", id="not a range"),
        pytest.param(["check", "--rules", "nowhere"], b"no folder of rules at nowhere", id="no such folder"),
        pytest.param(["check", "--select", "new-bufer"], b"did you mean 'new-buffer'?", id="nearest"),
        pytest.param(["check", "--ignore", "zzzzzz"], b"`nodemend rules` lists them", id="nothing near"),
        pytest.param(["explain", "upgrade-head"], b"no rule named 'upgrade-head'", id="explain"),
        pytest.param(["why", RULE, "a.js"], b"'a.js' is not FILE:LINE", id="why without a line"),
        pytest.param(["why", RULE, "a.js:0"], b"'a.js:0' is not FILE:LINE", id="line 0"),
        pytest.param(["test", "no-such-rule"], b"no rule named 'no-such-rule'", id="test"),
        pytest.param(["new", "Not A Name"], b"'Not A Name' is not a rule name", id="new"),
        pytest.param(["fix", "--write", "-"], b"stdin cannot be written in place", id="fix --write -"),
        pytest.param(["check", "nowhere"], b"nowhere", id="no such path"),
        pytest.param(["check", "\x1b[2J\n"], b"\\x1b[2J\\n", id="control characters in a path"),
        pytest.param(["explain", "\x1b[2J\n"], b"\\x1b[2J\\n", id="control characters in a rule"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, args: list[str], words: bytes) -> None:
    done = run(*args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"nodemend: error: ")
    assert done.stderr.count(b"\n") == 1
    assert words in done.stderr


def test_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "nodemend.toml").write_text("selct = []")
    done = run("check", cwd=tmp_path)
    assert done.returncode == 2
    assert b"nodemend.toml:1: unknown key 'selct' (did you mean 'select'?)" in done.stderr


def test_no_command_is_a_mistake_with_help(tmp_path: Path) -> None:
    done = run(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage:" in done.stderr


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("error", "error", 1), ("warning", "error", 0), ("warning", "warning", 1), ("note", "warning", 0),
        ("note", "note", 1), ("error", "never", 0),
    ],
)  # fmt: skip
def test_fail_on(severity: Severity, fail_on: FailOn, code: int) -> None:
    found = Finding("r", severity, "", "", "", "", "a.js", "a.js", Span(0, 0, 1, 1, 1, 1), "")
    assert exit_code(Report((found,)), fail_on) == code
    assert exit_code(Report(), fail_on) == 0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("lib/a.js:7", ("lib/a.js", 7), id="file and line"),
        pytest.param("lib/a.js:7:3", ("lib/a.js", 7), id="as a report has it"),
        pytest.param("C:/a.js:7", ("C:/a.js", 7), id="a colon in the path"),
        pytest.param("a:b.js:7", ("a:b.js", 7), id="another one"),
    ],
)
def test_where(text: str, place: tuple[str, int]) -> None:
    assert where(text) == place


@pytest.mark.parametrize("text", ["a.js", ":7", "a.js:", "a.js:x", "a.js:-1", "", ":", "a.js:²"])
def test_where_is_strict(text: str) -> None:
    with pytest.raises(ConfigError):
        where(text)


# ---- rules and pages


def test_rules_table_fits(tmp_path: Path) -> None:
    done = run("rules", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().split("\n")
    assert max(map(len, lines)) <= 80
    assert [RULE, "error", "retention", "safe", "recommended"] in [line.split() for line in lines]
    assert "[Node >=0.7.8 <0.11.4]" in " ".join(done.stdout.decode().split())


def test_rules_as_json(tmp_path: Path) -> None:
    entries = json.loads(run("rules", "--format", "json", cwd=tmp_path).stdout)
    keys = ("id", "message", "severity", "category", "recommended", "node", "safety")
    assert {tuple(entry) for entry in entries} == {keys}
    assert RULE in [entry["id"] for entry in entries]


def test_explain_prints_the_page(tmp_path: Path) -> None:
    done = run("explain", RULE, cwd=tmp_path)
    assert done.returncode == 0
    assert f"# {RULE}".encode() in done.stdout


def test_new_page_passes_its_own_examples(tmp_path: Path) -> None:
    made = run("new", "timer-never-cleared", "--dir", "my-rules", cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, b"")
    page = tmp_path / "my-rules" / "timer-never-cleared.md"
    before = page.read_bytes()
    tested = run("test", "my-rules", cwd=tmp_path)
    assert (tested.returncode, tested.stdout) == (0, b"")
    assert b"2 of 2 examples pass, on 1 page\n" in tested.stderr
    again = run("new", "timer-never-cleared", "--dir", "my-rules", cwd=tmp_path)
    assert again.returncode == 2
    assert b"is already there" in again.stderr
    assert page.read_bytes() == before


def test_test_names_the_failed_example(tmp_path: Path) -> None:
    run("new", "my-rule", "--dir", "pages", cwd=tmp_path)
    page = tmp_path / "pages" / "my-rule.md"
    page.write_text(page.read_text().replace("newName(2)", "oldName(2)"))
    done = run("test", "pages", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(b"pages/my-rule.md:")
    assert done.stdout.count(b"\n") == 1


def test_own_rules_are_used(tmp_path: Path) -> None:
    run("new", "my-rule", "--dir", "pages", cwd=tmp_path)
    (tmp_path / "a.js").write_text("var a = oldName(1);\n")
    assert run("check", "a.js", cwd=tmp_path).returncode == 0
    assert run("check", "--rules", "pages", "a.js", cwd=tmp_path).returncode == 1
    (tmp_path / "nodemend.toml").write_text('rules = ["pages"]')
    assert run("check", "a.js", cwd=tmp_path).returncode == 1


# ---- check


def test_check_reports(tree: Path) -> None:
    done = run("check", cwd=tree)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(f"{PATH}:4:3: error {RULE}: ".encode())
    assert f"nodemend fix {PATH}\n".encode() in done.stdout


def test_check_of_clean_code(tree: Path) -> None:
    done = run("check", "node_modules/old/index.js", cwd=tree)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Nothing found. Scanned 1 file")


@pytest.mark.parametrize(
    ("args", "config", "code"),
    [
        pytest.param([], "", 1, id="by default"),
        pytest.param(["--fail-on", "never"], "", 0, id="never fails"),
        pytest.param(["--ignore", RULE], "", 0, id="ignored"),
        pytest.param(["--ignore", f"new-buffer,{RULE}"], "", 0, id="ignored in a list"),
        pytest.param(["--select", "new-buffer"], "", 0, id="another one selected"),
        pytest.param(["--select", RULE], 'select = ["new-buffer"]', 1, id="the command line wins"),
        pytest.param([], f'ignore = ["{RULE}"]', 0, id="ignored by the configuration"),
        pytest.param([], 'fail-on = "never"', 0, id="never fails by the configuration"),
        pytest.param(["--node", "20"], "", 0, id="only a note"),
        pytest.param(["--node", "all"], 'node = "20"', 1, id="not gated, whatever the configuration says"),
        pytest.param([], 'node = "20"', 0, id="only a note by the configuration"),
    ],
)
def test_check_selects(tree: Path, args: list[str], config: str, code: int) -> None:
    (tree / "nodemend.toml").write_text(config)
    assert run("check", *args, cwd=tree).returncode == code


def test_gated_findings_are_counted(tree: Path) -> None:
    (tree / "server.js").write_text("require('tls').createServer(options, function () {}).listen(443);\n")
    done = run("check", "--node", "20", "--select", "tls-slab-size", cwd=tree)
    assert b"1 more applies only to Node >=0." in done.stdout
    assert b"; --node all shows them\n" in done.stdout


def test_severity_follows_the_targeted_node(tree: Path) -> None:
    done = run("check", "--node", "20", "--select", RULE, cwd=tree)
    assert done.returncode == 0
    assert b": note upgrade-head-retained: " in done.stdout
    assert b"the target is Node 20: a kept head costs the chunk that was read" in done.stdout


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_check_for_programs(tree: Path, form: str) -> None:
    done = run("check", "--format", form, "--output", "out", cwd=tree)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    assert RULE in (tree / "out").read_text("ascii")
    assert json.loads(run("check", "--format", form, cwd=tree).stdout)


def test_check_as_diff_is_what_fix_prints(tree: Path) -> None:
    done = run("check", "--format", "diff", cwd=tree)
    assert (done.returncode, done.stdout) == (1, run("fix", cwd=tree).stdout)


def test_output_that_cannot_be_written(tree: Path) -> None:
    done = run("check", "--output", "no/such/folder", cwd=tree)
    assert done.returncode == 2
    assert b"cannot write no/such/folder" in done.stderr


def test_stdin(tree: Path) -> None:
    done = run("check", "--node", "0.10", "-", cwd=tree, stdin=LEAK.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"-:4:3: error")


def test_a_bad_path_hides_nothing(tree: Path) -> None:
    done = run("check", "nowhere", "node_modules/old", "neither", cwd=tree)
    assert done.returncode == 2
    assert f"error {RULE}".encode() in done.stdout
    assert done.stderr.count(b"nodemend: error: ") == 2


def test_colour_only_on_a_terminal(tree: Path) -> None:
    assert b"\x1b" not in run("check", cwd=tree).stdout
    assert b"\x1b[1;31merror\x1b[0m" in run("check", cwd=tree, env={"FORCE_COLOR": "1"}).stdout
    assert b"\x1b[1;31merror\x1b[0m" in on_terminal("check", cwd=tree)
    assert b"\x1b" not in on_terminal("check", cwd=tree, env={"NO_COLOR": "1"})


def test_sentences_fit_on_a_terminal(tree: Path) -> None:
    (tree / "nodemend.toml").write_text(
        f'[[suppress]]\nrule = "{RULE}"\npackage = "old"\nreason = "goes"\nuntil = 2020-01-31'
    )
    seen = on_terminal("check", "--no-baseline", cwd=tree, env={"COLUMNS": "80", "NO_COLOR": "1"})
    lines = seen.decode().replace("\r", "").split("\n")
    assert "nodemend: the suppression of upgrade-head-retained in old ended on 2020-01-31:" in lines
    assert "  mend it, or decide again" in lines
    assert any(line.startswith(f"{PATH}:4:3: error {RULE}: ") for line in lines)
    assert [line for line in lines if len(line) > 80] == []


def on_terminal(*args: str, cwd: Path, env: dict[str, str] | None = None) -> bytes:
    """What nodemend writes to a real terminal."""
    master, slave = pty.openpty()
    environ = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    environ |= {"PYTHONPATH": SOURCE, "TERM": "xterm", **(env or {})}
    command = [sys.executable, "-m", "linter", *args]
    with subprocess.Popen(command, cwd=cwd, stdin=slave, stdout=slave, stderr=slave, env=environ):
        os.close(slave)
        seen = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux says EIO when the other end is closed
                break
            if not piece:
                break
            seen += piece
    os.close(master)
    return seen


@pytest.mark.parametrize("command", ["rules", "explain new-buffer", "config", "completion fish", "baseline show"])
def test_every_command_may_be_piped_to_head(tree: Path, command: str) -> None:
    known = {"schema": "nodemend-baseline/1", "findings": [{"fingerprint": "a"}]}
    (tree / "nodemend-baseline.json").write_text(json.dumps(known))
    line = f"{sys.executable} -m linter {command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], cwd=tree, capture_output=True, env={**os.environ, "PYTHONPATH": SOURCE}, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_a_reader_that_goes_away_is_no_error(tree: Path) -> None:
    for number in range(300):
        (tree / f"leak{number}.js").write_text(LEAK)
    command = [sys.executable, "-m", "linter", "check", "--node", "all"]
    environ = {**os.environ, "PYTHONPATH": SOURCE}
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(tree: Path) -> None:
    command = [sys.executable, "-m", "linter", "rules"]
    with open("/dev/full", "wb") as full:
        environ = {**os.environ, "PYTHONPATH": SOURCE}
        done = subprocess.run(command, cwd=tree, stdout=full, stderr=subprocess.PIPE, env=environ, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"nodemend: error: cannot write to stdout")
    assert done.stderr.count(b"\n") == 1


def test_interrupted(tree: Path) -> None:
    command = [sys.executable, "-u", "-c", INTERRUPTIBLE, "check", "-"]
    environ = {**os.environ, "PYTHONPATH": SOURCE}
    process = subprocess.Popen(
        command, cwd=tree, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"reading\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err


# Says when it has come to reading stdin, which never ends: a signal sent before would find Python still starting.
INTERRUPTIBLE = """
import sys
from linter.cli import main, nodemend
class Slow:
    def read(self, *_):
        print("reading")
        return sys.__stdin__.buffer.read()
class Stdin:
    buffer = Slow()
sys.stdin = Stdin()
main()
"""


def test_a_bug_says_where_to_report_it(tree: Path) -> None:
    code = "import linter.scan\nlinter.scan.check = None\nfrom linter.cli import main\nmain()"
    command = [sys.executable, "-c", code, "check"]
    done = process(command, tree)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"Traceback" in done.stderr
    assert b"please report it" in done.stderr.split(b"\n")[-2]


# ---- fix


def test_fix_prints_only_the_diff(tree: Path) -> None:
    done = run("fix", cwd=tree)
    assert done.returncode == 0
    assert done.stdout.startswith(f"--- a/{PATH}\n".encode())
    assert [line for line in done.stdout.split(b"\n") if line.startswith(b"+ ")] == [b"+  delete req.head;"]
    assert done.stderr.startswith(b"nodemend: 1 file to mend")
    assert done.stderr.count(b"\n") == 1
    assert (tree / PATH).read_text() == LEAK


def test_fix_piped_to_git_apply(tree: Path) -> None:
    diff = run("fix", "--quiet", cwd=tree)
    assert diff.stderr == b""
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)}
    subprocess.run(["git", "apply", "-"], cwd=tree, input=diff.stdout, check=True, env=environ)
    assert (tree / PATH).read_text() == MENDED
    again = run("fix", cwd=tree)
    assert (again.returncode, again.stdout) == (0, b"")


@pytest.mark.parametrize(("args", "code"), [([], 0), (["--exit-code"], 1)], ids=["as it is", "as a hook"])
def test_fix_write(tree: Path, args: list[str], code: int) -> None:
    done = run("fix", "--write", *args, cwd=tree)
    assert (done.returncode, done.stdout) == (code, b"")
    assert f"mended {PATH} ({RULE})".encode() in done.stderr
    assert (tree / PATH).read_text() == MENDED
    assert run("fix", "--write", *args, cwd=tree).returncode == 0


def test_fix_elsewhere_says_where_to_apply(tree: Path) -> None:
    work = tree / "work"
    work.mkdir()
    done = run("fix", "--node", "0.10", "../node_modules/old", cwd=work)
    assert done.stdout.startswith(b"--- a/manager.js\n")
    assert f"names are relative to {tree / 'node_modules/old'}".encode() in done.stderr


@pytest.mark.parametrize("args", [["fix"], ["check", "--format", "diff"]], ids=["fix", "check"])
def test_a_file_that_no_diff_can_name_hides_no_other(tree: Path, args: list[str]) -> None:
    with open(os.fsencode(tree) + b"/bad\xff.js", "w") as file:
        file.write(LEAK)
    done = run(*args, cwd=tree)
    assert done.returncode == 2
    assert done.stdout.count(b"--- a/") == 1
    assert b"nodemend: error: bad\\xff.js: a diff cannot name what is not UTF-8" in done.stderr
    assert run("fix", "--write", cwd=tree).returncode == 0
    assert run("fix", "--write", "--exit-code", cwd=tree).returncode == 0


def test_fix_of_stdin(tree: Path) -> None:
    done = run("fix", "--node", "0.10", "--stdin-name", "lib/a.js", "-", cwd=tree, stdin=LEAK.encode())
    assert done.stdout.startswith(b"--- a/lib/a.js\n")


def test_fix_of_an_archive_is_printed_but_not_written(tree: Path) -> None:
    with tarfile.open(tree / "old.tgz", "w:gz") as archive:
        archive.add(tree / "node_modules" / "old", "package")
    before = (tree / "old.tgz").read_bytes()
    printed = run("fix", "--node", "0.10", "old.tgz", cwd=tree)
    assert printed.stdout.startswith(b"--- a/manager.js\n")
    assert b"names are relative to " in printed.stderr
    written = run("fix", "--write", "--node", "0.10", "old.tgz", cwd=tree)
    assert written.returncode == 2
    assert b"cannot be written in place" in written.stderr
    assert (tree / "old.tgz").read_bytes() == before


# ---- why


def test_why(tree: Path) -> None:
    (tree / "a.js").write_text(MENDED)
    done = run("why", RULE, "a.js:4", cwd=tree)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.strip()
