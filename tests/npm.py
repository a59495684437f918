"""Real packages from the npm registry, by exact version and integrity, kept in the ignored folder .cache.

python -m tests.npm add NAME@VERSION ...      write the integrity of more packages to fixtures/npm/packages.json
python -m tests.npm fetch [NAME@VERSION ...]  download these, or everything in packages.json
python -m tests.npm tree NAME                 install fixtures/npm/NAME and print where it is
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "npm"
PACKAGES = FIXTURES / "packages.json"
CACHE = ROOT / ".cache"
BATCH = 40  # packages for one run of npm at most: it takes a while to start, and asks for one after the other
AT_ONCE = 4  # runs of npm at a time: most of theirs goes into waiting for answers
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

Spec = tuple[str, str]  # name, version


class NpmError(Exception):
    """npm failed, or what it brought is not what was settled."""


def fetch(name: str, version: str) -> Path:
    """The package's tarball, just as the registry has it."""
    return fetch_all([(name, version)])[0]


def fetch_all(specs: Iterable[Spec]) -> list[Path]:
    """The tarballs of these packages, in their order; what is not in the cache is downloaded in batches."""
    wanted, settled = list(specs), integrities()
    unknown = [f"{name}@{version}" for name, version in wanted if (name, version) not in settled]
    if unknown:
        raise NpmError(f"not in {PACKAGES.name}: run python -m tests.npm add {' '.join(unknown)}")
    with locked():
        missing = [spec for spec in dict.fromkeys(wanted) if not _intact(_tarball(spec), settled[spec])]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(_download, batch, settled) for batch in _batches(missing)]:
                done.result()
    return [_tarball(spec) for spec in wanted]


def unpacked(name: str, version: str) -> Path:
    """The folder with the package's files: what would be node_modules/NAME, without its dependencies."""
    tarball = fetch(name, version)
    folder = tarball.with_suffix("")
    with locked():
        if not folder.is_dir():
            with built(folder) as building:
                _extract(tarball, building)
    return folder


def tree(name: str) -> Path:
    """The folder where fixtures/npm/NAME is installed with its dependencies, as its lockfile says.

    It is shared by all tests and runs: whoever wants to change something changes a copy.
    """
    folder = CACHE / "trees" / name
    manifests = [FIXTURES / name / "package.json", FIXTURES / name / "package-lock.json"]
    with locked():
        # The lockfile is copied with the tree, so an equal one says that there is nothing to do.
        if not all(same(folder / manifest.name, manifest) for manifest in manifests):
            with built(folder) as building:
                for manifest in manifests:
                    shutil.copy(manifest, building)
                _npm("ci", cwd=building)
    return folder


def versions(name: str) -> list[str]:
    """The versions of a package that are in packages.json, oldest first."""
    return [version for known, version in integrities() if known == name]


def integrities() -> dict[Spec, str]:
    """What is settled: for each name and version the sha512 of its tarball, as npm writes it."""
    rows: list[dict[str, str]] = json.loads(PACKAGES.read_text("utf8")) if PACKAGES.exists() else []
    return {(row["name"], row["version"]): row["integrity"] for row in rows}


def add(specs: Iterable[Spec]) -> None:
    """Settle the integrity of these packages as the registry serves them now. Those already settled stay as they are.

    npm itself compares each tarball with the registry's own hash, which for old releases may be a SHA-1.
    """
    settled = integrities()
    fresh = [spec for spec in dict.fromkeys(specs) if spec not in settled]
    with locked():
        for batch in _batches(fresh):
            _download(batch, settled)
            _settle(settled)


def _settle(settled: dict[Spec, str]) -> None:
    ordered = sorted(settled.items(), key=lambda item: (item[0][0], _precedence(item[0][1])))
    rows = [{"name": name, "version": version, "integrity": value} for (name, version), value in ordered]
    PACKAGES.write_text("[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]\n", "utf8")


def _precedence(version: str) -> tuple[list[int], bool, str]:
    release, _, pre = version.partition("-")
    return [int(part) for part in release.split(".")], not pre, pre


def _tarball(spec: Spec) -> Path:
    return CACHE / "packages" / f"{spec[0].replace('/', '+')}-{spec[1]}.tgz"


def _batches(specs: Sequence[Spec]) -> list[Sequence[Spec]]:
    """The packages in runs of npm: as many as can go at once, and more where these would be long."""
    size = min(BATCH, max(1, -(-len(specs) // AT_ONCE)))
    return [specs[start : start + size] for start in range(0, len(specs), size)]


def _download(specs: Sequence[Spec], settled: dict[Spec, str]) -> None:
    """Bring these packages into the cache; one that is not settled yet becomes so."""
    (CACHE / "packages").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE / "packages") as scratch:
        names = [f"{name}@{version}" for name, version in specs]
        for row in json.loads(_npm("pack", "--json", *names, cwd=Path(scratch))):
            spec, came = (row["name"], row["version"]), Path(scratch) / row["filename"]
            if not _intact(came, settled.setdefault(spec, _integrity(came))):
                raise NpmError(f"{spec[0]}@{spec[1]}: {_integrity(came)} came, but {settled[spec]} is settled")
            came.replace(_tarball(spec))
    gone = [f"{name}@{version}" for name, version in specs if not _tarball((name, version)).exists()]
    if gone:
        raise NpmError(f"npm pack brought no {', '.join(gone)}")


def _npm(command: str, *arguments: str, cwd: Path) -> str:
    """What npm prints. The second try is for the network, which fails now and then."""
    for last in (False, True):
        line = ["npm", command, *QUIET, *arguments]
        done = subprocess.run(line, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode == 0:
            return done.stdout
        if last:
            break
    raise NpmError(f"npm {command} {' '.join(arguments)} failed:\n{done.stderr.strip()}")


def _integrity(tarball: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()


def _intact(tarball: Path, integrity: str) -> bool:
    return tarball.is_file() and _integrity(tarball) == integrity


def same(a: Path, b: Path) -> bool:
    return a.is_file() and a.read_bytes() == b.read_bytes()


def _extract(tarball: Path, folder: Path) -> None:
    """Unpack without the first folder of each name; npm does not care what it is called, and old releases differ."""
    with tarfile.open(tarball) as archive:
        for member in archive.getmembers():
            inner = member.name.partition("/")[2]
            if inner and (member.isfile() or member.isdir()):
                archive.extract(member.replace(name=inner, deep=False), folder, filter="data")


@contextmanager
def built(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the place of `folder` once it is complete, and is removed otherwise."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    building.chmod(0o755)
    try:
        yield building
        shutil.rmtree(folder, ignore_errors=True)
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


@contextmanager
def locked() -> Iterator[None]:
    """One process at a time, so that parallel test workers download nothing twice."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str]) -> int:
    command, names = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        specs = [_spec(name) for name in names] if command in ("add", "fetch") else []
        if command == "add" and specs:
            add(specs)
        elif command == "fetch":
            fetch_all(specs or integrities())
        elif command == "tree" and len(names) == 1:
            print(os.path.relpath(tree(names[0])))
        else:
            print((__doc__ or "").partition("\n\n")[2].strip(), file=sys.stderr)
            return 2
    except NpmError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _spec(text: str) -> Spec:
    name, at, version = text.rpartition("@")
    if not (name and at and version[:1].isdigit()):
        raise NpmError(f"{text!r} is not NAME@VERSION with an exact version")
    return name, version


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
