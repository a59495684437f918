"""`patch`: from the fixes of a scan to one patch file for each unit, merged with what is there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..datatype import dataclass, field
from ..errors import NodemendError, PatchError
from ..finding import Patch, Skipped
from ..keepers import Keeper, Kept, Project, Unit, covers, prefix
from ..keepers.installed import Installed
from ..patch import FilePatch, diff
from .document import Document, Hashes, by_name, hunk_lines, parse, sha256, undone
from .plan import Plan


@dataclass(slots=True)
class Wanted:
    """What is to become of the files of one unit: by name in the package, their bytes before and after."""

    unit: Unit
    integrity: str = ""
    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    rules: set[str] = field(default_factory=set)
    copies: list[str] = field(default_factory=list)


def planned(
    project: Project, keeper: Keeper, installed: Installed, patches: Sequence[Patch], skipped: Sequence[Skipped] = ()
) -> Plan:
    """What has to be written so that these fixes stay; a fix that nobody could keep is refused with the reason."""
    plan = Plan()
    kept = {item.path: item for item in keeper.kept(project)}
    for path in [skip.path for skip in skipped if skip.reason == "encoding" and installed.owner(skip.path)]:
        plan.refused.append(f"{path}: not UTF-8, which no package manager patches to the byte")
    for wanted in _wanted(project, keeper, installed, patches, plan):
        try:
            _one(plan, keeper, wanted, kept)
        except NodemendError as error:
            plan.refused.append(f"{wanted.unit}: {error}")
    return plan


def _wanted(
    project: Project, keeper: Keeper, installed: Installed, patches: Sequence[Patch], plan: Plan
) -> Iterator[Wanted]:
    units: dict[Unit, Wanted] = {}
    broken: set[Unit] = set()
    elsewhere = project.locked.elsewhere if project.locked else frozenset()
    integrity = project.locked.integrity if project.locked else {}
    for patch in patches:
        if installed.is_leftover(patch.path):
            continue
        owned = installed.owner(patch.path)
        if owned is None:
            plan.said.append(f"left {patch.path}: not installed; fix --write mends it, patch --dir keeps a patch of it")
            continue
        copy, file = owned
        spec = copy.name, copy.version
        try:
            unit = keeper.unit(copy)
            if spec in elsewhere:
                raise PatchError(f"{copy.at}: not from a registry", hint="mend it where it comes from")
        except NodemendError as error:
            plan.refused.append(str(error))
            continue
        wanted = units.setdefault(unit, Wanted(unit, integrity.get(spec, "")))
        before = wanted.files.setdefault(file, (patch.before, patch.after))
        if before != (patch.before, patch.after):
            broken.add(unit)
        wanted.rules.update(patch.rules)
        if copy.shown not in wanted.copies:
            wanted.copies.append(copy.shown)
    for unit in broken:
        where = ", ".join(units[unit].copies)
        plan.refused.append(f"{unit}: its copies differ ({where}); `nodemend verify` says how")
    yield from (wanted for unit, wanted in sorted(units.items(), key=lambda item: str(item[0])) if unit not in broken)


def _one(plan: Plan, keeper: Keeper, wanted: Wanted, kept: Mapping[str, Kept]) -> None:
    old = _existing(wanted.unit, keeper, kept)
    if old is not None and old.data is None:
        raise PatchError(f"{old.path} is registered, but not there", hint="bring it back, or take the registration out")
    document = document_of(wanted, old.data if old else None)
    lines = list(hunk_lines(document.ours))
    why = keeper.objection(lines)
    if why:
        raise PatchError(why, hint="use --manager patch-package, or fix --write on a vendored copy")
    path = old.path if old else keeper.place(wanted.unit)
    text = document.text()
    if old is not None and old.data == text and old.registered:
        plan.said.append(f"kept {path}: {wanted.unit} ({', '.join(document.rules)}) is in it already")
        return
    plan.files[path] = text
    plan.add.append(Kept(wanted.unit, path, text))
    what = "merged into" if document.theirs else "wrote"
    plan.said.append(f"{what} {path}: {wanted.unit} ({', '.join(document.rules)}), for {', '.join(wanted.copies)}")


def _existing(unit: Unit, keeper: Keeper, kept: Mapping[str, Kept]) -> Kept | None:
    """The patch that is there for a unit, or a file in its place."""
    same = [item for item in kept.values() if item.unit == unit]
    wider = [item for item in kept.values() if item.registered and item.unit != unit and covers(item.unit, unit)]
    if len(same) > 1:
        raise PatchError(f"there are {len(same)} patches for it: {', '.join(item.path for item in same)}")
    if wider and not same:
        raise PatchError(f"{wider[0].path} is for it too, under a key without an exact version", hint="name it there")
    if not same and keeper.place(unit) in kept:
        raise PatchError(f"{keeper.place(unit)} is in the way")
    old = same[0] if same else None
    if old is not None and not old.registered and parse(old.data or b"") is None:
        raise PatchError(f"{old.path} lies there unregistered, and is none of ours", hint="register it or move it away")
    return old


def document_of(wanted: Wanted, data: bytes | None) -> Document:
    """The patch file for these changes, with everything that is in the one there is. PatchError when they conflict."""
    old = parse(data) if data is not None else None
    theirs = old.theirs if old else data or b""
    if theirs and old is None:
        _check_theirs(theirs, wanted)
        theirs = theirs if theirs.endswith(b"\n") else theirs + b"\n"
    ours: dict[str, FilePatch] = {patch.name: patch for patch in old.ours} if old else {}
    hashes: dict[str, Hashes] = dict(old.hashes) if old else {}
    for file, (before, after) in sorted(wanted.files.items()):
        name = f"{prefix(wanted.unit)}{file}"
        start = before
        if old is not None and name in ours:
            start = _start(old, name, before, wanted.rules)
        elif theirs:
            _demand_on_disk(theirs, name, before)
        demand_plain(name, start, after)
        ours[name] = diff(name, start, after)
        hashes[name] = Hashes(sha256(start), sha256(after))
    # The rules of files that this scan found mended already stay named.
    rules = tuple(sorted(wanted.rules | set(old.rules if old else ())))
    spec = f"{wanted.unit.name}@{wanted.unit.version}"
    ordered = tuple(ours[name] for name in sorted(ours))
    fresh = Document(rules, spec, wanted.integrity or (old.integrity if old else ""), ordered, hashes, theirs)
    if old is not None and (fresh.ours, fresh.rules) == (old.ours, old.rules):
        return old  # made by another version of nodemend, it says the same
    return fresh


def _start(old: Document, name: str, found: bytes, rules: set[str]) -> bytes:
    """A file as it is before our patch of it, from what is on disk now."""
    hashes = old.hashes[name]
    if sha256(found) == hashes.before:
        if not set(old.rules) <= rules:
            others = ", ".join(sorted(set(old.rules) - rules))
            raise PatchError(f"the patch for {others} is not installed yet", hint="run an install first")
        return found
    if sha256(found) == hashes.after:
        only = next(patch for patch in old.ours if patch.name == name)
        return undone([only], found) or b""
    raise PatchError(f"{name} is neither as released nor as patched", hint="nodemend verify says more")


def _check_theirs(theirs: bytes, wanted: Wanted) -> None:
    """PatchError when a patch made by hand is one that we cannot put ours behind."""
    try:
        names = by_name(Document((), "", "", (), {}, theirs).patches())
    except PatchError as error:
        hint = "mend that patch, or make the change by hand"
        raise PatchError(f"there is a patch made by hand that cannot be merged: {error.message}", hint=hint) from None
    outside = [name for name in names if not name.startswith(prefix(wanted.unit))]
    if outside:
        raise PatchError(f"the patch made by hand is for {outside[0]}, too")


def _demand_on_disk(theirs: bytes, name: str, found: bytes) -> None:
    mine = by_name(Document((), "", "", (), {}, theirs).patches()).get(name, [])
    try:
        undone(mine, found)
    except PatchError:
        hint = "run an install first, so that both patches are made for the same bytes"
        raise PatchError(f"{name} is not as the patch made by hand leaves it", hint=hint) from None


def demand_plain(name: str, before: bytes, after: bytes) -> None:
    """PatchError when one of the two is not UTF-8, or the name is one that git would write with escapes."""
    if not name.isprintable() or '"' in name or "\\" in name:
        raise PatchError(f"{name!a} has a character in its name that only git reads back from a patch")
    try:
        before.decode("utf-8")
        after.decode("utf-8")
    except UnicodeDecodeError:
        hint = "mend a vendored copy with fix --write"
        raise PatchError(f"{name} is not UTF-8, which no package manager patches to the byte", hint=hint) from None
