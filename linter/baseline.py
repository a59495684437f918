"""The findings a project had when it began to look: they do not count, so that each new one does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from .datatype import dataclass, replace
from .errors import ConfigError
from .finding import Finding, Report, Skipped, Suppressed
from .packages.disk import read as bytes_of

SCHEMA = "nodemend-baseline/1"
NAME = "nodemend-baseline.json"
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding as far as it stays the same when lines move and versions change; copies of a package share it."""

    package: str
    file: str  # as Finding.file
    symbol: str
    rule: str
    fingerprint: str  # what it is known by; the rest is for people
    reason: str = ""  # for people, and theirs to write


def read(path: Path) -> tuple[Entry, ...]:
    """The entries of a baseline file. Raises ConfigError."""
    data = bytes_of(path, str(path), _MOST_BYTES)
    if isinstance(data, Skipped):
        if data.reason == "vanished":
            raise ConfigError(f"{path}: no such baseline", hint="`nodemend baseline write` makes one")
        raise ConfigError(f"{path}: cannot be read: {data.detail or data.reason}", hint="a baseline is a file")
    hint = "`nodemend baseline write` makes a new one"
    try:
        whole: object = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not JSON: {error}", hint=hint) from None
    if not isinstance(whole, dict) or whole.get("schema") != SCHEMA or not isinstance(whole.get("findings"), list):
        raise ConfigError(f'{path}: not a baseline: "schema" must be "{SCHEMA}" and "findings" a list', hint=hint)
    return tuple(_entry(item, number, path) for number, item in enumerate(whole["findings"], 1))


def _entry(item: object, number: int, path: Path) -> Entry:
    names = [field.name for field in fields(Entry)]
    texts = {name: item.get(name, "") for name in names} if isinstance(item, dict) else {}
    if not texts.get("fingerprint") or not all(isinstance(text, str) for text in texts.values()):
        hint = f"an object of texts: {', '.join(names)}"
        raise ConfigError(f"{path}: entry {number} of the baseline has no fingerprint, or is no entry", hint=hint)
    return Entry(**texts)


def rendered(entries: Iterable[Entry]) -> bytes:
    """The file that holds these entries: sorted, one on a line, for people who compare two of them."""
    lines = ",\n".join(f"    {json.dumps(asdict(entry))}" for entry in sorted(entries))
    body = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "schema": "{SCHEMA}",\n  "findings": {body}\n}}\n'.encode()


def entries(findings: Iterable[Finding], known: Iterable[Entry], reason: str = "") -> tuple[Entry, ...]:
    """An entry for each finding; one that is known keeps its reason, a new one gets `reason`."""
    reasons = {entry.fingerprint: entry.reason for entry in known}
    found = {f.fingerprint: f for f in findings}
    return tuple(
        Entry(f.package, f.file, f.symbol, f.rule, mark, reasons.get(mark, reason)) for mark, f in found.items()
    )


def parted(report: Report, known: Iterable[Entry]) -> Report:
    """The report with the findings that are known among those that do not count."""
    reasons = {entry.fingerprint: entry.reason for entry in known}
    new = tuple(f for f in report.findings if f.fingerprint not in reasons)
    old = [Suppressed(f, reasons[f.fingerprint], "baseline") for f in report.findings if f.fingerprint in reasons]
    every = sorted([*report.suppressed, *old], key=lambda s: (s.finding.path, s.finding.span.start, s.finding.rule))
    return replace(report, findings=new, suppressed=tuple(every))


def stale(known: Iterable[Entry], report: Report, rules: Sequence[str]) -> tuple[Entry, ...]:
    """The entries that stand for nothing any more, as far as a scan of the whole project with these rules can judge.

    It cannot when the rule was not used, when findings of it were left out for the Node that is targeted, or when the
    file was skipped.
    """
    seen = {f.fingerprint for f in report.findings} | {s.finding.fingerprint for s in report.suppressed}
    unsure = {gated.rule for gated in report.gated}
    skipped = [f"/{skipped.path}" for skipped in report.skipped]
    return tuple(
        entry
        for entry in known
        if entry.fingerprint not in seen
        and entry.rule in rules
        and entry.rule not in unsure
        and not any(path.endswith(f"/{entry.file}") for path in skipped)
    )


def covers(targets: Iterable[str], file: Path) -> bool:
    """Whether a scan of these paths is one of the whole project: of a folder that the baseline file lies in."""
    inside = os.path.realpath(file)
    return any(inside.startswith(os.path.join(os.path.realpath(target), "")) for target in targets if target != "-")
