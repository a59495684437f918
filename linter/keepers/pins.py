"""What in a project says that an npm older than 12 will install it: engines, CI files, Dockerfiles, Node versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..regexes import regex
from ..semver import parse_range, within
from .keeper import Project

_FILES = (
    ".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", ".circleci/config.yml",
    "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "Jenkinsfile", "Dockerfile", "*.Dockerfile",
    "Dockerfile.*", ".nvmrc", ".node-version",
)  # fmt: skip
_MAX = 1 << 20
_NPM = regex(r"\bnpm@[\^~v]?(\d+)")
_NODE = regex(r"(?:node[-_]version:\s*['\"\[]?\s*v?|\bnode:|^v?)(\d+)(?=[.\s'\",\]x-]|$)", re.MULTILINE)
# Up to Node 24 none comes with npm 12; of later ones nothing is claimed.
_LAST_OLD_NODE = 24


def old_npm(project: Project) -> list[str]:
    """What says so, each as a clause that names the place; [] when nothing does."""
    return [*_engines(project), *_in_files(project.root)]


def _engines(project: Project) -> Iterator[str]:
    wanted = project.word("engines", "npm")
    if wanted and _allows_old(wanted):
        yield f"package.json: engines.npm is {wanted!r}"
    manager = re.match(r"npm@(\d+)", project.word("packageManager"))
    if manager and int(manager[1]) < 12:
        yield f"package.json: packageManager is {project.word('packageManager')!r}"


def _allows_old(wanted: str) -> bool:
    try:
        parse_range(wanted)
    except ValueError:
        return False
    return not within(wanted, ">=12")


def _in_files(root: Path) -> Iterator[str]:
    for pattern in _FILES:
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root).as_posix()
            for number, what in _old(_text(path), bare=path.name in (".nvmrc", ".node-version")):
                yield f"{name}:{number} has {what}"


def _old(text: str, *, bare: bool) -> Iterator[tuple[int, str]]:
    npms = [(match.start(), int(match[1])) for match in _NPM.finditer(text)]
    for at, major in npms:
        if major < 12:
            yield text.count("\n", 0, at) + 1, f"npm {major}"
    if npms:  # whatever Node brings, npm is replaced
        return
    for match in _NODE.finditer(text):
        if int(match[1]) <= _LAST_OLD_NODE and (bare or not match[0].lstrip("v").isdecimal()):
            yield text.count("\n", 0, match.start()) + 1, f"Node {match[1]}, which brings an older npm"


def _text(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size <= _MAX:
            return path.read_text("utf-8", "replace")
    except OSError:
        pass
    return ""
