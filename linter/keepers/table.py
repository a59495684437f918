"""npm 12, Bun and pnpm: a table `patchedDependencies` from `name@version` to the path of a patch file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from ..datatype import dataclass
from ..errors import ConfigError, InputError
from ..json_text import with_value, without
from .keeper import Copy, Kept, Project, Unit, is_exact, parsed_key

_KEY = "patchedDependencies"
_WORKSPACE = "pnpm-workspace.yaml"


@dataclass(frozen=True, slots=True)
class TableKeeper:
    """A manager whose table is in package.json, at the path `table` of keys."""

    name: str
    install: str
    slash: str  # what stands for the / of a scoped name in the name of a patch file
    table: tuple[str, ...] = (_KEY,)

    @property
    def anew(self) -> str:
        return self.install

    def unit(self, copy: Copy) -> Unit:
        if copy.bundled:
            raise InputError(f"{copy.at}: came inside of another package, where {self.name} patches nothing")
        return Unit(copy.name, copy.version)

    def place(self, unit: Unit) -> str:
        return f"patches/{unit.name.replace('/', self.slash)}@{unit.version}.patch"

    def kept(self, project: Project) -> list[Kept]:
        rows = {key: value for key, value in project.table(*self.table).items() if isinstance(value, str)}
        return kept(project, rows, self)

    def registered(self, project: Project, add: Sequence[Kept], remove: Sequence[Kept]) -> Mapping[str, bytes | None]:
        text = project.text
        for item in remove:
            text = without(text, (*self.table, key_of(item)))
        for item in add:
            text = with_value(text, (*self.table, key_of(item)), item.path)
        return {"package.json": text.encode()} if text != project.text else {}

    def objection(self, lines: Sequence[bytes]) -> str:
        del lines
        return ""


@dataclass(frozen=True, slots=True)
class WorkspaceKeeper:
    """pnpm from version 10 on: the table is in pnpm-workspace.yaml, edited line by line so that comments stay."""

    name: str = "pnpm"
    install: str = "pnpm install"

    @property
    def anew(self) -> str:
        return self.install

    def unit(self, copy: Copy) -> Unit:
        return _IN_MANIFEST.unit(copy)

    def place(self, unit: Unit) -> str:
        return _IN_MANIFEST.place(unit)

    def kept(self, project: Project) -> list[Kept]:
        rows = _rows(_text(project)) or {}
        return kept(project, rows, self)

    def registered(self, project: Project, add: Sequence[Kept], remove: Sequence[Kept]) -> Mapping[str, bytes | None]:
        before = _text(project)
        rows = _rows(before)
        lines = before.split("\n") if before else [""]
        for item in remove:
            lines = [line for line in lines if not _is_row(line, key_of(item))]
        new = [item for item in add if key_of(item) not in (rows or {})]
        at = next((n for n, line in enumerate(lines) if line.partition("#")[0].rstrip() == f"{_KEY}:"), None)
        if at is not None:
            indent = next((line[: -len(line.lstrip())] for line in lines[at + 1 :] if line.startswith(" ")), "  ")
            lines[at + 1 : at + 1] = [_row(indent, item) for item in new]
        elif new:
            start = len(lines) - 1 if not lines[-1] else len(lines)
            lines[start:] = [f"{_KEY}:", *(_row("  ", item) for item in new), ""]
        after = _without_empty("\n".join(lines))
        wanted = {**(rows or {}), **{key_of(item): item.path for item in add}}
        for item in remove:
            wanted.pop(key_of(item), None)
        if (_rows(after) or {}) != wanted:
            hint = "write it as a block, one `key: path` on a line, and run again"
            raise ConfigError(f"{_WORKSPACE}: its {_KEY} cannot be edited line by line", hint=hint)
        if after == before:
            return {}
        return {_WORKSPACE: after.encode() if after.strip() else None}

    def objection(self, lines: Sequence[bytes]) -> str:
        del lines
        return ""


NPM = TableKeeper("npm", "npm install", "/")
BUN = TableKeeper("bun", "bun install", "%2F")
PNPM_OLD = TableKeeper("pnpm", "pnpm install", "__", ("pnpm", _KEY))
PNPM = WorkspaceKeeper()
_IN_MANIFEST = PNPM_OLD


def key_of(item: Kept) -> str:
    """The key a patch is registered under: always with the exact version."""
    return f"{item.unit.name}@{item.unit.version}" if item.unit.version else item.unit.name


def kept(project: Project, rows: Mapping[str, str], keeper: TableKeeper | WorkspaceKeeper) -> list[Kept]:
    """The patches that a table names, and those of ours that lie in patches/ without being in it."""
    found = []
    for key, path in rows.items():
        name, version = parsed_key(key)
        found.append(Kept(Unit(name, version), path, project.read(path)))
    named = {item.path for item in found}
    for file in sorted((project.root / "patches").rglob("*.patch")):
        path = file.relative_to(project.root).as_posix()
        unit = _unit(path, keeper)
        if path not in named and unit is not None:
            found.append(Kept(unit, path, project.read(path), registered=False))
    return found


def _unit(path: str, keeper: TableKeeper | WorkspaceKeeper) -> Unit | None:
    """What a file in patches/ is for, by its name."""
    slash = keeper.slash if isinstance(keeper, TableKeeper) else _IN_MANIFEST.slash
    stem = path.removeprefix("patches/").removesuffix(".patch")
    name, version = parsed_key(stem)
    name = name.replace(slash, "/", 1) if name.startswith("@") else name
    return Unit(name, version) if is_exact(version) and ("/" in name) == name.startswith("@") else None


def _text(project: Project) -> str:
    return (project.read(_WORKSPACE) or b"").decode("utf-8")


def _rows(text: str) -> dict[str, str] | None:
    """The table in pnpm-workspace.yaml; None when it has none."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{_WORKSPACE}: not YAML: {' '.join(str(error).split())[:80]}") from None
    table = content.get(_KEY) if isinstance(content, dict) else None
    return {str(key): str(value) for key, value in table.items()} if isinstance(table, dict) else None


def _row(indent: str, item: Kept) -> str:
    # In quotes, because a name with a scope begins with an @, which YAML keeps for itself.
    return f"{indent}'{key_of(item)}': '{item.path}'"


def _is_row(line: str, key: str) -> bool:
    return line.startswith(" ") and line.strip().startswith((f"'{key}':", f'"{key}":', f"{key}:"))


def _without_empty(text: str) -> str:
    """The text less a table without rows."""
    lines = text.split("\n")
    at = next((n for n, line in enumerate(lines) if line.rstrip() == f"{_KEY}:"), None)
    if at is not None and not any(line.startswith(" ") for line in lines[at + 1 : at + 2]):
        del lines[at]
    return "\n".join(lines)
