"""The lines of packages in pnpm-lock.yaml and yarn.lock (classic and berry), whose entries are laid out by line."""

from __future__ import annotations

from ..regexes import regex
from .installed import Lines

# `/a/1.0.0_peer@2:` (lockfile 5), `/a@1.0.0(peer@2):` (6), `a@1.0.0:` and `'@s/a@1.0.0(peer@2)':` (9).
_PNPM = regex(r"  ['\"]?/?(?P<name>(?:@[^/@]+/)?[^/@()'\"\s]+)[/@](?P<version>\d[^_()'\":\s]*)[^:\n]*:")
_NAME = regex(r"^\"?((?:@[^/@\s]+/)?[^@\s,\"]+)@")
_REAL = regex(r"^  resolution: \"((?:@[^/@\s]+/)?[^@\s]+)@")  # what an alias stands for
_VERSION = regex(r"^  version:? \"?([^\"\s]+)\"?")


def pnpm(text: str) -> Lines:
    """By name and version, as the entries of `packages:` are called."""
    known: dict[tuple[str, str], int] = {}
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] not in ("", " ", "#", "\r"):
            inside = line.startswith("packages:")
        elif inside and (found := _PNPM.match(line)):
            known.setdefault((found["name"], found["version"]), number)
    return lambda package: known.get((package.name, package.version))


def yarn(text: str) -> Lines:
    """By the name in an entry's first line, which asks for it by range, and the version in it."""
    known: dict[tuple[str, str], int] = {}
    name, version, at = "", "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if found := _NAME.match(line):
            name, at = found[1], number
        elif found := _VERSION.match(line):
            version = found[1]
            known.setdefault((name, version), at)
        elif found := _REAL.match(line):
            known.setdefault((found[1], version), at)
    return lambda package: known.get((package.name, package.version))
