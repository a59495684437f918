"""What the rules find in the popular packages: a fixed list of exact versions from npm."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from linter.library import check
from linter.rule import Rule, load_rules
from linter.sets import selected
from tests import npm

POPULAR = npm.ROOT / "fixtures" / "noise" / "popular.json"
KINDS = ("server", "client", "library", "cli", "bundle", "compiled")


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    kind: str  # one of KINDS: what it is to people, which tells what code to expect in it

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding in one popular package."""

    rule: str
    package: str  # name@version
    file: str
    line: int
    snippet: str
    safety: str  # of its fix; "none" without one


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of one package: hits, findings that its own engines gate away, and files that were given up."""

    package: Package
    hits: tuple[Hit, ...]
    files: int
    gated: int
    given_up: tuple[str, ...]  # FILE: reason, for crashes and exceeded budgets


def popular(path: Path = POPULAR) -> list[Package]:
    return [Package(row["name"], row["version"], row["kind"]) for row in json.loads(path.read_text("utf8"))]


def scan(
    packages: Sequence[Package], select: Sequence[str], folders: Sequence[Path], jobs: int = 1
) -> Iterator[Scanned]:
    """Each package by itself, as a user would scan its tarball: judged for the Node that its own engines name.

    Raises npm.NpmError when one cannot be fetched.
    """
    tarballs = npm.fetch_all((package.name, package.version) for package in packages)
    work = partial(_scanned, select=tuple(select), folders=tuple(folders))
    if jobs < 2:
        yield from map(work, packages, tarballs)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(work, packages, tarballs)


def chosen(select: Sequence[str], folders: Sequence[Path]) -> tuple[Rule, ...]:
    return selected(load_rules(folders), select)


def _scanned(package: Package, tarball: Path, *, select: Sequence[str], folders: Sequence[Path]) -> Scanned:
    report = check(tarball, rules=chosen(select, folders))
    return Scanned(
        package,
        tuple(
            Hit(f.rule, str(package), f.file, f.span.line, f.snippet.strip(), str(f.fix.safety) if f.fix else "none")
            for f in report.findings
        ),
        files=report.stats.files,
        gated=sum(gated.count for gated in report.gated),
        given_up=tuple(
            f"{skipped.path.removeprefix(f'{tarball}/')}: {skipped.reason}"
            for skipped in report.skipped
            if skipped.reason in ("crash", "too-deep", "too-slow", "unsafe-fix", "waiting")
        ),
    )
