"""The formats that other programs take: read by what takes them, and nothing in a name or in code breaks out."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import jsonschema
import pytest
from junitparser import Failure, JUnitXml
from markdown_it import MarkdownIt

from linter.cli.check import check
from linter.edit import Edit, Fix, Safety, apply
from linter.finding import Finding, Gated, Omitted, Report, Skipped, Stats, Suppressed
from linter.formats import NAMES
from linter.report import FORMATS, View, markdown, results, sarif
from tests import report_docs
from tests.npm import unpacked
from tests.test_report import CODE, RULE, Rule, all_of, as_json, as_sarif, finding, show, view

NODE = shutil.which("node")
HOSTILE = (
    "a`b|c<img src=x onerror=alert(1)>](http://x) [l](1) @someone ::error::x %0A ##[error] \x1b]0;t\x07\r\n::warning::y"
)
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def node(script: str, *arguments: str) -> str:
    done = subprocess.run([NODE or "", "-e", script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose lockfile has socket.io in line 2."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "package-lock.json").write_text('{"packages": {\n  "node_modules/socket.io": {}}}\n')
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "manager.js").write_bytes(CODE)
    return tmp_path


INSTALLED = "node_modules/socket.io/lib/manager.js"


def installed(**changed: Any) -> Finding:
    return finding(INSTALLED, **changed)


def test_the_command_line_knows_each_format() -> None:
    assert sorted(NAMES) == sorted(FORMATS)
    option = next(option for option in check.params if option.name == "form")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == NAMES


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize(
    "report",
    [
        pytest.param(Report(), id="nothing"),
        pytest.param(all_of(HOSTILE), id="what other formats obey"),
        pytest.param(all_of("\udcff\ufffe\x00"), id="what cannot be written"),
        pytest.param(Report((finding(message="\ud800", symbol="\ud800"),)), id="half a pair"),
    ],
)
def test_no_text_stops_a_format(form: str, report: Report) -> None:
    shown = FORMATS[form](report, view())
    assert form == "diff" or shown
    shown.decode()


@pytest.mark.parametrize("form", ["text", "html", "markdown", "github", "junit"])
def test_people_are_told_how_a_package_came_in(form: str) -> None:
    made = finding(chain=("app", "karma", "socket.io"), needed="development", fixed_in="0.9.14")
    text = html.unescape(show(Report((made,)), form))
    assert "came in by app > karma > socket.io, for development only" in text
    assert "not in socket.io@0.9.14, which is installed here, too" in text


# ---- GitHub's workflow commands


def test_github(project: Path) -> None:
    report = Report((finding(), installed()), stats=Stats(2, 10, 100, 2, 0, 0.5))
    summary, own, other = show(report, "github", cwd=str(project)).splitlines()
    assert summary.startswith("::error title=nodemend::2 findings (2 errors), 2 fixable (2 safe, 0 suggested).")
    assert own.startswith(f"::error file=lib/manager.js,line=4,endLine=4,col=2,endColumn=17,title={RULE}::")
    assert other.startswith(f"::error file=package-lock.json,line=2,endLine=2,col=1,endColumn=33,title={RULE}::")
    assert f"%0Asocket.io@0.9.13: {INSTALLED}:4:2%0A" in other


def test_github_annotates_copies_once(project: Path) -> None:
    paths = [f"node_modules/{name}/node_modules/socket.io/lib/manager.js" for name in "abc"]
    lines = show(Report(tuple(finding(path) for path in paths)), "github", cwd=str(project)).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error title=nodemend::3 findings")
    assert f"%0Aalso in {paths[2]}:4%0Afix: nodemend fix {' '.join(paths)}" in lines[1]


def test_github_shows_nine_of_a_level_and_says_how_many_more() -> None:
    findings = [finding(f"{n}.js", severity=s, message=f"{n}") for n in range(12) for s in ("note", "error", "warning")]
    lines = show(Report(tuple(findings)), "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 9 + ["::notice"] * 9
    assert "%0A9 more have no annotation" in lines[0]


@needs_node
def test_github_commands_are_written_as_the_official_toolkit_writes_them(tmp_path: Path) -> None:
    made = finding(f"{HOSTILE}/a.js", message=HOSTILE, rule=f"r,{HOSTILE}:", package=HOSTILE)
    lines = show(Report((made,)), "github", cwd=str(tmp_path)).splitlines()
    assert len(lines) == 2
    commands = [_parsed(line) for line in lines]
    script = "for (const c of JSON.parse(process.argv[2])) require(process.argv[1]).issueCommand(c[0], c[1], c[2])"
    library = unpacked("@actions/core", "1.11.1") / "lib" / "command.js"
    assert node(script, str(library), json.dumps(commands)).splitlines() == lines
    assert not re.search(r"[\r\x1b]", "".join(lines))


def _parsed(line: str) -> tuple[str, dict[str, str], str]:
    """What the runner makes of a line, by the documented escapes."""
    found = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert found

    def plain(text: str) -> str:
        for code, char in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            text = text.replace(code, char)
        return text

    properties = dict(part.split("=", 1) for part in found[2].split(","))
    return found[1], {key: plain(value) for key, value in properties.items()}, plain(found[3])


# ---- SARIF for code scanning


def test_sarif_points_at_the_line_that_brings_a_package_in(project: Path) -> None:
    result = as_sarif(Report((installed(),)), cwd=str(project))["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "package-lock.json", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 33}
    related = result["relatedLocations"][0]
    assert related["id"] == 1
    assert related["physicalLocation"]["artifactLocation"]["uri"] == INSTALLED
    assert related["physicalLocation"]["region"]["snippet"] == {"text": "\treq.head = head;"}
    assert result["message"]["text"].endswith(" (in socket.io@0.9.13: [lib/manager.js:4](1))")
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert {s["location"]["physicalLocation"]["artifactLocation"]["uri"] for s in steps} == {INSTALLED}


def test_sarif_counts_paths_from_the_repository(project: Path) -> None:
    result = as_sarif(Report((finding("manager.js"),)), cwd=str(project / "lib"))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "lib/manager.js"


def test_sarif_messages_hold_no_links_of_their_own() -> None:
    text = as_sarif(Report((finding(message="`a[b](1)` keeps"),)))["results"][0]["message"]["text"]
    assert not re.search(r"\]\(", text)


def test_sarif_gives_each_result_a_print_that_no_other_has_and_that_order_does_not_change() -> None:
    findings = [installed(), finding("b/m.js"), finding("a/m.js", fingerprint="f" * 32)]
    first, second = (as_sarif(Report(tuple(those)))["results"] for those in (findings, findings[::-1]))
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in first]
    assert len(set(prints)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}:\d+", text) for text in prints)
    assert first == second


def test_sarif_says_how_serious_and_how_sure_a_rule_is() -> None:
    rule = as_sarif(Report((finding(),)))["tool"]["driver"]["rules"][0]
    assert (rule["properties"]["precision"], rule["properties"]["problem.severity"]) == ("high", "error")
    assert "security-severity" not in rule["properties"]
    other = Rule(category="security", recommended=False, severity="note")
    rule = as_sarif(Report((finding(),)), rules=(other,))["tool"]["driver"]["rules"][0]
    assert rule["properties"]["security-severity"] == "2.0"
    assert (rule["properties"]["precision"], rule["properties"]["problem.severity"]) == ("medium", "recommendation")


def test_sarif_leaves_suppressed_findings_out_unless_asked() -> None:
    report = Report((finding(),), suppressed=(Suppressed(finding("b.js"), "known", "baseline"),))
    assert len(as_sarif(report)["results"]) == 1
    shown, answered = as_sarif(report, suppressed=True)["results"]
    assert "suppressions" not in shown
    assert answered["suppressions"] == [{"kind": "external", "justification": "baseline: known"}]


def test_sarif_stays_below_the_size_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 2_500)
    findings = tuple(finding(f"{n}.js", message=f"{n} " * n, severity="note" if n % 2 else "error") for n in range(60))
    run = as_sarif(Report(findings))
    assert 0 < len(run["results"]) < 30
    assert {result["level"] for result in run["results"]} == {"error"}
    said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert said.startswith(f"{60 - len(run['results'])} findings are left out")


def test_sarif_cuts_long_traces_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert results.MOST_STEPS == 1000
    for module in ("results", "sarif"):
        monkeypatch.setattr(f"linter.report.{module}.MOST_STEPS", 5)
    run = as_sarif(Report((finding(trace=finding().trace * 3),)))
    assert len(run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]) == 5
    assert run["invocations"][0]["toolExecutionNotifications"][0]["descriptor"]["id"] == "trace-cut"


# ---- GitLab

# In our words, after what GitLab's documentation asks of an entry: no package ships a schema.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./).+"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


@pytest.mark.parametrize("report", [Report(), all_of(HOSTILE), Report((finding("/elsewhere/a.js"),))])
def test_gitlab_is_valid(report: Report) -> None:
    jsonschema.validate(json.loads(show(report, "gitlab")), GITLAB)


def test_gitlab(project: Path) -> None:
    entries = json.loads(show(Report((finding(), installed())), "gitlab", cwd=str(project)))
    assert [entry["location"] for entry in entries] == [
        {"path": "lib/manager.js", "lines": {"begin": 4, "end": 4}},
        {"path": "package-lock.json", "lines": {"begin": 2, "end": 2}},
    ]
    assert len({entry["fingerprint"] for entry in entries}) == 2
    assert {entry["severity"] for entry in entries} == {"major"}
    assert entries[1]["description"].endswith(f"(socket.io@0.9.13: {INSTALLED}:4)")


# ---- JUnit


def test_junit() -> None:
    findings = (finding(), finding("b.js", severity="note"), finding("c.js", package="other", severity="warning"))
    report = Report(findings, (), (Skipped("d.js", "crash", "boom"), Skipped("e.js", "binary")))
    read = JUnitXml.fromstring(show(report, "junit").encode())
    assert (read.tests, read.failures, read.errors) == (5, 2, 1)
    assert [suite.name for suite in read] == ["nodemend", "other@0.9.13", "socket.io@0.9.13"]
    cases = [case for suite in read for case in suite]
    failed = [case for case in cases if any(isinstance(result, Failure) for result in case.result)]
    assert [case.name for case in failed] == ["c.js:4:2", "lib/manager.js:4:2"]
    assert failed[1].classname == RULE
    assert "fix: nodemend fix lib/manager.js" in failed[1].result[0].text


def test_junit_of_nothing_has_a_case() -> None:
    read = JUnitXml.fromstring(show(Report(), "junit").encode())
    assert (read.tests, read.failures, [case.name for suite in read for case in suite]) == (1, 0, ["nodemend"])


def test_junit_holds_only_what_xml_can() -> None:
    root = ElementTree.fromstring(show(all_of(HOSTILE + "\x00\ufffe\udcff"), "junit"))
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "failure", "system-out",
    }  # fmt: skip


# ---- reviewdog


@needs_node
def test_rdjson_is_what_the_validator_of_the_format_takes(project: Path) -> None:
    reports = {
        "none": Report(), "bad": all_of(HOSTILE), "two": Report((finding(), installed())),
        "bytes": Report((finding(fix=Fix((Edit(0, 1, b"\xff"),))),)),
    }  # fmt: skip
    texts = [show(report, "rdjson", cwd=str(project)) for report in reports.values()]
    library = unpacked("@umbrelladocs/rdformat-validator", "1.0.1") / "dist" / "validator" / "index.js"
    script = (
        "const {validate} = require(process.argv[1]);"
        "for (const text of JSON.parse(process.argv[2])) console.log(JSON.stringify(validate(JSON.parse(text))))"
    )
    for line in node(script, str(library), json.dumps(texts)).splitlines():
        assert json.loads(line)["valid"] is True, line


def test_rdjson_counts_bytes_and_merges_a_fix_into_one_suggestion(project: Path) -> None:
    code = CODE.replace(b"\treq.head", "\t/* über */ req.head".encode())
    start = code.index(b"req.head = head")
    fix = Fix((Edit(start, start + 3, b"r"), Edit(len(code) - 3, len(code) - 3, b"  delete r.head;\n")))
    (project / "lib" / "manager.js").write_bytes(code)
    made = finding(code=code, fix=fix)
    read = json.loads(show(Report((made,)), "rdjson", cwd=str(project), read=lambda _: code))["diagnostics"][0]
    assert read["location"]["range"]["start"] == {"line": 4, "column": code.split(b"\n")[3].index(b"req") + 1}
    suggestion, = read["suggestions"]
    assert applied(code, suggestion) == apply(code, fix.edits)


def applied(code: bytes, suggestion: dict[str, Any]) -> bytes:
    """The code with the suggestion in it, by lines and byte columns as reviewdog counts them."""
    starts = [0, *(found.end() for found in re.finditer(b"\n", code))]
    begin, end = (starts[p["line"] - 1] + p["column"] - 1 for p in suggestion["range"].values())
    text: str = suggestion["text"]
    return code[:begin] + text.encode() + code[end:]


def test_rdjson_suggests_nothing_where_the_repository_has_no_such_file(project: Path) -> None:
    shown = Fix((Edit(0, 0, b"x"),), Safety.SHOWN)
    read = json.loads(show(Report((installed(), finding(fix=shown))), "rdjson", cwd=str(project)))["diagnostics"]
    assert [one.get("suggestions") for one in read] == [None, None]
    assert read[1]["location"] == {"path": "package-lock.json", "range": {"start": {"line": 2}, "end": {"line": 2}}}


# ---- Markdown


def rendered(report: Report, **changed: Any) -> str:
    """As HTML, by a reader that lets HTML through as GitHub's does before it cleans it."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(show(report, "markdown", **changed)))


def test_markdown(project: Path) -> None:
    page = rendered(Report((installed(), installed(severity="note", message="`x` < y"))), cwd=str(project))
    assert "<td><code>socket.io@0.9.13</code></td>" in page
    assert f"<li><code>{INSTALLED}:4:2</code></li>" in page
    assert "<li>brought in by <code>package-lock.json:2</code></li>" in page
    assert '<pre><code class="language-diff">--- a/node_modules' in page
    assert "<p><code>x</code> &lt; y</p>" in page


def test_markdown_lets_no_name_or_code_become_markup() -> None:
    code = HOSTILE.encode() + b"```\n</details>\n~~~\n"
    page = rendered(all_of(HOSTILE + "\n</details>```\n# x\n"), read=lambda _: code)
    tags = {*re.findall(r"<\s*/?([a-zA-Z]+[0-9]?)", re.sub(r"<code[^>]*>.*?</code>", "", page, flags=re.DOTALL))}
    assert tags <= {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "ul", "ol",
                    "li", "pre", "b"}  # fmt: skip
    plain = re.sub(r"<code[^>]*>.*?</code>|<summary>.*?</summary>", "", page, flags=re.DOTALL)
    assert "@someone" not in plain
    assert "http://" not in plain
    assert page.count("<details>") == page.count("</details>")


def test_markdown_fits_into_a_comment() -> None:
    findings = tuple(finding(f"{n}.js", message=f"`ü{n}` " * 9, severity="note" if n else "error") for n in range(900))
    text = show(Report(findings, gated=(Gated("a", "<4", 3),)), "markdown")
    assert len(text.encode()) <= markdown.LONGEST
    shown = text.count("<details>")
    assert 20 < shown < 900
    assert f"_{900 - shown} more do not fit here" in text
    assert text.index("<summary>error") < text.index("<summary>note")


@pytest.mark.parametrize("text", ["", " ", "`", "a`b``c", "``", " a ", "a|b", "a\\|b"])
def test_code_span_says_just_what_it_is_given(text: str) -> None:
    page = MarkdownIt("commonmark").enable("table").render(f"|a|\n|-|\n|{markdown.code(text, cell=True)}|\n")
    assert f"<td><code>{text or ' '}</code></td>" in page


# ---- JSON lines


def test_json_lines_say_what_the_json_report_says() -> None:
    skipped, gated = (Skipped("b.js", "binary"),), (Gated("a", "<4", 3, "why"),)
    findings = (finding("b.js"), finding(message="two\nlines \ud800"))
    suppressed, omitted = (Suppressed(finding("c.js"), "known", "baseline"),), (Omitted("paths", 2),)
    report = Report(findings, (), skipped, gated, Stats(1, 2, 3, 4, 5, 6.0), suppressed, omitted)
    start, *records, end = [json.loads(line) for line in show(report, "jsonl").split("\n")[:-1]]
    assert (start.pop("record"), end.pop("record"), end.pop("findings")) == ("start", "end", 2)
    same = ("skipped", "gated", "suppressed", "omitted")
    kinds = {"finding": "findings", **dict(zip(same, same, strict=True))}
    whole: dict[str, Any] = {**start, **{name: [] for name in kinds.values()}, **end}
    for record in records:
        whole[kinds[record.pop("record")]].append(record)
    assert whole == as_json(report)


def test_a_view_shows_no_answers_unless_asked() -> None:
    assert View().suppressed is False
    assert view().suppressed is False


# ---- the page about them


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told")
    report_docs.project(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("command", "output"), [pytest.param(c, o, id=c) for c, o in report_docs.examples()])
def test_the_examples_in_the_docs_are_what_is_printed(told: Path, command: str, output: str) -> None:
    assert report_docs.steady(report_docs.printed(command, told)) == report_docs.steady(output)


def test_each_format_has_an_example_in_the_docs() -> None:
    text = report_docs.PAGE.read_text("utf-8")
    shown = " ".join(command for command, _ in report_docs.examples())
    assert all(f"| `{name}` |" in text for name in NAMES)
    assert all(f"--format {name}" in shown for name in NAMES if name not in ("text", "json", "diff"))
