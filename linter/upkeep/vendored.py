"""Patches for vendored code, in a folder of plain files for `git apply`: written, verified, updated and reverted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..datatype import dataclass
from ..errors import InputError, PatchError
from ..finding import Patch, Report
from ..patch import diff, read
from .comparing import compared
from .document import Document, Hashes, parse, sha256
from .patching import demand_plain
from .plan import Plan
from .verifying import Line


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of patch files. Their names count from `base`: the top of the git work tree, for so git takes them."""

    base: Path
    folder: Path

    @property
    def place(self) -> str:
        return self.folder.relative_to(self.base).as_posix()

    def patches(self) -> Iterator[tuple[str, bytes]]:
        """Each patch file by its path from base, with its bytes. InputError when one cannot be read."""
        for path in sorted(self.folder.glob("*.patch")):
            try:
                yield path.relative_to(self.base).as_posix(), path.read_bytes()
            except OSError as error:
                raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None

    def content(self, name: str) -> bytes | None:
        """A file by its name in a patch."""
        try:
            return (self.base / name).read_bytes()
        except OSError:
            return None


def shelf(target: Path, folder: Path) -> Shelf:
    """The shelf at a folder, for code at target. InputError when the folder is outside of the work tree."""
    start, here = Path(os.path.realpath(target)), Path(os.path.realpath(folder))
    start = start if start.is_dir() else start.parent
    base = next((f for f in (start, *start.parents) if (f / ".git").exists()), start)
    if not here.is_relative_to(base) or here == base:
        raise InputError(f"{folder}: not a folder below {base}", hint="give one in the same work tree")
    return Shelf(base, here)


def planned(shelf: Shelf, patches: Sequence[Patch]) -> Plan:
    """One patch file for each file to mend; those below node_modules are the package manager's business."""
    plan = Plan()
    known = dict(shelf.patches())
    for patch in patches:
        name = os.path.relpath(os.path.realpath(patch.path), shelf.base).replace(os.sep, "/")
        if "node_modules" in name.split("/") or name.startswith("../") or not os.path.isfile(patch.path):
            plan.refused.append(f"{patch.path}: installed by a package manager; leave out --dir")
            continue
        path = f"{shelf.place}/{name.replace('/', '+')}.patch"
        try:
            text = _text(patch, name, known.get(path)).text()
        except PatchError as error:
            plan.refused.append(f"{patch.path}: {error}")
            continue
        if known.get(path) == text:
            plan.said.append(f"kept {path}: {name} ({', '.join(patch.rules)}) is in it already")
        else:
            plan.files[path] = text
            plan.said.append(f"wrote {path}: {name} ({', '.join(patch.rules)})")
    return plan


def _text(patch: Patch, name: str, data: bytes | None) -> Document:
    old = parse(data) if data is not None else None
    if data is not None and old is None:
        raise PatchError("there is a patch made by hand in its place", hint="choose another --dir, or move it away")
    demand_plain(name, patch.before, patch.after)
    if old is not None and old.hashes.get(name) and old.hashes[name].after == sha256(patch.before):
        raise PatchError("what its patch leaves has more to mend", hint="revert the patch and run again")
    package = f"{patch.package}@{patch.version}" if patch.package and patch.version else ""
    hashes = {name: Hashes(sha256(patch.before), sha256(patch.after))}
    fresh = Document(tuple(patch.rules), package, "", (diff(name, patch.before, patch.after),), hashes)
    return old if old is not None and (old.ours, old.rules) == (fresh.ours, fresh.rules) else fresh


def verify(shelf: Shelf) -> list[Line]:
    """A verdict on each patch file: whether what it names is as it leaves it."""
    lines = []
    for path, data in shelf.patches():
        try:
            document = parse(data)
            patches = document.patches() if document else read(data)
        except PatchError as error:
            lines.append(Line("refused", path, str(error)))
            continue
        seen = compared(patches, document, "", shelf.content, None)
        names = ", ".join((*seen.done, *seen.due, *seen.other, *seen.gone))
        if seen.gone:
            lines.append(Line("missing", path, f"not there: {', '.join(seen.gone)}"))
        elif seen.other:
            lines.append(Line("edited", path, f"neither as before the patch nor as after it: {', '.join(seen.other)}"))
        elif seen.done and seen.due:
            lines.append(Line("partly applied", path, f"not in {', '.join(seen.due)}"))
        elif seen.due:
            lines.append(Line("unpatched", path, f"{names}: git apply {path}"))
        else:
            lines.append(Line("mended", path, names))
    return lines


def updated(shelf: Shelf, rescan: Callable[[Sequence[str]], Report]) -> Plan:
    """What has to be written after the vendored code was replaced by another version of it."""
    plan = Plan()
    stale = []
    for path, data in shelf.patches():
        document = parse(data)
        if document is None:
            continue
        seen = compared(document.ours, document, "", shelf.content, None)
        if seen.other or seen.gone:
            stale.append((path, document))
        else:
            plan.said.append(f"current {path}")
    report = rescan(sorted({rule for _, document in stale for rule in document.rules})) if stale else Report()
    real = {os.path.realpath(patch.path): patch for patch in report.patches}
    found = {os.path.realpath(f.path): f for f in report.findings}
    for path, document in stale:
        name = next(iter(document.hashes))
        place = str(shelf.base / name)
        fits = compared(document.ours, None, "", shelf.content, None)
        if place in real:
            plan.files[path] = _text(real[place], name, None).text()
            plan.said.append(f"renewed {path}: {name}")
        elif place in found:
            line = found[place].span.line
            plan.refused.append(f"human {path}: {name}:{line}: {found[place].rule} is still there, without a safe fix")
        elif fits.due:
            plan.refused.append(f"human {path}: the rules are silent in {name}, but the patch still fits")
        else:
            plan.files[path] = None
            plan.said.append(f"obsolete {path}: its rules find nothing in {name}; removed")
    return plan


def reverted(shelf: Shelf) -> Plan:
    """What has to be written to be without our patch files; the code itself is left as it is."""
    plan = Plan()
    for path, data in shelf.patches():
        document = parse(data)
        if document is None:
            continue
        plan.files[path] = None
        applied = compared(document.ours, document, "", shelf.content, None).done
        plan.said.append(f"removed {path}" + (f"; {', '.join(applied)} is still mended" if applied else ""))
    return plan
