"""`update`: after an upgrade each patch is made anew by its rules, taken out as obsolete, or handed to a human."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..datatype import replace
from ..finding import Report
from ..keepers import Copy, Keeper, Kept, Project, Unit, covers, prefix
from ..keepers.installed import Installed
from ..patch import FilePatch
from . import patching
from .comparing import compared
from .document import Document, by_name
from .plan import Plan, forget, ours

Rescan = Callable[[Sequence[str]], Report]  # fixes of these rules over everything installed


def planned(project: Project, keeper: Keeper, installed: Installed, rescan: Rescan) -> Plan:
    """What has to be written so that patches are for the versions that are installed.

    `refused` holds what a human must look at, each with the three texts: before, after, and now.
    """
    plan = Plan()
    stale: list[tuple[Kept, Document]] = []
    for item, document in ours(plan, project, keeper):
        if _here(item, installed.copies):
            plan.said.append(f"current {item.path}: {item.unit}")
        else:
            stale.append((item, document))
    if not stale:
        return plan
    report = rescan(sorted({rule for _, document in stale for rule in document.rules}))
    fresh = _fresh(project, keeper, installed, report, [item.unit.name for item, _ in stale])
    for item, document in stale:
        _one(plan, item, document, installed, report, fresh)
    return plan


def _here(item: Kept, copies: Sequence[Copy]) -> bool:
    return any(covers(item.unit, Unit(copy.name, copy.version, copy.at)) for copy in copies)


def _fresh(project: Project, keeper: Keeper, installed: Installed, report: Report, names: Sequence[str]) -> Plan:
    """The patches for what is installed of these packages."""
    mine = [patch for patch in report.patches if (o := installed.owner(patch.path)) and o[0].name in names]
    return patching.planned(project, keeper, installed, mine)


def _one(plan: Plan, item: Kept, document: Document, installed: Installed, report: Report, fresh: Plan) -> None:
    name = item.unit.name
    copies = [copy for copy in installed.copies if copy.name == name]
    if document.theirs:
        plan.refused.append(f"human {item.path}: {item.unit} is gone, and part of it was made by hand")
        return
    if not copies:
        forget(plan, [item])
        plan.said.append(f"obsolete {item.path}: {name} is not installed; removed")
        return
    made = [new for new in fresh.add if new.unit.name == name]
    kept = [line for line in fresh.said if line.startswith("kept ") and f" {name}@" in line]
    why = [line for line in fresh.refused if line.startswith(f"{name}@")]
    why = why or _unfixed(report, document, copies, installed)
    if not made and not kept:
        why = why or _unchanged(item, document, copies, installed)
    if why:
        plan.refused.append(f"human {item.path}: {why[0]}\n{three_way(item, document, copies[0], installed)}")
        return
    forget(plan, [item])
    for new in made:
        if new not in plan.add:
            plan.add.append(new)
            plan.files[new.path] = new.data
    what = "renewed" if made or kept else "obsolete"
    where = ", ".join(new.path for new in made) or (kept[0].split()[1].rstrip(":") if kept else "")
    gone = f"its rules find nothing in {name} {', '.join(sorted({c.version for c in copies}))}; removed"
    plan.said.append(f"{what} {item.path}: {f'now {where}' if where else gone}")


def _unfixed(report: Report, document: Document, copies: Sequence[Copy], installed: Installed) -> list[str]:
    """Findings of the patch's rules that no fix was applied for."""
    mended = {patch.path for patch in report.patches}
    return [
        f"{finding.file}:{finding.span.line}: {finding.rule} is still there, without a safe fix"
        for finding in report.findings
        if finding.rule in document.rules and finding.path not in mended
        and (owned := installed.owner(finding.path)) and owned[0] in copies
    ]  # fmt: skip


def _unchanged(item: Kept, document: Document, copies: Sequence[Copy], installed: Installed) -> list[str]:
    """Whether the very lines that the patch mends are still there, although the rules are silent."""
    strip = prefix(item.unit)
    for copy in copies:
        bare = replace(document, hashes={})
        seen = compared(document.ours, bare, strip, lambda file, c=copy: installed.content(c, file), None)  # type: ignore[misc]
        if seen.due:
            return [f"the rules are silent in {copy.name}@{copy.version}, but the patch still fits {seen.due[0]}"]
    return []


def three_way(item: Kept, document: Document, copy: Copy, installed: Installed) -> str:
    """For each hunk: the lines as they were, as the patch made them, and the likeliest place in the file now."""
    out: list[str] = []
    for name, parts in by_name(document.ours).items():
        file = name.removeprefix(prefix(item.unit))
        data = installed.content(copy, file)
        lines = (data or b"").decode("utf-8", "replace").split("\n")
        for patch in parts:
            out += _views(patch, file, None if data is None else lines, item, copy)
    return "\n".join(out)


def _views(patch: FilePatch, file: str, now: list[str] | None, item: Kept, copy: Copy) -> list[str]:
    out = []
    for hunk in patch.hunks:
        old, new = ([line.decode("utf-8", "replace").rstrip("\r\n") for line in side] for side in (hunk.old, hunk.new))
        out += [f"  {file} in {item.unit.version}, line {hunk.start}:", *(f"    | {line}" for line in old)]
        out += ["  as the patch made it:", *(f"    | {line}" for line in new)]
        if now is None:
            out.append(f"  in {copy.version}: the file is not there")
            continue
        at = _nearest(old, now)
        out.append(f"  in {copy.version}, line {at + 1}:")
        out += [f"    | {line}" for line in now[at : at + len(old)]]
    return out


def _nearest(old: Sequence[str], now: Sequence[str]) -> int:
    """The line of a file from which on most lines are those of a hunk."""
    wanted = [line.strip() for line in old]
    scores = [
        sum(1 for a, b in zip(wanted, now[at : at + len(wanted)], strict=False) if a and a == b.strip())
        for at in range(max(1, len(now) - len(wanted) + 1))
    ]
    return scores.index(max(scores))
