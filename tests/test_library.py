"""nodemend as a library: the same results as the command line's, as typed data; and the example in the README runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import linter
from linter import Edit, Finding, Fix, Patch, Report, Rule, Safety, check, fix, load_rules
from linter.errors import ConfigError, InputError
from tests.conftest import Run

LEAK = """\
server.on('upgrade', function (req, socket, head) {
  req.head = head;
  go(req);
});
"""
RETURNED = LEAK.replace("  go(req);", "  return go(req);")
README = Path(linter.__file__).parent.parent / "README.md"
HEADING = "As a library"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with something for every rule, some of it in a copy, a tarball and files that are passed over."""
    for name in ("old", "new"):
        package = tmp_path / "node_modules" / name
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"name": name, "version": "1.0.0"}))
        (package / "index.js").write_text(LEAK)
    (tmp_path / "package.json").write_text('{"name": "app", "version": "2.0.0"}')
    (tmp_path / "a.js").write_text(RETURNED + "var b = new Buffer(10), c = new Buffer(d);\n")
    (tmp_path / "tls.js").write_text("require('https').createServer(options);\n")
    (tmp_path / "binary.js").write_bytes(b"\0" + LEAK.encode())
    (tmp_path / "broken.js").write_text(LEAK + "var = ;\n")
    with tarfile.open(tmp_path / "old.tgz", "w:gz") as archive:
        archive.add(tmp_path / "node_modules" / "old", "package")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- the same results -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "node", "release"),
    [
        pytest.param(["."], "", "delete", id="a folder"),
        pytest.param(["."], "all", "delete", id="whatever Node it is about"),
        pytest.param(["."], "0.10", "null", id="an old Node, and null"),
        pytest.param(["."], ">=4.0 <4.4", "delete", id="a Node without Buffer.from"),
        pytest.param(["a.js", "old.tgz", "node_modules/new"], "all", "delete", id="several paths"),
    ],
)
def test_the_same_as_the_command_line(nodemend: Run, tree: Path, paths: list[str], node: str, release: str) -> None:
    done = nodemend("check", "--format", "json", "--node", node, "--release", release, *paths, cwd=tree)
    said = json.loads(done.stdout)
    report = check(paths, node=node, release="null" if release == "null" else "delete")
    assert [told(finding) for finding in report.findings] == [untimed(row) for row in said["findings"]]
    assert sorted((s.path, s.reason, s.detail) for s in report.skipped) == [
        (row["path"], row["reason"], row["detail"]) for row in said["skipped"]
    ]
    assert sorted((g.rule, g.node, g.count) for g in report.gated) == [
        (row["rule"], row["node"], row["count"]) for row in said["gated"]
    ]
    stats = report.stats
    assert (stats.packages, stats.files, stats.bytes, stats.parsed, stats.duplicates) == tuple(
        said["stats"][name] for name in ("packages", "files", "bytes", "parsed", "duplicates")
    )


def told(finding: Finding) -> dict[str, object]:
    """A finding as the JSON output says it, less the diff."""
    span, mend = finding.span, finding.fix
    return {
        "rule": finding.rule, "severity": finding.severity, "category": finding.category, "message": finding.message,
        "package": finding.package, "version": finding.version, "path": finding.path, "file": finding.file,
        "line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column,
        "symbol": finding.symbol, "node": finding.node, "fingerprint": finding.fingerprint,
        "chain": [*finding.chain], "needed": finding.needed, "fixed_in": finding.fixed_in,
        "trace": [(hop.role, hop.text, hop.path, hop.span.line, hop.span.column) for hop in finding.trace],
        "fix": mend and (str(mend.safety), mend.why, [(e.start, e.end, e.text.decode()) for e in sorted(mend.edits)]),
    }  # fmt: skip


def untimed(row: dict[str, object]) -> dict[str, object]:
    trace, mend = row["trace"], row["fix"]
    assert isinstance(trace, list)
    assert mend is None or isinstance(mend, dict)
    return row | {
        "trace": [(hop["role"], hop["text"], hop["path"], hop["line"], hop["column"]) for hop in trace],
        "fix": mend and (mend["safety"], mend["why"], [(e["start"], e["end"], e["text"]) for e in mend["edits"]]),
    }


@pytest.mark.parametrize("suggestions", [False, True], ids=["safe", "suggestions"])
def test_fix_makes_what_the_command_line_writes(nodemend: Run, tree: Path, suggestions: bool) -> None:
    before = contents(tree)
    patches = fix(".", node="all", suggestions=suggestions).patches
    assert contents(tree) == before
    assert {patch.path: patch.before for patch in patches}.items() <= before.items()
    nodemend("fix", "--node", "all", "--write", *(["--suggestions"] if suggestions else []), cwd=tree)
    assert contents(tree) == before | {patch.path: patch.after for patch in patches}
    assert ("a.js" in [p.path for p in patches if b"finally" in p.after]) == suggestions


def test_fix_writes_when_asked(tree: Path) -> None:
    before = contents(tree)
    report = fix([tree], node="all", write=True)
    after = {f"{tree}/{path}": data for path, data in contents(tree).items()}
    assert {patch.path: patch.after for patch in report.patches}.items() <= after.items()
    assert contents(tree) != before
    assert fix([tree], node="all", write=True).patches == ()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_member_of_an_archive_is_never_written(tree: Path) -> None:
    before = contents(tree)
    assert [patch.path for patch in fix("old.tgz", node="all").patches] == ["old.tgz/index.js"]
    with pytest.raises(InputError, match=r"old\.tgz/index\.js cannot be written"):
        fix(["a.js", "old.tgz"], node="all", write=True)
    assert contents(tree) == before


# -- what is asked for ------------------------------------------------------------------------------


@pytest.mark.usefixtures("tree")
def test_paths_are_one_or_several() -> None:
    one = check("a.js", node="all").findings
    assert one == check(["a.js"], node="all").findings == check(Path("a.js"), node="all").findings
    nothing = check([], node="all")
    assert nothing == Report(stats=nothing.stats)


@pytest.mark.usefixtures("tree")
def test_rules_can_be_chosen() -> None:
    rules = [rule for rule in load_rules() if rule.id == "new-buffer"]
    assert {finding.rule for finding in check(".", rules=rules, node="all").findings} == {"new-buffer"}
    assert check(".", rules=[], node="all").findings == ()


def test_rules_of_ones_own(tree: Path, nodemend: Run) -> None:
    nodemend("new", "my-rule", "--dir", "pages", cwd=tree)
    (tree / "own.js").write_text("var a = oldName(1);\n")
    rules = load_rules([tree / "pages"])
    assert [finding.rule for finding in check("own.js", rules=rules).findings] == ["my-rule"]


def test_configuration_files_have_no_say(tree: Path) -> None:
    (tree / "nodemend.toml").write_text('node = "20"\nignore = ["upgrade-head-retained"]\n')
    assert "upgrade-head-retained" in {finding.rule for finding in check(".", node="0.10").findings}


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("function", [check, fix])
def test_mistakes(function: Callable[..., Report]) -> None:
    with pytest.raises(InputError, match="nowhere: no such file or folder"):
        function("nowhere")
    with pytest.raises(ConfigError, match="'banana'"):
        function(".", node="banana")
    with pytest.raises(ConfigError, match="'free' is neither 'delete' nor 'null'"):
        function(".", release="free")


# -- the package ------------------------------------------------------------------------------------


def test_what_is_public() -> None:
    assert set(linter.__all__) == {
        "check", "fix", "load_rules", "Rule", "Finding", "Fix", "Edit", "Patch", "Report", "Safety",
    }  # fmt: skip
    for name in linter.__all__:
        assert getattr(linter, name) is not None
    assert {Edit, Finding, Fix, Patch, Report, Rule, Safety} <= {getattr(linter, name) for name in linter.__all__}
    assert set(linter.__all__) <= set(dir(linter))
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        linter.chekc  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    "arguments", [["-c", "import linter"], ["-m", "linter", "--version"]], ids=["import", "version"]
)
def test_nothing_heavy_is_imported_unasked(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.split("\n")}
    assert "linter" in imported
    assert not imported & {"tree_sitter", "linter.scan", "linter.rule", "linter.library", "yaml"}


# -- the README -------------------------------------------------------------------------------------


def example() -> str:
    """The first Python fence under the heading."""
    text = README.read_text("utf8")
    found = re.search(rf"^##+ {HEADING}$(?P<section>.*?)(?=^##? |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section `{HEADING}`"
    fence = re.search(r"^```python\n(?P<code>.*?)^```$", found["section"], re.MULTILINE | re.DOTALL)
    assert fence, f"the section `{HEADING}` of README.md has no ```python fence"
    return fence["code"]


def test_the_example_in_the_readme_runs(tree: Path) -> None:
    done = subprocess.run([sys.executable, "-c", example()], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout, "an example that shows nothing"
