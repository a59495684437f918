"""Which keeper a project has: by --manager, `packageManager`, the lockfile, or what is installed, in this order."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping

from ..errors import ConfigError
from ..regexes import regex
from .keeper import Keeper, Project
from .patch_package import PatchPackage, runs_patch_package
from .pins import old_npm
from .table import BUN, NPM, PNPM, PNPM_OLD
from .yarn import Yarn

MANAGERS = ("npm", "pnpm", "yarn", "bun", "patch-package")
NATIVE = 12  # the first npm that patches by itself

_NAMED = regex(r"(npm|pnpm|yarn|bun)(?:@[\^~>=v ]*(\d+)(?:\.(\d+))?.*)?")


def choose(project: Project, manager: str = "", ask: Callable[[], int] | None = None) -> Keeper:
    """The keeper of this project. `manager` is of MANAGERS or "", `ask` says which major npm is installed (0: none).

    ConfigError when nothing says which, or when npm is to patch and something pins one that would not.
    """
    named, major = _named(project)
    if manager == "patch-package":
        return PatchPackage(install=_install(project, named))
    if manager == "npm":
        _demand_native(project)
        return NPM
    chosen = manager or named or _locked(project)
    if chosen == "pnpm":
        old = (major or 10) < 10 or (bool(project.table("pnpm", "patchedDependencies")) and (major or 10) < 11)
        return PNPM_OLD if old else PNPM
    if chosen == "bun":
        return BUN
    if chosen == "yarn":
        classic = (major or 2) < 2 or (project.locked is not None and project.locked.sort == "yarn-classic")
        return PatchPackage(install="yarn install") if classic else Yarn()
    if chosen == "npm":
        return _npm(project, major if named == "npm" else 0, ask or installed_npm)
    hint = f"run an install first, or give --manager {'|'.join(MANAGERS)}"
    raise ConfigError(f"{project.root}: no lockfile and no packageManager say which package manager is used", hint=hint)


def _npm(project: Project, major: int, ask: Callable[[], int]) -> Keeper:
    if runs_patch_package(project):
        return PatchPackage()
    if major >= NATIVE or (not major and _lock_version(project) >= 4):
        _demand_native(project)
        return NPM
    if project.table("patchedDependencies"):
        _demand_native(project)
        if 0 < ask() < NATIVE:
            raise _passed_over(f"npm {ask()} is installed here")
        return NPM
    if not major and not old_npm(project) and ask() >= NATIVE:
        return NPM
    return PatchPackage()


def _demand_native(project: Project) -> None:
    pins = old_npm(project)
    if pins:
        raise _passed_over(pins[0])


def _passed_over(why: str) -> ConfigError:
    what = f"{why}, and npm before {NATIVE} installs patchedDependencies unpatched, without a word"
    return ConfigError(what, hint="raise it, or use --manager patch-package")


def _named(project: Project) -> tuple[str, int]:
    """The manager and its major version that package.json names; "" and 0 when it names none."""
    engine = project.table("devEngines", "packageManager")
    words = [project.word("packageManager"), f"{engine.get('name', '')}@{engine.get('version', '')}".rstrip("@")]
    for word in words:
        found = _NAMED.fullmatch(word)
        if found:
            return found[1], int(found[2] or 0)
    return "", 0


def _locked(project: Project) -> str:
    if project.locked is not None:
        return "yarn" if project.locked.sort == "yarn-classic" else project.locked.sort
    modules = project.root / "node_modules"
    marks: Mapping[str, str] = {
        ".modules.yaml": "pnpm", ".yarn-state.yml": "yarn", ".yarn-integrity": "yarn", ".package-lock.json": "npm",
    }  # fmt: skip
    return next((name for mark, name in marks.items() if (modules / mark).is_file()), "")


def _lock_version(project: Project) -> int:
    number = project.locked.version if project.locked else ""
    return int(number) if number.isdecimal() else 0


def _install(project: Project, named: str) -> str:
    return "yarn install" if "yarn" in (named, _locked(project)) else "npm install"


def installed_npm() -> int:
    """The major version of the npm on the path; 0 when there is none or it does not answer."""
    npm = shutil.which("npm")
    if npm is None:
        return 0
    try:
        done = subprocess.run([npm, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"(\d+)\.", done.stdout)
    return int(found[1]) if found else 0
