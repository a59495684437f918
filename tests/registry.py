"""A registry on this machine for the real package managers: it serves the packages that a test makes up."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

Files = Mapping[str, bytes]


def tarball(files: Files) -> bytes:
    """A package tarball, always with the same bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


@contextmanager
def serving(packages: Mapping[tuple[str, str], Files]) -> Iterator[str]:
    """The address of a registry with these packages, by name and version; each has a package.json among its files."""
    tarballs = {spec: tarball(files) for spec, files in packages.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path).lstrip("/")
            name, _, file = path.partition("/-/")
            body = self._tarball(name, file) if file else self._about(name)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Type", "application/octet-stream" if file else "application/json")
            self.send_header("Content-Length", str(len(body or b"{}")))
            self.end_headers()
            self.wfile.write(body or b"{}")

        def _tarball(self, name: str, file: str) -> bytes | None:
            version = file.removeprefix(f"{name.rpartition('/')[2]}-").removesuffix(".tgz")
            return tarballs.get((name, version))

        def _about(self, name: str) -> bytes | None:
            versions = {
                version: {
                    **json.loads(packages[known, version]["package.json"]),
                    "dist": {
                        "tarball": f"{address}{known}/-/{known.rpartition('/')[2]}-{version}.tgz",
                        "integrity": integrity(data),
                        "shasum": hashlib.sha1(data).hexdigest(),
                    },
                }
                for (known, version), data in tarballs.items()
                if known == name
            }
            if not versions:
                return None
            old = dict.fromkeys(["created", "modified", *versions], "2020-01-01T00:00:00.000Z")
            tags = {"latest": max(versions)}
            return json.dumps({"name": name, "dist-tags": tags, "versions": versions, "time": old}).encode()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
