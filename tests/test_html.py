"""The HTML report: whole, readable by everyone, and closed to whatever a file name or code may try."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from linter.edit import Edit, Fix, Safety
from linter.finding import Finding, Gated, Report, Severity, Skipped, Suppressed
from linter.report.html import graph, listing
from linter.report.html.highlight import highlighted
from linter.report.html.markup import Markup, deferred, element, escape
from linter.source import Source
from tests.chromium import CHROMIUM, Chromium
from tests.test_report import CODE, all_of, finding, show

ATTACKS = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "' onfocus='document.title=`owned`' autofocus='",
    "</style></script><script>document.title='owned'</script><!--",
    "]]>-->javascript:document.title='owned'",
    "</title><base href=//x.invalid/><meta http-equiv=refresh content=0;url=//x.invalid>",
    "&lt;script&gt; &#x3c;b> \u202e\u2028\0\x1b[31m",
)
EVIL = "".join(ATTACKS)
STATED = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p", "main", "section", "div",
    "table", "thead", "tbody", "tr", "th", "td", "button", "label", "input", "select", "option", "article", "details",
    "summary", "span", "code", "dl", "dt", "dd", "i", "mark", "svg", "g", "rect", "text", "path", "ol", "ul", "li", "b",
    "del", "ins", "footer", "script",
}  # fmt: skip


class Reader(HTMLParser):
    """Every element with its attributes; complains about one that is closed wrongly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.parts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs))
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._open and self._open[-1] in ("style", "script"):
            self.parts[self._open[-1]] = data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(report: Report, **changed: Any) -> Reader:
    return Reader(show(report, "html", **changed))


def evil() -> tuple[Report, dict[str, Any]]:
    """A report in which every name, message and line of code attacks, with a fix whose diff can be shown."""
    code = EVIL.replace("\0", "").replace("\u2028", "").encode()
    whole = all_of(EVIL)
    made = finding(f"{EVIL.replace('/', '|')}/a.js", code=b"req.head = head; // head)req);\n};" + code, message=EVIL)
    fix = Fix((Edit(0, 3, code),), Safety.SUGGESTED, EVIL)
    return Report((*whole.findings, made, finding(fix=fix, message=EVIL)), (), whole.skipped, whole.gated), {
        "read": lambda _: code + CODE
    }


def many(count: int) -> tuple[Finding, ...]:
    severities: tuple[Severity, ...] = ("error", "warning", "note")
    return tuple(
        finding(f"p{n}/a.js", message=f"`m{n}` is kept", package=f"p{n % 40}", severity=severities[n % 3])
        for n in range(count)
    )


# ---- what is in the page


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(Report(), id="nothing"),
        pytest.param(Report((finding(),)), id="one finding"),
        pytest.param(Report(many(12)), id="many"),
        pytest.param(evil()[0], id="hostile"),
    ],
)
def test_the_page_is_whole(report: Report) -> None:
    read = page(report)
    assert {name for name, _ in read.elements} <= STATED
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [name for name, _ in read.elements].count("h1") == 1


def test_nothing_in_a_report_becomes_an_element_or_an_attribute() -> None:
    report, changed = evil()
    read, plain = page(report, **changed), page(report, read=lambda _: None)
    for shown in (read, plain):
        assert len(shown.of("script")) == len(shown.of("style")) == 1
        assert {name for name, _ in shown.elements} <= STATED
        for _, attributes in shown.elements:
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcdoc")]
            assert (attributes.get("href") or "#").startswith("#")
    text = "".join(read.texts)
    assert "<img src=x onerror=" in text
    assert not re.search("[\0\x1b\u202e\u2028]", text)


def test_only_our_own_style_and_script_are_let_run() -> None:
    read = page(Report((finding(),)))
    metas = read.of("meta")
    policy = metas[1]["content"] or ""
    assert metas[1]["http-equiv"] == "Content-Security-Policy"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for part in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(read.parts[part].encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in policy
        assert not re.search(r"url\(|https?:|//\w|@import|innerHTML|eval", read.parts[part])


def test_a_finding_has_its_code_its_trace_its_diff_and_its_command() -> None:
    text = show(Report((finding(),)), "html")
    assert "<mark>req.head = head</mark>;" in text
    assert text.count('<g class="step ') == 2
    assert '<ins>  <i class="k">delete</i> req.head;</ins>' in text
    assert '<p class="command"><code>nodemend fix lib/manager.js</code><button' in text
    assert "The head is a slice. It pins a slab." in text


def test_copies_are_one_entry_and_the_worst_come_first() -> None:
    copies = tuple(finding(f"node_modules/{name}/m.js") for name in "abc")
    read = page(Report((finding("note.js", severity="note", package="other"), *copies)))
    assert [article["data-severity"] for article in read.of("article")] == ["error", "note"]
    assert "upgrade-head-retained · socket.io@0.9.13 · lib/manager.js:4, 3 copies" in read.texts


def test_the_page_says_what_was_not_analysed() -> None:
    skipped = tuple(Skipped(f"s{n}.js", "binary") for n in range(510))
    known = (Suppressed(finding("known.js"), "it is <ours>", "baseline", "2030-01-31"),)
    texts = page(Report((), (), skipped, (Gated("a", "<4", 3, "why"),), suppressed=known)).texts
    assert "Not reported: 1 suppressed or in the baseline, 510 skipped or partly so, 1 gated" in texts
    assert ", baseline: it is <ours> (until 2030-01-31)" in texts
    assert "and 10 more" in texts
    assert "Nothing found." in texts


@pytest.mark.parametrize("read", [lambda _: None, lambda _: b"changed\n"], ids=["gone", "changed"])
def test_a_file_that_cannot_be_read_again_is_shown_by_its_line(read: Any) -> None:
    text = show(Report((finding(),)), "html", read=read)
    assert "<td>4</td><td>\t<mark>req.head = head</mark>;</td>" in text
    assert 'class="diff"' not in text


# ---- its parts


def test_escape_leaves_nothing_to_a_parser() -> None:
    assert escape("<a b='c' d=\"e\">&\x1b\t") == "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;\\x1b\t"
    assert element("p", {"class": "\"'<", "hidden": True, "id": None}, "<b>", Markup("<i></i>"), ["&"]) == (
        '<p class="&quot;&#39;&lt;" hidden>&lt;b&gt;<i></i>&amp;</p>'
    )


@pytest.mark.parametrize(
    "line",
    ["var a = 'b' + \"c\" + `d`; // e", "/* a", "'open", "a.new.delete", "x = /'/; y = '", "1.5e3 0xff", "", "漢'😀'"],
)
@pytest.mark.parametrize("marked", [None, (0, 3), (2, 9)], ids=["plain", "start", "middle"])
def test_highlighting_changes_no_text(line: str, marked: tuple[int, int] | None) -> None:
    read = Reader(f"<p>{highlighted(line, marked)}</p>")
    assert "".join(read.texts) == line
    assert {tag for tag, _ in read.elements} <= {"p", "i", "mark"}


def test_a_minified_line_is_cut_around_what_is_found() -> None:
    code = b"x;" * 500_000 + b"keeps;" + b"y;" * 500_000
    span = Source("a.js", code).span(1_000_000, 1_000_005)
    text = str(listing.source(code.decode().split("\n"), span))
    assert "<mark>keeps</mark>" in text
    assert len(text) < 1000


def test_columns_are_utf_16() -> None:
    code = "a = '😀'; keeps;".encode()
    span = Source("a.js", code).span(code.index(b"keeps"), code.index(b"keeps") + 5)
    assert "<mark>keeps</mark>" in str(listing.source([code.decode()], span))


def test_a_long_trace_is_drawn_in_part() -> None:
    drawn = str(graph.graph(finding().trace * 20))
    assert drawn.count("<rect") == 14
    assert ">26 more steps<" in drawn
    assert drawn.count('class="arrow"') == 14


def test_a_diff_side_by_side() -> None:
    read = Reader(listing.compared("--- a/x\n+++ b/x\n@@ -3,3 +3,3 @@\n a\n-b\n-c\n+d\n e\n@@ -9 +8 @@\n-y\n+z\n"))
    rows: list[str] = re.split(r"\n", "\n".join(read.texts))
    assert rows == ["3", "a", "3", "a", "4", "b", "4", "d", "5", "c", "6", "e", "5", "e", "...", "9", "y", "8", "z"]


def colours(scheme: str) -> dict[str, str]:
    text = (Path(listing.__file__).parent / "style.css").read_text()
    light, _, rest = text.partition("@media (prefers-color-scheme: dark)")
    return dict(re.findall(r"--(\w+): (#\w+)", light if scheme == "light" else rest.partition("\n}")[0]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def pairs() -> Iterator[tuple[str, str, str]]:
    for scheme in ("light", "dark"):
        for on in ("page", "card", "soft", "hit"):
            yield from ((scheme, of, on) for of in ("text", "dim", "word", "string", "number", "comment"))
        yield from ((scheme, of, on) for of in ("error", "warning", "note", "good", "link") for on in ("card", "soft"))
        yield from ((scheme, of, on) for of in ("text", "word", "string", "number", "comment") for on in ("ins", "del"))
        yield from ((scheme, of, "mark") for of in ("text",))


@pytest.mark.parametrize(("scheme", "of", "on"), [*pairs()])
def test_text_can_be_read_on_its_ground(scheme: str, of: str, on: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1."""
    palette = colours(scheme)
    lighter, darker = sorted((luminance(palette[of]), luminance(palette[on])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_entries_far_down_are_made_when_they_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linter.report.html.findings._AT_ONCE", 0)
    report, changed = evil()
    text = show(report, "html", **changed)
    held = re.findall(r'<script type="text/html">(.*?)</script>', text, re.DOTALL)
    assert len(held) == text.count("<article") == 3
    for part in held:
        read = Reader(part)
        assert {name for name, _ in read.elements} <= STATED - {"script", "style"}
        assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    with pytest.raises(ValueError, match="deferred"):
        deferred(Markup("<p></script></p>"))


# ---- in a browser

browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Chromium]:
    with Chromium(tmp_path / "profile") as opened:
        yield opened


def shown(tmp_path: Path, report: Report, **changed: Any) -> Path:
    path = tmp_path / "report.html"
    path.write_text(show(report, "html", **changed), "utf-8")
    return path


def trouble(chromium: Chromium, path: Path) -> list[dict[str, Any]]:
    """Requests but for the page itself, messages of the console, exceptions and dialogs."""
    loud = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening")
    return [
        event
        for event in chromium.events
        if event["method"] in loud
        or (event["method"] == "Network.requestWillBeSent" and event["params"]["request"]["url"] != path.as_uri())
    ]


@browser
@pytest.mark.slow
def test_hostile_names_and_code_do_nothing_in_a_browser(tmp_path: Path, chromium: Chromium) -> None:
    report, changed = evil()
    path = shown(tmp_path, report, **changed)
    chromium.open(path)
    chromium.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert chromium.evaluate("document.title") == "nodemend report"
    assert chromium.evaluate("document.querySelectorAll('script, img, base, iframe, svg svg').length") == 1
    assert chromium.evaluate("document.querySelectorAll('article').length") == 3
    assert trouble(chromium, path) == []


@browser
@pytest.mark.slow
def test_a_script_that_is_not_ours_is_not_run(tmp_path: Path, chromium: Chromium) -> None:
    path = shown(tmp_path, Report((finding(),)))
    path.write_text(path.read_text().replace("<h1>", f"{ATTACKS[0]}{ATTACKS[1]}<h1>"))
    chromium.open(path)
    chromium.evaluate("new Promise(done => setTimeout(done, 100))")
    assert chromium.evaluate("document.title") == "nodemend report"
    assert chromium.evaluate("document.querySelectorAll('img').length") == 1
    told = [event["params"]["entry"]["text"] for event in chromium.events if event["method"] == "Log.entryAdded"]
    assert len([text for text in told if "Content Security Policy" in text]) >= 2


@browser
@pytest.mark.slow
def test_the_page_by_keyboard(tmp_path: Path, chromium: Chromium) -> None:
    path = shown(tmp_path, Report(many(30)))
    chromium.open(path)
    assert chromium.evaluate("document.getElementById('shown').textContent").startswith("30 of 30 shown")
    chromium.press("Tab", 9)
    assert chromium.evaluate("document.activeElement.className") == "skip"
    chromium.evaluate("document.querySelector('summary').focus()")
    chromium.press("Enter", 13)
    assert chromium.evaluate("document.querySelector('article details').open") is True
    chromium.evaluate("document.querySelector('.copy').focus()")
    chromium.press("Enter", 13)
    chromium.evaluate("new Promise(done => setTimeout(done, 300))")
    assert chromium.evaluate("document.getElementById('said').textContent") != ""
    chromium.evaluate("document.getElementById('search').focus()")
    for letter in "m17":
        chromium.press(letter, ord(letter.upper()))
    chromium.evaluate("new Promise(done => setTimeout(done, 400))")
    assert chromium.evaluate("document.querySelectorAll('article:not([hidden])').length") == 1
    chromium.evaluate("document.getElementById('reset').click()")
    chromium.evaluate("document.querySelector('button.only[data-value=p3]').click()")
    assert chromium.evaluate("document.querySelectorAll('article:not([hidden])').length") == 1
    assert trouble(chromium, path) == []


@browser
@pytest.mark.slow
def test_the_page_for_a_screen_reader(tmp_path: Path, chromium: Chromium) -> None:
    path = shown(tmp_path, Report(many(3)))
    chromium.open(path)
    chromium.evaluate("document.querySelector('article details').open = true")
    nodes = chromium.call("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]}
    for role in ("button", "combobox", "searchbox", "image", "region", "columnheader", "rowheader"):
        names = [name for own, name in named if own == role]
        assert names, role
        assert all(names), role
    assert ("heading", "nodemend report") in named
    assert ("button", "Copy the command nodemend fix p0/a.js") in named
    assert {"banner", "main", "contentinfo"} <= {role for role, _ in named}


@browser
@pytest.mark.slow
@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 480), ("dark", 480)],
    ids=["light", "dark", "narrow", "narrow and dark"],
)  # fmt: skip
def test_the_page_fits_its_window(tmp_path: Path, chromium: Chromium, scheme: str, width: int) -> None:
    path = shown(tmp_path, Report((finding("a/" * 90 + "a.js"), *many(3))))
    chromium.open(path)
    chromium.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    image = tmp_path / f"{scheme}-{width}.png"
    chromium.screenshot(image, width=width, height=1600, scheme=scheme)
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    ground = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == f"rgb{tuple(bytes.fromhex(colours(scheme)['page'][1:]))}"
    assert image.stat().st_size > 10_000


@browser
@pytest.mark.slow
def test_five_thousand_findings(tmp_path: Path, chromium: Chromium) -> None:
    path = shown(tmp_path, Report(many(5000)))
    assert path.stat().st_size < 40 << 20
    chromium.open(path)
    chromium.evaluate("document.getElementById('search').value = 'm4321'")
    chromium.evaluate("document.getElementById('search').dispatchEvent(new Event('input'))")
    chromium.evaluate("new Promise(done => setTimeout(done, 1000))")
    assert chromium.evaluate("document.querySelectorAll('article:not([hidden])').length") == 1
    last = "document.querySelector('article:not([hidden])')"
    assert chromium.evaluate(f"{last}.querySelectorAll('svg, script').length") == 1
    chromium.evaluate(f"{last}.querySelector('details').open = true")
    chromium.evaluate("new Promise(done => setTimeout(done, 300))")
    assert chromium.evaluate(f"{last}.querySelectorAll('svg rect').length") == 2
    assert chromium.evaluate(f"{last}.querySelectorAll('script').length") == 0
    assert trouble(chromium, path) == []
