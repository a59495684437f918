"""`verify`: whether the bytes of each installed copy are those of the released package and its patch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from ..datatype import dataclass
from ..errors import InputError, PatchError
from ..keepers import Copy, Keeper, Kept, Project, Unit, covers, prefix
from ..keepers.installed import Installed
from ..patch import FilePatch, read
from ..released import Releases
from .comparing import Compared, compared
from .document import Document, parse

Verdict = Literal[
    "mended", "released", "note",
    "unpatched", "partly applied", "edited", "stale", "missing", "unregistered", "refused",
]  # fmt: skip
GOOD: frozenset[Verdict] = frozenset({"mended", "released", "note"})
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One verdict: on a copy or on a patch file, and what was seen."""

    verdict: Verdict
    about: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.verdict}: {self.about}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True)
class _Patch:
    """A patch file that could be read."""

    item: Kept
    document: Document | None
    patches: tuple[FilePatch, ...]


def verify(
    project: Project, keeper: Keeper, installed: Installed, releases: Releases, *, every: bool = False
) -> list[Line]:
    """The verdicts, on patch files first. With `every`, also on each copy of a package that has no patch.

    Nothing is said to be mended unless its bytes were read and are the patched ones.
    """
    lines: list[Line] = []
    usable: list[_Patch] = []
    for item in keeper.kept(project):
        checked = _checked(item)
        if isinstance(checked, Line):
            lines.append(checked)
            continue
        usable.append(checked)
        if not item.registered:
            lines.append(Line("unregistered", item.path, f"{keeper.name} will not apply it"))
        if not any(_reaches(item, copy) for copy in installed.copies):
            lines.append(_stale(item, installed.copies))
    for copy in installed.copies:
        lines += _of_copy(copy, project, installed, releases, usable, every=every)
    return lines


def _checked(item: Kept) -> Line | _Patch:
    if item.data is None:
        return Line("missing", item.path, f"registered for {item.unit}, but not there")
    if item.problem:
        return Line("refused", item.path, item.problem)
    try:
        document = parse(item.data)
        return _Patch(item, document, document.patches() if document else read(item.data))
    except PatchError as error:
        return Line("refused", item.path, str(error))


def _reaches(item: Kept, copy: Copy) -> bool:
    return not copy.bundled and covers(item.unit, Unit(copy.name, copy.version, copy.at))


def _stale(item: Kept, copies: Sequence[Copy]) -> Line:
    others = sorted({copy.version for copy in copies if copy.name == item.unit.name or copy.at == item.unit.at})
    instead = f"installed: {', '.join(others)}" if others else "the package is not installed"
    return Line("stale", item.path, f"it is for {item.unit}; {instead}; nodemend update looks into it")


def _of_copy(
    copy: Copy, project: Project, installed: Installed, releases: Releases, patches: Sequence[_Patch], *, every: bool
) -> Iterator[Line]:
    mine = [patch for patch in patches if _reaches(patch.item, copy)]
    about = f"{copy.shown} ({copy.name}@{copy.version})"
    same = [p for p in patches if (p.item.unit.name, p.item.unit.version) == (copy.name, copy.version)]
    if same and not mine:
        yield Line("unpatched", about, f"no patch is for this copy; {same[0].item.path} is for another")
        return
    if not mine:
        if every:
            yield _unpatched(copy, about, project, installed, releases)
        elif any(patch.item.unit.name == copy.name for patch in patches):
            yield Line("note", about, "no patch is for this version")
        return
    patch = mine[0]
    strip = prefix(patch.item.unit)
    released = _released(copy, project, releases)
    seen = compared(patch.patches, patch.document, strip, lambda file: installed.content(copy, file), released)
    yield Line(*_verdict(seen, about, patch))


def _verdict(seen: Compared, about: str, patch: _Patch) -> tuple[Verdict, str, str]:
    path = patch.item.path
    if seen.misfits:
        return "refused", path, f"it is no patch for what is in {about}: {seen.misfits}"
    if seen.gone:
        return "missing", about, f"not there: {_some(seen.gone)}"
    if seen.other:
        what = "neither as released nor as patched" if seen.whole else f"not what {path} makes of them"
        return "edited", about, f"{what}: {_some(seen.other)}"
    if seen.done and seen.due:
        return "partly applied", about, f"{path} is in {_some(seen.done)}, not in {_some(seen.due)}"
    if seen.due:
        return "unpatched", about, f"{path} is registered, but not applied" if patch.item.registered else path
    if seen.whole:
        return "mended", about, f"as released, and {path}"
    return "mended", about, f"{path} is in it; the released tarball is not at hand, so other files were not compared"


def _unpatched(copy: Copy, about: str, project: Project, installed: Installed, releases: Releases) -> Line:
    released = _released(copy, project, releases)
    if released is None:
        return Line("note", about, "not compared: the released tarball is not at hand")
    seen = compared((), None, "", lambda file: installed.content(copy, file), released)
    if seen.gone or seen.other:
        return Line("edited", about, f"not as released: {_some((*seen.other, *seen.gone))}")
    return Line("released", about)


def _released(copy: Copy, project: Project, releases: Releases) -> Mapping[str, bytes] | None:
    spec = copy.name, copy.version
    if project.locked is None or copy.bundled:
        return None
    try:
        found = releases.files(project.locked.integrity.get(spec, ""))
        return found or releases.of_zip(*spec, project.locked.checksums.get(spec, ""))
    except InputError:
        return None


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
