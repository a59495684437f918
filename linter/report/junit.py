"""The report as JUnit XML: a test suite for each package, a failed test case for each finding."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..finding import Finding, Report, Skipped
from ..regexes import regex
from ..terminal import Paint, visible
from .copies import command, named, provenance
from .marks import ordered
from .summary import summary
from .view import View

# What XML 1.0 has no way to write, escaped or not.
_IMPOSSIBLE = regex("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> bytes:
    """The document. Errors and warnings are failures, notes are not; a crash of the analysis is an error.

    The suite `nodemend` has a case for the scan itself: some readers take a document without any case for a mistake.
    """
    suites = Element("testsuites", name="nodemend", time=f"{report.stats.seconds:.3f}")
    crashes = [skipped for skipped in report.skipped if skipped.reason == "crash"]
    _suite(suites, "nodemend", [_scan(report, view), *map(_crash, crashes)])
    by_package = sorted(ordered(report.findings), key=named)
    for name, findings in groupby(by_package, key=named):
        _suite(suites, name or "(no package)", [_case(finding, view) for finding in findings])
    for kind, tag in (("failures", "failure"), ("errors", "error")):
        suites.set(kind, str(len(suites.findall(f".//{tag}"))))
    suites.set("tests", str(len(suites.findall(".//testcase"))))
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'.encode()


def _suite(suites: Element, name: str, cases: Sequence[Element]) -> None:
    def count(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    suite = SubElement(
        suites, "testsuite", name=_clean(name), tests=str(len(cases)), failures=count("failure"), errors=count("error"),
        skipped="0", time="0",
    )  # fmt: skip
    suite.extend(cases)


def _scan(report: Report, view: View) -> Element:
    return _made("scan", "nodemend", "system-out", {}, summary(report, view, Paint(False)))


def _crash(skipped: Skipped) -> Element:
    told = {"type": "crash", "message": _clean(skipped.detail or skipped.reason)}
    return _made("scan", skipped.path, "error", told, [skipped.path])


def _case(finding: Finding, view: View) -> Element:
    place = f"{finding.path}:{finding.span.line}:{finding.span.column}"
    lines = [f"{finding.severity}: {finding.message}", place, *provenance(finding)]
    lines += [f"{n}. {hop.role}: {hop.path}:{hop.span.line}: {hop.text}" for n, hop in enumerate(finding.trace, 1)]
    lines += [f"fix: {fix}"] if (fix := command([finding])) else []
    told = {"type": _clean(finding.rule), "message": _clean(finding.message)}
    tag = "system-out" if finding.severity == "note" else "failure"
    case = _made(finding.rule, place, tag, told if tag == "failure" else {}, lines)
    case.set("file", _clean(view.below(finding.path) or finding.path))
    return case


def _made(classname: str, name: str, tag: str, told: dict[str, str], lines: Sequence[str]) -> Element:
    case = Element("testcase", classname=_clean(classname), name=_clean(name), time="0")
    SubElement(case, tag, told).text = "\n".join(_clean(line) for line in lines)
    return case


def _clean(text: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", visible(text))
