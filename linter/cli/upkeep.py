"""`nodemend patch`, `verify`, `update` and `revert`: patches that stay where the package manager keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar, Unpack

import click

from ..config import load
from ..datatype import replace
from ..errors import BugError, ConfigError, InputError
from ..semver import parse_range
from .job import Job, job
from .options import FOLDER, Asked, scan_options
from .outcome import CLEAN, FINDINGS, USAGE, complain, emit, remark

if TYPE_CHECKING:
    from ..finding import Report
    from ..keepers import Keeper, Project
    from ..keepers.installed import Installed
    from ..upkeep.plan import Plan

P = ParamSpec("P")
R = TypeVar("R")
_MANAGERS = ("npm", "pnpm", "yarn", "bun", "patch-package")


def keeper_options(command: Callable[P, R]) -> Callable[P, R]:
    """--manager and --dir, which say where patches are kept."""
    manager = "Who applies the patches.  [default: what the lockfile and package.json say]"
    folder = "Keep plain `git apply` files in DIR instead: for vendored code."
    command = click.option("--dir", "folder", type=FOLDER, metavar="DIR", help=folder)(command)
    return click.option("--manager", type=click.Choice(_MANAGERS), help=manager)(command)


@click.command(epilog="Example: nodemend patch && npm install && nodemend verify", short_help="Keep fixes as patches.")
@scan_options
@keeper_options
@click.option("--suggestions", is_flag=True, help="Also what is probably right; look at it.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when a file was written, for hooks.")
@click.pass_context
def patch(
    context: click.Context, manager: str | None, folder: Path | None, suggestions: bool, exit_code: bool,
    **asked: Unpack[Asked],
) -> None:  # fmt: skip
    """Write the fixes for what is installed in the project at PATH as patches, and register them. Default: `.`

    Nothing in node_modules is changed: the package manager applies the patches at the next install, here and on every
    other machine. Running it again changes nothing.
    """
    done = FINDINGS if exit_code else CLEAN
    target = _target(asked["paths"])
    work = job({**asked, "paths": (str(target),)}, suggestions=suggestions)
    if folder is not None:
        from ..upkeep import vendored

        shelf = vendored.shelf(target, folder)
        _recover(shelf.base)
        plan = vendored.planned(shelf, _scanned(work, [str(target)]).patches)
        hush(plan, quiet=work.quiet)
        context.exit(_landed_on_shelf(plan, shelf.base, f"git apply {shelf.place}/*.patch", wrote=done))
    from ..upkeep import patching
    from ..upkeep.plan import complete, following

    project, keeper = _project(target, manager)
    installed = _installed(project)
    report = _scanned(for_project(work, project), installed.paths)
    plan = patching.planned(project, keeper, installed, report.patches, report.skipped)
    hush(plan, quiet=work.quiet)
    complete(plan, project, keeper)
    context.exit(_landed(plan, project, f"{following(plan, project, keeper)}, then nodemend verify", wrote=done))


@click.command(epilog="Example: nodemend verify --tarballs vendor/tarballs", short_help="Compare what is installed.")
@click.argument("target", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@keeper_options
@click.option("--tarballs", multiple=True, type=FOLDER, metavar="DIR", help="Look for released tarballs here, too.")
@click.option("--all", "every", is_flag=True, help="Also compare the packages that have no patch.")
@click.option("-q", "--quiet", is_flag=True, help="Only say what is wrong.")
@click.pass_context
def verify(
    context: click.Context, target: Path, manager: str | None, folder: Path | None, tarballs: tuple[Path, ...],
    every: bool, quiet: bool,
) -> None:  # fmt: skip
    """Say of each installed copy whether its bytes are those of the released package and its patch.

    Exit code 1 when one of them is not, or a patch file is missing, stale, refused or not registered. Nothing is
    downloaded: released packages are taken from npm's cache, Yarn's, and --tarballs, if they have the locked hash.
    """
    from ..upkeep import vendored
    from ..upkeep.verifying import GOOD
    from ..upkeep.verifying import verify as verdicts

    for place in tarballs:
        if not place.is_dir():
            raise InputError(f"{place}: no such folder", hint="--tarballs takes a folder of .tgz files")
    if folder is not None:
        lines = vendored.verify(vendored.shelf(target, folder))
    else:
        from ..released import Releases, npm_caches, yarn_caches

        project, keeper = _project(target, manager)
        releases = Releases(tarballs, npm_caches(project.root), yarn_caches(project.root))
        lines = verdicts(project, keeper, _installed(project), releases, every=every)
    bad = [line for line in lines if line.verdict not in GOOD]
    shown = bad if quiet else lines
    emit("".join(f"{_visible(str(line))}\n" for line in shown).encode(errors="backslashreplace"))
    if not quiet:
        mended = sum(line.verdict == "mended" for line in lines)
        remark(f"{mended} mended, {len(bad)} not as they should be" if lines else "no patches are kept here")
    context.exit(FINDINGS if bad else CLEAN)


@click.command(epilog="Example: npm update ws; nodemend update", short_help="Bring patches to upgraded packages.")
@scan_options
@keeper_options
@click.option("--suggestions", is_flag=True, help="Also what is probably right; look at it.")
@click.pass_context
def update(
    context: click.Context, manager: str | None, folder: Path | None, suggestions: bool, **asked: Unpack[Asked]
) -> None:
    """Run the rules of each patch on the version that is installed now, in the project at PATH.

    A patch is renewed, or removed as obsolete because its rules find nothing any more, or named for a human, with the
    lines as they were, as the patch made them and as they are now; then the exit code is 1.
    """
    target = _target(asked["paths"])
    if folder is not None:
        from ..upkeep import vendored

        shelf = vendored.shelf(target, folder)
        _recover(shelf.base)
        plan = vendored.updated(shelf, _rescan(asked, [str(target)], None, suggestions=suggestions))
        context.exit(_landed_on_shelf(plan, shelf.base, f"git apply {shelf.place}/*.patch", bad=FINDINGS))
    from ..upkeep import updating
    from ..upkeep.plan import complete, following

    project, keeper = _project(target, manager)
    installed = _installed(project)
    plan = updating.planned(
        project, keeper, installed, _rescan(asked, installed.paths, project, suggestions=suggestions)
    )
    complete(plan, project, keeper)
    context.exit(_landed(plan, project, f"{following(plan, project, keeper)}, then nodemend verify", bad=FINDINGS))


@click.command(epilog="Example: nodemend revert && npm install", short_help="Take the patches out again.")
@click.argument("target", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@keeper_options
@click.pass_context
def revert(context: click.Context, target: Path, manager: str | None, folder: Path | None) -> None:
    """Take the patches that nodemend wrote out of the project at PATH, with their registrations, and nothing else.

    A patch made by hand that ours was merged into becomes again what it was, to the byte.
    """
    if folder is not None:
        from ..upkeep import vendored

        shelf = vendored.shelf(target, folder)
        _recover(shelf.base)
        context.exit(_landed_on_shelf(vendored.reverted(shelf), shelf.base, ""))
    from ..upkeep import reverting
    from ..upkeep.plan import complete, following

    project, keeper = _project(target, manager)
    plan = reverting.planned(project, keeper)
    complete(plan, project, keeper)
    context.exit(_landed(plan, project, following(plan, project, keeper)))


def _target(paths: Sequence[str]) -> Path:
    if len(paths) > 1 or "-" in paths:
        raise ConfigError("one PATH at a time, the folder of a project", hint="run it once for each")
    return Path(paths[0] if paths else ".")


def _project(target: Path, manager: str | None) -> tuple[Project, Keeper]:
    from ..keepers import choose, project_at

    found = project_at(target)
    _recover(found.root)
    found = project_at(target)
    return found, choose(found, manager or load((str(target),)).manager)


def _installed(project: Project) -> Installed:
    from ..keepers.installed import Installed

    return Installed(project)


def _recover(root: Path) -> None:
    from ..replace import recover

    said = recover(root)
    if said:
        remark(said)


def _scanned(work: Job, paths: Sequence[str]) -> Report:
    from .. import scan

    report, errors = replace(work, paths=tuple(paths)).run(scan.fix)
    for error in errors:
        if isinstance(error, BugError):  # then it is not sure what there is to be written
            raise error
        complain(str(error))
    return report


def for_project(work: Job, project: Project) -> Job:
    """The job for the Node that the project names, also where packages lie outside of it, as Yarn's zips do."""
    node = project.word("engines", "node")
    try:
        parse_range(node)
    except ValueError:
        return work
    return replace(work, settings=replace(work.settings, node=work.settings.node or node)) if node else work


def _rescan(
    asked: Asked, paths: Sequence[str], project: Project | None, *, suggestions: bool
) -> Callable[[Sequence[str]], Report]:
    """The fixes of some rules, whatever --select says."""

    def rescan(rules: Sequence[str]) -> Report:
        only: Asked = {**asked, "paths": tuple(paths[:1]), "select": tuple(rules), "ignore": ()}
        work = job(only, suggestions=suggestions)
        return _scanned(for_project(work, project) if project else work, paths)

    return rescan


def hush(plan: Plan, *, quiet: bool) -> None:
    """Leaves only what went wrong to be said."""
    if quiet:
        plan.said.clear()


def _landed(plan: Plan, project: Project, then: str, bad: int = USAGE, wrote: int = CLEAN) -> int:
    from ..upkeep.plan import land

    return _told(plan, land(plan, project.root, {"package.json": project.text.encode()}), then, bad, wrote)


def _landed_on_shelf(plan: Plan, base: Path, then: str, bad: int = USAGE, wrote: int = CLEAN) -> int:
    from ..upkeep import attributes
    from ..upkeep.plan import land, with_attributes

    before = base / attributes.NAME
    with_attributes(plan, before.read_bytes() if before.is_file() else None, last=False)
    return _told(plan, land(plan, base, {}), then, bad, wrote)


def _told(plan: Plan, landed: bool, then: str, bad: int, wrote: int) -> int:
    """Says what was done, and what to do next; the exit code: `bad` for a refusal, `wrote` when a file was written."""
    emit("".join(f"{_visible(line)}\n" for line in plan.said).encode(errors="backslashreplace"))
    for reason in plan.refused:
        if reason.startswith("human "):
            emit("".join(f"{_visible(line)}\n" for line in reason.split("\n")).encode(errors="backslashreplace"))
        else:
            complain(reason)
    if landed:
        remark(f"now: {then}" if then else "done")
    elif not plan.refused:
        remark("nothing to do")
    return bad if plan.refused else wrote if landed else CLEAN


def _visible(line: str) -> str:
    from ..terminal import visible

    return visible(line)
