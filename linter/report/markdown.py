"""The report as Markdown for a pull-request comment or a job summary, within the length that GitHub takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..finding import SEVERITIES, Finding, Report
from ..regexes import regex
from ..terminal import Paint, visible
from .anchor import anchored
from .copies import command, grouped, named, provenance
from .diff import of_finding
from .summary import summary
from .view import View

LONGEST = 65_536  # of a comment, in characters; counted in bytes here, which is never less
_SPARE = 400  # bytes for the line that says what is left out
_SHOWN = 60  # lines of a diff
_SPECIAL = regex(r"([\\`*_{}\[\]<>#|~&^$])")
_BLOCK = regex(r"^(\s*\d*)([-+=:.)])")  # what begins a list, a heading or a table at the start of a line
# Within plain text these would call somebody, point to an issue or become a link.
_CALLS = regex(r"@|#(?=\d)|://|www(?=\.)")
_RUNS = regex("`+")
_HEADING = "## nodemend"


def render(report: Report, view: View) -> bytes:
    """A summary, a table of packages, then each finding folded up, worst first; what does not fit is counted."""
    groups = sorted(grouped(report.findings), key=lambda group: SEVERITIES.index(group[0].severity))
    *notes, count = summary(report, view, Paint(False))
    head = "\n\n".join([_HEADING, f"**{plain(count)}**", *_table(report.findings)])
    whole, shown = [head], 0
    size = len(head.encode("utf-8", "replace"))
    for group in groups:
        text = _finding(group, view)
        size += len(text.encode("utf-8", "replace")) + 2
        if size > LONGEST - _SPARE:
            break
        whole.append(text)
        shown += 1
    if shown < len(groups):
        whole.append(f"_{len(groups) - shown} more do not fit here: `nodemend check` shows them._")
    told = [plain(note.strip()) for note in notes if note]
    for note in told:
        size += len(note.encode("utf-8", "replace")) + 2
        if size > LONGEST - _SPARE:
            break
        whole.append(note)
    return ("\n\n".join(whole) + "\n").encode("utf-8", "replace")


def _table(findings: Sequence[Finding]) -> list[str]:
    """The packages with the most findings, one a row."""
    if not findings:
        return []
    counts: dict[str, list[int]] = {}
    for finding in findings:
        row = counts.setdefault(named(finding) or "(no package)", [0] * len(SEVERITIES))
        row[SEVERITIES.index(finding.severity)] += 1
    rows = sorted(counts.items(), key=lambda item: ([-number for number in item[1]], item[0]))
    lines = [f"| package | {' | '.join(SEVERITIES)} |", f"|---|{'--:|' * len(SEVERITIES)}"]
    lines += [f"| {code(name, cell=True)} | {' | '.join(str(n or '') for n in row)} |" for name, row in rows[:20]]
    more = [f"_and {len(rows) - 20} more packages_"] if len(rows) > 20 else []
    return ["\n".join(lines), *more]


def _finding(copies: Sequence[Finding], view: View) -> str:
    finding = copies[0]
    anchor = anchored(finding, view)
    title = f"{finding.severity} <b>{_html(finding.rule)}</b> in <code>{_html(named(finding) or finding.path)}</code>"
    lines = [spans(finding.message), ""]
    lines += [f"- {code(f'{copy.path}:{copy.span.line}:{copy.span.column}')}" for copy in copies[:5]]
    lines += [f"- and {len(copies) - 5} copies more"] if len(copies) > 5 else []
    if anchor.elsewhere:
        lines.append(f"- brought in by {code(f'{anchor.path}:{anchor.line}')}")
    lines += [f"- {code(line)}" for line in provenance(finding)]
    lines.append("")
    for number, hop in enumerate(finding.trace, 1):
        lines.append(f"{number}. {hop.role}: {spans(hop.text)} ({code(f'{hop.path}:{hop.span.line}')})")
    lines += ["", *_mending(copies, view)]
    body = "\n".join(lines)
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _mending(copies: Sequence[Finding], view: View) -> Iterator[str]:
    fix = command(copies)
    if fix:
        yield f"Fix ({copies[0].fix.safety if copies[0].fix else ''}): {code(fix)}"
        yield ""
    diff = of_finding(copies[0], view)
    if diff is not None:
        text = ["\t".join(map(visible, line.split("\t"))) for line in diff.decode("utf8", "replace").split("\n")[:-1]]
        text = [*text[:_SHOWN], "..."] if len(text) > _SHOWN else text
        fence = "`" * max([3, *(len(run) + 1 for line in text for run in _RUNS.findall(line))])
        yield f"{fence}diff"
        yield from text
        yield fence


def plain(text: str) -> str:
    """Text in which nothing is markup, a link, a mention or a reference."""
    escaped = _BLOCK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", visible(text)))
    return _CALLS.sub(lambda found: f"{found[0][0]}\u200b{found[0][1:]}", escaped)


def code(text: str, *, cell: bool = False) -> str:
    """Text as a code span, in which nothing is markup either. In the cell of a table a bar would end the cell."""
    shown = visible(text).replace("|", "\\|") if cell else visible(text)
    if not shown.strip():
        return "` `"
    fence = "`" * (max((len(run) for run in _RUNS.findall(shown)), default=0) + 1)
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{space}{shown}{space}{fence}"


def spans(text: str) -> str:
    """Text with code between backticks, as messages have it, everything in it escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick of its own: no way to tell what is code
        return plain(text)
    return "".join(code(part) if odd % 2 else plain(part) for odd, part in enumerate(parts) if part)


def _html(text: str) -> str:
    """Text inside of an HTML element, in a block that holds no Markdown."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
