"""patch-package, for npm up to 11 and Yarn 1: one patch file for each place where a package lies, and a postinstall."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..datatype import dataclass
from ..errors import ConfigError, InputError
from ..json_text import with_value, without
from ..regexes import regex
from .keeper import Copy, Kept, Project, Unit

VERSION = "^8.0.1"
_FOLDER = "patches"
# The scripts after which npm and Yarn 1 have brought every package to its place.
_SCRIPTS = ("postinstall", "prepare", "postprepare", "install", "prepublish")
_PLACE = regex(r"node_modules/(?:@[^/]+/)?[^/]+(?:/node_modules/(?:@[^/]+/)?[^/]+)*")
_VERSION = regex(r"\d+\.\d+\.\d+[^+]*")
_NAME = regex(r"(@[^+/]+\+)?[^+@/][^+/]*")


@dataclass(frozen=True, slots=True)
class PatchPackage:
    name: str = "patch-package"
    install: str = "npm install"

    @property
    def anew(self) -> str:
        # It knows only packages as they were released: over another patch, or an older one, it fails.
        return f"rm -r node_modules && {self.install}"

    def unit(self, copy: Copy) -> Unit:
        if not _PLACE.fullmatch(copy.at):
            reason = "patch-package reaches only what lies below the node_modules of the folder it is run in"
            raise InputError(f"{copy.at}: {reason}", hint="run nodemend patch and patch-package in the folder above it")
        if not _VERSION.fullmatch(copy.version):
            hint = "it knows versions that begin with three numbers and have no +"
            raise InputError(f"{copy.at}: patch-package knows no version {copy.version!r}", hint=hint)
        # By the folder, which is how patch-package finds it: an alias is not called what its package is.
        return Unit(copy.at.rpartition("node_modules/")[2], copy.version, copy.at)

    def place(self, unit: Unit) -> str:
        names = unit.at.removeprefix("node_modules/").split("/node_modules/")
        return f"{_FOLDER}/{'++'.join(name.replace('/', '+') for name in names)}+{unit.version}.patch"

    def kept(self, project: Project) -> list[Kept]:
        runs = runs_patch_package(project)
        found = []
        for file in sorted((project.root / _FOLDER).glob("*.patch")):
            at, version, problem = _meant(file.name)
            name = at.rpartition("node_modules/")[2]
            path = f"{_FOLDER}/{file.name}"
            found.append(Kept(Unit(name, version, at), path, project.read(path), runs, problem))
        return found

    def registered(self, project: Project, add: Sequence[Kept], remove: Sequence[Kept]) -> Mapping[str, bytes | None]:
        text = project.text
        if add and not runs_patch_package(project):
            text = self._set_up(project)
        gone = {item.path for item in remove}
        if remove and not add and all(item.path in gone for item in self.kept(project)):
            text = _taken_down(project)
        return {"package.json": text.encode()} if text != project.text else {}

    def objection(self, lines: Sequence[bytes]) -> str:
        del lines
        return ""

    def _set_up(self, project: Project) -> str:
        if project.manifest.get("private") is not True:
            hint = 'say "private": true in package.json, or run patch-package in a script of your own, and run again'
            what = "a postinstall in a package that can be published would run where others install it"
            raise ConfigError(f"package.json: {what}", hint=hint)
        script = project.word("scripts", "postinstall")
        text = with_value(project.text, ("scripts", "postinstall"), f"{script} && {MARK}" if script else MARK)
        if "patch-package" in project.table("dependencies"):
            return text
        # Not a development dependency: `npm ci --omit=dev` runs the postinstall too.
        text = without(text, ("devDependencies", "patch-package"))
        return with_value(text, ("dependencies", "patch-package"), VERSION)


# What we write as the script. Written by hand it is `patch-package`, so that what is ours can be told.
MARK = "patch-package --error-on-fail"


def runs_patch_package(project: Project) -> bool:
    """Whether a script of the project runs patch-package after an install."""
    return any("patch-package" in project.word("scripts", name) for name in _SCRIPTS)


def _taken_down(project: Project) -> str:
    """package.json less what was set up for patches, when there is none left and nobody has changed it."""
    script = project.word("scripts", "postinstall")
    text = project.text
    if script == MARK:
        text = without(text, ("scripts", "postinstall"))
    elif script.endswith(f" && {MARK}"):
        text = with_value(text, ("scripts", "postinstall"), script.removesuffix(f" && {MARK}"))
    else:
        return text
    ours = project.word("dependencies", "patch-package") == VERSION
    return without(text, ("dependencies", "patch-package")) if ours else text


def _meant(file: str) -> tuple[str, str, str]:
    """Where the package of a patch file lies, its version, and why patch-package would not take the file."""
    parts = file.removesuffix(".patch").removesuffix(".dev").split("++")
    last = parts[-1].split("+")
    at = next((n for n, part in enumerate(last) if re.match(r"\d+\.\d+\.\d+", part)), len(last))
    version = last[at] if at < len(last) else ""
    names = [*(re.sub(r"\+\d+\.\d+\.\d+.*", "", part) for part in parts[:-1]), "+".join(last[:at])]
    folders = "/".join(f"node_modules/{name.replace('+', '/', 1)}" for name in names)
    if not version or not all(map(_NAME.fullmatch, names)):
        return folders, version, "its name is not in the form that patch-package reads"
    return folders, version, "it is one of a sequence" if len(last) > at + 1 else ""
