"""Results as JSON and back. What comes back has the shape that was written, or it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar, cast

from ..datatype import dataclass
from ..edit import Edit, Fix, Safety
from ..finding import REASONS, SEVERITIES, Finding, Gated, Hop, Omitted, Report, Severity, Skipped, Span, Stats
from ..packages import File
from ..work import Work

Json: TypeAlias = "list[Json] | str | int | None"
Name = Callable[[str], str]
T = TypeVar("T")

_ROLES = ("enters", "kept", "passed", "leaves", "note")
_NEEDED = ("production", "development", "")
_BY = ("packages", "production", "paths")


class ShapeError(Exception):
    """What was kept is not what was written: it counts as not kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON list read item by item, each of the kind that is expected."""

    items: list[Json]

    @classmethod
    def of(cls, value: object, length: int = -1) -> Row:
        if not isinstance(value, list) or length not in (-1, len(value)):
            raise ShapeError
        return cls(value)

    def text(self, at: int) -> str:
        value = self.items[at]
        if not isinstance(value, str):
            raise ShapeError
        return value

    def number(self, at: int) -> int:
        value = self.items[at]
        if type(value) is not int or value < -1:
            raise ShapeError
        return value

    def one_of(self, at: int, known: Iterable[str]) -> str:
        value = self.text(at)
        if value not in known:
            raise ShapeError
        return value

    def each(self, at: int, read: Callable[[object], T]) -> tuple[T, ...]:
        return tuple(read(item) for item in Row.of(self.items[at]).items)

    def texts(self, at: int) -> tuple[str, ...]:
        inner = Row.of(self.items[at])
        return tuple(inner.text(number) for number in range(len(inner.items)))


def dumped(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def loaded(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ShapeError from None


def work_written(work: Work, files: Iterable[File]) -> bytes:
    """What became of a package, told of its files by their paths in it; empty when it speaks of any other file."""
    inside = {file.path: file.file for file in files}
    try:
        return dumped([
            [_finding(finding, inside.__getitem__) for finding in work.findings],
            [skipped_written(skipped, inside.__getitem__) for skipped in work.skipped],
            [_gated(gated) for gated in work.gated],
            work.parsed,
        ])  # fmt: skip
    except KeyError:
        return b""


def work_read(data: bytes, files: Iterable[File]) -> Work:
    """The same for a package with these files. Raises ShapeError."""
    row = Row.of(loaded(data), 4)
    name = {file.file: file.path for file in files}.__getitem__
    try:
        return Work(
            findings=row.each(0, lambda item: _finding_of(item, name)),
            skipped=row.each(1, lambda item: skipped_of(item, name)),
            gated=row.each(2, _gated_of),
            parsed=row.number(3),
        )
    except KeyError:
        raise ShapeError from None


def report_written(report: Report) -> bytes:
    """A report without patches and profile."""
    stats = report.stats
    return dumped([
        [_finding(finding, _same) for finding in report.findings],
        [skipped_written(skipped) for skipped in report.skipped],
        [_gated(gated) for gated in report.gated],
        [[omitted.by, omitted.count] for omitted in report.omitted],
        [stats.packages, stats.files, stats.bytes, stats.parsed, stats.duplicates],
    ])  # fmt: skip


def report_read(data: bytes) -> Report:
    """Raises ShapeError."""
    row = Row.of(loaded(data), 5)
    stats = Row.of(row.items[4], 5)
    return Report(
        findings=row.each(0, lambda item: _finding_of(item, _same)),
        skipped=row.each(1, skipped_of),
        gated=row.each(2, _gated_of),
        omitted=row.each(3, _omitted_of),
        stats=Stats(stats.number(0), stats.number(1), stats.number(2), stats.number(3), stats.number(4)),
    )


def _same(path: str) -> str:
    return path


def skipped_written(one: Skipped, name: Name = _same) -> Json:
    return [name(one.path), one.reason, one.detail]


def skipped_of(item: object, name: Name = _same) -> Skipped:
    row = Row.of(item, 3)
    return Skipped(name(row.text(0)), row.one_of(1, REASONS), row.text(2))


def _gated(one: Gated) -> Json:
    return [one.rule, one.node, one.count, one.outside]


def _gated_of(item: object) -> Gated:
    row = Row.of(item, 4)
    return Gated(row.text(0), row.text(1), row.number(2), row.text(3))


def _omitted_of(item: object) -> Omitted:
    row = Row.of(item, 2)
    row.one_of(0, _BY)
    return Omitted(row.text(0), row.number(1))  # type: ignore[arg-type]  # which was looked at


def _finding(one: Finding, name: Name) -> Json:
    return [
        one.rule, one.severity, one.category, one.message, one.package, one.version, name(one.path), one.file,
        _span(one.span), one.snippet, [_hop(hop, name) for hop in one.trace], _fix(one.fix), one.fingerprint,
        one.symbol, one.node, [*one.chain], one.needed, one.fixed_in,
    ]  # fmt: skip


def _finding_of(item: object, name: Name) -> Finding:
    row = Row.of(item, 18)
    return Finding(
        rule=row.text(0),
        severity=cast("Severity", row.one_of(1, SEVERITIES)),
        category=row.text(2),
        message=row.text(3),
        package=row.text(4),
        version=row.text(5),
        path=name(row.text(6)),
        file=row.text(7),
        span=_span_of(row.items[8]),
        snippet=row.text(9),
        trace=row.each(10, lambda hop: _hop_of(hop, name)),
        fix=_fix_of(row.items[11]),
        fingerprint=row.text(12),
        symbol=row.text(13),
        node=row.text(14),
        chain=row.texts(15),
        needed=row.one_of(16, _NEEDED),  # type: ignore[arg-type]  # which was looked at
        fixed_in=row.text(17),
    )


def _span(span: Span) -> Json:
    return [span.start, span.end, span.line, span.column, span.end_line, span.end_column]


def _span_of(item: object) -> Span:
    row = Row.of(item, 6)
    return Span(*(row.number(at) for at in range(6)))


def _hop(hop: Hop, name: Name) -> Json:
    return [hop.role, hop.text, name(hop.path), _span(hop.span), hop.snippet]


def _hop_of(item: object, name: Name) -> Hop:
    row = Row.of(item, 5)
    role = row.one_of(0, _ROLES)
    return Hop(role, row.text(1), name(row.text(2)), _span_of(row.items[3]), row.text(4))  # type: ignore[arg-type]


def _fix(fix: Fix | None) -> Json:
    if fix is None:
        return None
    edits: list[Json] = [[edit.start, edit.end, edit.text.decode("latin-1")] for edit in fix.edits]
    return [edits, fix.safety.value, fix.why]


def _fix_of(item: object) -> Fix | None:
    if item is None:
        return None
    row = Row.of(item, 3)
    try:
        return Fix(row.each(0, _edit_of), Safety(row.number(1)), row.text(2))
    except ValueError:
        raise ShapeError from None


def _edit_of(item: object) -> Edit:
    row = Row.of(item, 3)
    try:
        return Edit(row.number(0), row.number(1), row.text(2).encode("latin-1"))
    except UnicodeEncodeError:
        raise ShapeError from None
