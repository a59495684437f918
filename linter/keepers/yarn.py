"""Yarn 2 and later: an entry in `resolutions` for each descriptor that the lockfile has of the package."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

from ..datatype import dataclass
from ..errors import ConfigError, InputError
from ..json_text import with_value, without
from ..regexes import regex
from .keeper import Copy, Kept, Project, Unit

_FOLDER = ".yarn/patches"
_PATCH = regex(r"patch:(?P<name>(?:@[^/]+/)?[^@]+)@(?P<source>[^#]+)#(?:~/)?(?P<path>[^:#&]+)")


@dataclass(frozen=True, slots=True)
class Yarn:
    name: str = "yarn"
    install: str = "yarn install"

    @property
    def anew(self) -> str:
        return self.install

    def unit(self, copy: Copy) -> Unit:
        if copy.bundled:
            raise InputError(f"{copy.at}: came inside of another package, where Yarn patches nothing")
        return Unit(copy.name, copy.version)

    def place(self, unit: Unit) -> str:
        digest = hashlib.sha512(f"{unit.name}@npm:{unit.version}".encode()).hexdigest()[:10]
        return f"{_FOLDER}/{unit.name.replace('/', '-')}-npm-{unit.version}-{digest}.patch"

    def kept(self, project: Project) -> list[Kept]:
        found: dict[str, Kept] = {}
        for value in _references(project).values():
            match = _PATCH.match(value)
            if match is None or match["path"].startswith("builtin"):
                continue
            version = unquote(match["source"]).partition("npm:")[2]
            path = match["path"].removeprefix("./")
            found[path] = Kept(Unit(match["name"], version), path, project.read(path))
        for file in sorted((project.root / _FOLDER).glob("*.patch")):
            path = file.relative_to(project.root).as_posix()
            spec = re.fullmatch(r"(@[^-]+-)?(.+)-npm-(\d+\.\d+\.\d+.*)-[0-9a-f]{10}\.patch", file.name)
            if path not in found and spec:
                name = f"{spec[1][:-1]}/{spec[2]}" if spec[1] else spec[2]
                found[path] = Kept(Unit(name, spec[3]), path, project.read(path), registered=False)
        return list(found.values())

    def registered(self, project: Project, add: Sequence[Kept], remove: Sequence[Kept]) -> Mapping[str, bytes | None]:
        text = project.text
        for item in remove:
            for key, value in project.table("resolutions").items():
                if isinstance(value, str) and _is_for(value, item):
                    text = without(text, ("resolutions", key))
        for item in add:
            for descriptor in self._descriptors(project, item, remove):
                text = with_value(text, ("resolutions", descriptor), reference(item))
        return {"package.json": text.encode()} if text != project.text else {}

    def objection(self, lines: Sequence[bytes]) -> str:
        # Yarn writes LF for every line that a hunk holds.
        if any(b"\r" in line for line in lines):
            return "its lines end in CRLF, for which Yarn would write LF"
        return ""

    def _descriptors(self, project: Project, item: Kept, remove: Sequence[Kept]) -> list[str]:
        """What asks for this version: in Yarn a resolution is for one descriptor, and says nothing of another."""
        taken = {
            key: value for key, value in project.table("resolutions").items()
            if not any(isinstance(value, str) and _is_for(value, gone) for gone in remove)
        }  # fmt: skip
        already = [key for key, value in taken.items() if value == reference(item)]
        asked = project.locked.descriptors.get((item.unit.name, item.unit.version), ()) if project.locked else ()
        for descriptor in asked:
            if item.unit.name in taken or (descriptor in taken and taken[descriptor] != reference(item)):
                raise ConfigError(
                    f"package.json: resolutions already say what {item.unit.name} is",
                    hint="take that entry out, or patch by hand what it names",
                )
        if not already and not asked:
            hint = "run yarn install, so that yarn.lock has it"
            raise ConfigError(f"yarn.lock: nothing asks for {item.unit} from the registry", hint=hint)
        return list(dict.fromkeys([*already, *asked]))


def reference(item: Kept) -> str:
    """What Yarn is to take for a patched package: the registry's, and the patch over it."""
    return f"patch:{item.unit.name}@npm%3A{quote(item.unit.version, safe='')}#~/{item.path}"


def _is_for(value: str, item: Kept) -> bool:
    match = _PATCH.match(value)
    return match is not None and match["path"].removeprefix("./") == item.path


def _references(project: Project) -> dict[str, str]:
    """Whatever in package.json may be a patch: resolutions and dependencies."""
    tables = ("dependencies", "devDependencies", "optionalDependencies", "resolutions")
    rows = {f"{table} {key}": value for table in tables for key, value in project.table(table).items()}
    return {key: value for key, value in rows.items() if isinstance(value, str) and value.startswith("patch:")}
