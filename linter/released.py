"""The files of a package as they were released, from a tarball or zip that is at hand and has the locked hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .datatype import dataclass, field
from .errors import InputError
from .packages.members import placed
from .packages.tar import BrokenArchiveError

_STRONGEST = ("sha512", "sha384", "sha256", "sha1")
_ARCHIVES = (".tgz", ".tar.gz", ".zip")


@dataclass(slots=True)
class Releases:
    """Where released files are looked for: folders of tarballs, npm's own cache, and Yarn's. Nothing is downloaded."""

    tarballs: Sequence[Path] = ()
    caches: Sequence[Path] = ()  # of npm: each holds a folder _cacache
    zips: Sequence[Path] = ()  # folders of Yarn's zips
    _given: dict[str, Path] = field(default_factory=dict)
    _listed: set[str] = field(default_factory=set)

    def files(self, integrity: str) -> Mapping[str, bytes] | None:
        """The files of the tarball with this integrity (as npm writes it), by their path; None when it is not there."""
        wanted = _digests(integrity)
        kind = next((kind for kind in _STRONGEST if kind in wanted), None)
        if kind is None:
            return None
        path = self._cached(kind, wanted[kind]) or self._tarball(kind, wanted[kind])
        return unpacked(path) if path else None

    def of_zip(self, name: str, version: str, checksum: str) -> Mapping[str, bytes] | None:
        """The files of the package in the zip of Yarn's cache that has this checksum; None when it is not there."""
        slug = f"{name.replace('/', '-')}-npm-{version}-"
        for folder in self.zips if checksum else ():
            for path in sorted(folder.glob(f"{slug}*.zip")):
                if _digest(path, "sha512") == checksum:
                    inside = f"node_modules/{name}/"
                    return {place.removeprefix(inside): data for place, data in unpacked(path).items()}
        return None

    def _cached(self, kind: str, digest: str) -> Path | None:
        for folder in self.caches:
            path = folder / "_cacache" / "content-v2" / kind / digest[:2] / digest[2:4] / digest[4:]
            if path.is_file() and _digest(path, kind) == digest:
                return path
        return None

    def _tarball(self, kind: str, digest: str) -> Path | None:
        if kind not in self._listed:
            self._listed.add(kind)
            for folder in self.tarballs:
                for path in _archives(folder):
                    self._given[f"{kind}-{_digest(path, kind)}"] = path
        return self._given.get(f"{kind}-{digest}")


def npm_caches(project: Path) -> tuple[Path, ...]:
    """Where npm keeps its cache, for this project and user; only folders that are there."""
    named = [next((value for key, value in os.environ.items() if key.lower() == "npm_config_cache"), "")]
    named += [_setting(folder / ".npmrc") for folder in (project, Path.home())]
    usual = [str(Path.home() / ".npm"), os.path.join(os.environ.get("LOCALAPPDATA", ""), "npm-cache")]
    return tuple(dict.fromkeys(path for path in map(Path, [*named, *usual]) if (path / "_cacache").is_dir()))


def yarn_caches(project: Path) -> tuple[Path, ...]:
    """Where Yarn 2 and later keep their zips; only folders that are there."""
    home = os.environ.get("YARN_GLOBAL_FOLDER") or str(Path.home() / ".yarn" / "berry")
    named = [project / ".yarn" / "cache", Path(os.environ.get("YARN_CACHE_FOLDER") or "-"), Path(home, "cache")]
    return tuple(path for path in named if path.is_dir())


def _setting(npmrc: Path) -> str:
    try:
        lines = npmrc.read_text("utf-8", "replace").split("\n")
    except OSError:
        return ""
    values = [value.strip() for key, _, value in (line.partition("=") for line in lines) if key.strip() == "cache"]
    return os.path.expandvars(values[-1]) if values else ""


def _digests(integrity: str) -> dict[str, str]:
    """The hashes in an integrity, in hex, by their kind."""
    found: dict[str, str] = {}
    for word in integrity.split():
        kind, _, value = word.partition("?")[0].partition("-")
        try:
            found[kind] = base64.b64decode(value, validate=True).hex()
        except (ValueError, binascii.Error):
            continue
    return found


def _archives(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in sorted(folder.rglob("*")) if path.name.endswith(_ARCHIVES) and path.is_file())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from None


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def unpacked(path: Path) -> dict[str, bytes]:
    """All files of an archive, by their place in the package. InputError when it cannot be read to its end."""
    try:
        return {place: member.data for place, member in placed(path, lambda _place, _size: True)
                if member.data is not None and not member.refused}  # fmt: skip
    except BrokenArchiveError as error:
        raise InputError(f"{path}: not an archive that can be read: {error}") from None
