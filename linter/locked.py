"""What the lockfiles of npm, pnpm, Yarn and Bun say of the packages they lock: integrity, and where each is from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, cast

import yaml

from .datatype import dataclass, field
from .errors import InputError
from .json_text import Json
from .regexes import regex

Sort = Literal["npm", "pnpm", "yarn", "yarn-classic", "bun"]
Spec = tuple[str, str]  # name, version

# In the order in which they are looked for; npm reads the shrinkwrap first.
NAMES: Mapping[str, Sort] = {
    "npm-shrinkwrap.json": "npm", "package-lock.json": "npm", "pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn",
    "bun.lock": "bun", "bun.lockb": "bun",
}  # fmt: skip
_ELSEWHERE = regex(r"git[+:@]|file:|link:|github:|bitbucket:|gitlab:|workspace:|portal:")
_CLASSIC_VALUE = regex(r'  (version|resolved|integrity) "?([^"\n]*)"?')


@dataclass(frozen=True, slots=True)
class Locked:
    """A lockfile as read.

    `integrity` is as npm writes it (`sha512-…`), for packages that have one. `checksums` are those of Yarn's zips, in
    hex. `descriptors` are what asks for a package in Yarn, such as `ws@npm:^1.0.0`. `elsewhere` are packages that come
    from git, a folder or a file. `bundled` are the folders that came inside the package around them.
    """

    sort: Sort
    version: str = ""
    integrity: Mapping[Spec, str] = field(default_factory=dict)
    checksums: Mapping[Spec, str] = field(default_factory=dict)
    descriptors: Mapping[Spec, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: frozenset[Spec] = frozenset()
    bundled: frozenset[str] = frozenset()


def load(folder: Path) -> Locked | None:
    """The lockfile in a folder; None when there is none. InputError when it cannot be read."""
    for name, sort in NAMES.items():
        path = folder / name
        if path.is_file():
            try:
                return _read(path, sort)
            except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
                what = " ".join(str(error).split())[:120]
                raise InputError(f"{path}: cannot be read as a lockfile: {what}") from None
    return None


def _read(path: Path, sort: Sort) -> Locked:
    if path.name == "bun.lockb":
        return Locked("bun", "lockb")  # binary; `bun install --save-text-lockfile` makes it text
    text = path.read_text("utf-8")
    if sort == "npm":
        return _npm(_table(cast(Json, json.loads(text))))
    if sort == "bun":
        return _bun(_table(cast(Json, json.loads(re.sub(r",(?=\s*[}\]])", "", text)))))
    if sort == "yarn" and "\n__metadata:" not in f"\n{text}":
        return _classic(text)
    content = _table(cast(Json, yaml.load(text, yaml.CBaseLoader)))
    return _pnpm(content) if sort == "pnpm" else _berry(content)


def _npm(content: Mapping[str, Json]) -> Locked:
    integrity: dict[Spec, str] = {}
    elsewhere: set[Spec] = set()
    bundled: set[str] = set()
    for path, row in _rows(content.get("packages")):
        name = _text(row, "name") or path.rpartition("node_modules/")[2]
        spec = name, _text(row, "version")
        if row.get("inBundle"):
            bundled.add(path)
        elif row.get("link") or _ELSEWHERE.match(_text(row, "resolved")):
            elsewhere.add(spec)
        elif _text(row, "integrity"):
            integrity[spec] = _text(row, "integrity")
    number = content.get("lockfileVersion")
    return Locked("npm", str(number), integrity, elsewhere=frozenset(elsewhere), bundled=frozenset(bundled))


def _pnpm(content: Mapping[str, Json]) -> Locked:
    integrity: dict[Spec, str] = {}
    elsewhere: set[Spec] = set()
    for key, row in _rows(content.get("packages")):
        # 9.0: name@version; 6.0: /name@version(peers).
        name, _, version = key.removeprefix("/").partition("(")[0].rpartition("@")
        found = _text(_table(row.get("resolution")), "integrity")
        if found:
            integrity[name, version] = found
        else:
            elsewhere.add((name, _text(row, "version") or version))
    return Locked("pnpm", str(content.get("lockfileVersion", "")), integrity, elsewhere=frozenset(elsewhere))


def _berry(content: Mapping[str, Json]) -> Locked:
    checksums: dict[Spec, str] = {}
    descriptors: dict[Spec, tuple[str, ...]] = {}
    elsewhere: set[Spec] = set()
    for key, row in _rows(dict(content)):
        name, _, source = _text(row, "resolution").rpartition("@npm:")
        spec = name, _text(row, "version")
        if "@patch:" in key:
            continue
        if not name or "::" in source:
            elsewhere.add((_text(row, "resolution")[1:].partition("@")[0], spec[1]))
            continue
        descriptors[spec] = tuple(part.strip() for part in key.split(","))
        # 10c0/<hex>: what is before the slash is the version of Yarn's cache and how it compresses.
        checksums[spec] = _text(row, "checksum").rpartition("/")[2]
    version = _text(_table(content.get("__metadata")), "version")
    return Locked("yarn", version, {}, checksums, descriptors, frozenset(elsewhere))


def _classic(text: str) -> Locked:
    integrity: dict[Spec, str] = {}
    elsewhere: set[Spec] = set()
    for name, row in _paragraphs(text):
        spec = name, row.get("version", "")
        if _ELSEWHERE.match(row.get("resolved", "")):
            elsewhere.add(spec)
        elif "integrity" in row:
            integrity[spec] = row["integrity"]
    return Locked("yarn-classic", "1", integrity, elsewhere=frozenset(elsewhere))


def _paragraphs(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The name and the values of each entry of a lockfile of Yarn 1."""
    name, row = "", dict[str, str]()
    for line in [*text.replace("\r\n", "\n").split("\n"), "end:"]:
        if line[:1] not in ("", " ", "#"):
            if name:
                yield name, row
            first = line.strip('":').partition(",")[0].strip('"')
            alias = first.partition("@npm:")[2]
            name, row = (alias or first).rpartition("@")[0] or alias, {}
        elif found := _CLASSIC_VALUE.fullmatch(line):
            row[found[1]] = found[2]


def _bun(content: Mapping[str, Json]) -> Locked:
    integrity: dict[Spec, str] = {}
    elsewhere: set[Spec] = set()
    for row in _table(content.get("packages")).values():
        if not isinstance(row, list) or not row or not isinstance(row[0], str):
            continue
        name, _, version = row[0].rpartition("@")
        last = row[-1]
        if isinstance(last, str) and re.match(r"sha\d+-", last) and not _ELSEWHERE.match(version):
            integrity[name, version] = last
        else:
            elsewhere.add((name, version))
    return Locked("bun", str(content.get("lockfileVersion", "")), integrity, elsewhere=frozenset(elsewhere))


def _rows(value: Json) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for key, row in _table(value).items():
        if isinstance(row, dict) and key:
            yield key, row


def _table(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(row: Mapping[str, Json], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
