"""What a command is going to write, and what it says: worked out in full before the first byte is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..datatype import dataclass, field
from ..errors import PatchError
from ..keepers import Keeper, Kept, Project
from ..replace import Change, content, write_all
from . import attributes
from .document import Document, parse


@dataclass(slots=True)
class Plan:
    """`files` are paths from the project's root with their new bytes (None: the file goes).

    `said` are lines for the reader, `refused` why something could not be done.
    """

    files: dict[str, bytes | None] = field(default_factory=dict)
    add: list[Kept] = field(default_factory=list)
    remove: list[Kept] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def ours(plan: Plan, project: Project, keeper: Keeper) -> Iterator[tuple[Kept, Document]]:
    """The patches that we wrote, as data; those that were damaged since are refused."""
    for item in keeper.kept(project):
        try:
            document = parse(item.data) if item.data is not None else None
        except PatchError as error:
            plan.refused.append(f"{item.path}: {error}")
            continue
        if document is not None:
            yield item, document


def complete(plan: Plan, project: Project, keeper: Keeper) -> None:
    """Adds registrations to the plan's files, and the line in .gitattributes. ConfigError when they cannot be made."""
    if plan.add or plan.remove:
        plan.files.update(keeper.registered(project, plan.add, plan.remove))
    last = bool(plan.remove) and not plan.add and _none_left(plan, project, keeper)
    with_attributes(plan, project.read(attributes.NAME), last=last)


def following(plan: Plan, project: Project, keeper: Keeper) -> str:
    """The command that brings what is installed to what the plan has written."""
    changed = any(path.endswith(".patch") and project.read(path) is not None for path in plan.files)
    return keeper.anew if changed else keeper.install


def land(plan: Plan, root: Path, known: Mapping[str, bytes]) -> bool:
    """Writes all files or none; whether there was anything to write. Raises what write_all does.

    `known` are files as they were when the plan was made: PatchError when they have changed since.
    """
    changes = []
    for path, after in sorted(plan.files.items()):
        before = known.get(path, content(root / path, root))
        if before != after:
            changes.append(Change(root / path, before, after))
    if changes:
        write_all(changes, root=root)
    return bool(changes)


def with_attributes(plan: Plan, before: bytes | None, *, last: bool) -> None:
    """Adds the line in .gitattributes when patches come, takes it out when the last one goes."""
    after = before or b""
    if last:
        after = attributes.removed(after)
    elif any(path.endswith(".patch") and data is not None for path, data in plan.files.items()):
        after = attributes.added(after)
    if after != (before or b""):
        plan.files[attributes.NAME] = after or None


def _none_left(plan: Plan, project: Project, keeper: Keeper) -> bool:
    return all(plan.files.get(item.path, b"") is None for item in keeper.kept(project) if item.data is not None)


def forget(plan: Plan, items: Sequence[Kept]) -> None:
    """Takes patches out: the files and their registrations."""
    for item in items:
        plan.files[item.path] = None
        plan.remove.append(item)
