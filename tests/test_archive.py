"""Package tarballs and zips, well made, odd and hostile."""

from __future__ import annotations

import gzip
import io
import json
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from linter.errors import InputError
from linter.finding import REASONS, Skipped
from linter.packages import Package, contents, discover
from linter.packages import members as limits
from linter.packages.layout import MAX_BYTES
from linter.packages.tar import members

JS = b"exports.a = 1;\n"
MANIFEST = json.dumps({"name": "p", "version": "1.0.0", "engines": {"node": "0.8"}}).encode()
Entry = tuple[str, bytes] | tarfile.TarInfo


def tarball(path: Path, entries: Iterable[Entry], form: int = tarfile.PAX_FORMAT, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode, format=form) as archive:  # type: ignore[call-overload]
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


class Seen:
    """What a scan of one archive saw and read."""

    def __init__(self, path: Path) -> None:
        self.skipped: list[Skipped] = []
        self.packages: list[Package] = list(discover([str(path)], self.skipped.append))
        self.listed = [file.path.removeprefix(f"{path}/") for package in self.packages for file in package.files]
        self.read = {
            file.path.removeprefix(f"{path}/"): data
            for package in self.packages
            for file, data in contents(package, self.skipped.append)
        }
        self.reasons = {one.path.removeprefix(f"{path}/"): one.reason for one in self.skipped}
        assert {one.reason for one in self.skipped} <= set(REASONS)
        assert len(self.reasons) == len(self.skipped), "said twice"


@pytest.mark.parametrize(
    ("form", "mode", "name"),
    [
        pytest.param(tarfile.PAX_FORMAT, "w:gz", "p.tgz", id="pax, gzipped"),
        pytest.param(tarfile.GNU_FORMAT, "w:gz", "p.tar.gz", id="GNU, gzipped"),
        pytest.param(tarfile.USTAR_FORMAT, "w:gz", "P.TGZ", id="ustar, capitals"),
        pytest.param(tarfile.USTAR_FORMAT, "w", "p.tar", id="plain"),
        pytest.param(tarfile.USTAR_FORMAT, "w", "p.tgz", id="plain, though it is called .tgz"),
    ],
)
def test_every_form_of_tarball(tmp_path: Path, form: int, mode: str, name: str) -> None:
    long = "/".join(["deep" * 10] * (2 if form == tarfile.USTAR_FORMAT else 8)) + "/é.js"
    path = tarball(
        tmp_path / name,
        [special("package/", tarfile.DIRTYPE), ("package/package.json", MANIFEST), ("package/lib/a.js", JS),
         (f"package/{long}", JS * 1000), ("package/README.md", b"no"), ("package/bin/run", b"#!/usr/bin/env node\n"),
         ("package/bin/sh", b"#!/bin/sh\n")],
        form, mode,
    )  # fmt: skip
    seen = Seen(path)
    (package,) = seen.packages
    assert (package.name, package.version, package.engines, package.root_engines) == ("p", "1.0.0", "0.8", "0.8")
    assert (package.path, package.archive) == (str(path), path)
    assert seen.read == {"lib/a.js": JS, long: JS * 1000, "bin/run": b"#!/usr/bin/env node\n"}
    assert [file.file for file in package.files] == sorted(seen.read)
    assert [(file.disk, file.member) for file in package.files][-1] == ("", "package/lib/a.js")
    assert seen.skipped == []


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_the_reader_agrees_with_tarfile(tmp_path: Path, form: int) -> None:
    sizes = (0, 1, 511, 512, 513, 1024, 70_000)
    entries = [
        (f"{'x' * (90 if size % 2 else 3)}/{size}.js", b"\0\1\2" * (size // 3) + b"z" * (size % 3)) for size in sizes
    ]
    path = tarball(tmp_path / "p.tgz", entries, form)
    with tarfile.open(path) as archive, path.open("rb") as file:
        expected = [(info.name, data.read()) for info in archive if (data := archive.extractfile(info))]
        assert [(member.name, member.data) for member in members(file, lambda _, __: True, 1 << 30)] == expected
    assert expected == entries


def test_the_first_folder_is_dropped_whatever_it_is_called(tmp_path: Path) -> None:
    path = tarball(
        tmp_path / "p.tgz", [("node-p-1.0/package.json", MANIFEST), ("./node-p-1.0/./a.js", JS), ("b.js", JS)]
    )
    assert list(Seen(path).read) == ["a.js", "b.js"]


def test_bundled_packages_are_packages(tmp_path: Path) -> None:
    path = tarball(tmp_path / "p.tgz", [
        ("package/package.json", MANIFEST), ("package/i.js", JS),
        ("package/node_modules/@s/b/package.json", b'{"name": "@s/b", "version": "2.0.0"}'),
        ("package/node_modules/@s/b/lib/b.js", JS), ("package/node_modules/c/c.js", JS),
        ("package/node_modules/@s/b/esm/package.json", b'{"type": "module"}'),
        ("package/node_modules/@s/b/esm/e.js", JS), ("package/node_modules/.cache/x.js", JS),
        ("package/fixtures/own/package.json", b'{"name": "own"}'), ("package/fixtures/own/o.js", JS),
    ])  # fmt: skip
    seen = Seen(path)
    assert {(p.name, p.version, p.path.removeprefix(str(path))): [f.file for f in p.files] for p in seen.packages} == {
        ("p", "1.0.0", ""): ["i.js"],
        ("own", "", "/fixtures/own"): ["o.js"],
        ("@s/b", "2.0.0", "/node_modules/@s/b"): ["esm/e.js", "lib/b.js"],
        ("c", "", "/node_modules/c"): ["c.js"],
    }
    assert {package.root_engines for package in seen.packages} == {"0.8"}
    assert len(seen.read) == 5


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        pytest.param(("../evil.js", JS), "../evil.js", id="dots first"),
        pytest.param(("package/../../evil.js", JS), "package/../../evil.js", id="dots inside"),
        pytest.param(("package\\..\\evil.js", JS), "package\\..\\evil.js", id="dots between backslashes"),
        pytest.param(("/etc/evil.js", JS), "/etc/evil.js", id="absolute"),
        pytest.param(("C:\\evil.js", JS), "C:\\evil.js", id="a drive"),
        pytest.param(special("package/l.js", tarfile.SYMTYPE, "/etc/passwd"), "package/l.js", id="a symbolic link"),
        pytest.param(special("package/l.js", tarfile.LNKTYPE, "package/ok.js"), "package/l.js", id="a hard link"),
        pytest.param(special("package/l.js", tarfile.CHRTYPE), "package/l.js", id="a device"),
        pytest.param(special("package/l.js", tarfile.FIFOTYPE), "package/l.js", id="a FIFO"),
    ],
)
def test_an_unsafe_member_is_refused_and_the_others_read(tmp_path: Path, entry: Entry, shown: str) -> None:
    path = tarball(tmp_path / "p.tgz", [("package/package.json", MANIFEST), entry, ("package/ok.js", JS)])
    seen = Seen(path)
    assert seen.read == {"ok.js": JS}
    assert seen.reasons == {shown: "archive"}
    assert [one.name for one in tmp_path.iterdir()] == ["p.tgz"]


def test_of_two_members_of_one_name_the_last_counts(tmp_path: Path) -> None:
    entries = [
        ("package/a.js", b"first"),
        ("package/a.js", b"last"),
        ("other/b.js", b"first"),
        ("package/b.js", b"last"),
    ]
    assert Seen(tarball(tmp_path / "p.tgz", entries)).read == {"a.js": b"last", "b.js": b"last"}


def test_odd_names_survive(tmp_path: Path) -> None:
    names = ["new\nline.js", "esc\x1b[31m.js", "\udcff\udcfe.js", "☃.js"]
    path = tarball(tmp_path / "p.tgz", [(f"package/{name}", JS) for name in names], tarfile.GNU_FORMAT)
    assert sorted(Seen(path).read) == sorted(names)


def test_binary_and_too_large_members_are_listed(tmp_path: Path) -> None:
    large = b" " * (MAX_BYTES + 1)
    entries = [("p/b.js", b"\0"), ("p/l.js", large), ("p/package.json", large), ("p/ok.js", JS), ("p/bin/l", large)]
    seen = Seen(tarball(tmp_path / "p.tgz", entries))
    assert list(seen.read) == ["ok.js"]
    assert seen.reasons == {"b.js": "binary", "l.js": "too-large", "package.json": "package-json"}


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_what_was_read_before_a_tarball_breaks_off_stays(tmp_path: Path, keep: float) -> None:
    noise = bytes((i * i * 31 + i // 7) % 251 + 1 for i in range(40_000))
    path = tarball(tmp_path / "p.tgz", [("p/a.js", JS), *((f"p/n{i}.js", noise[i:]) for i in range(50))], mode="w")
    data = path.read_bytes()
    cut = gzip.compress(data, 1)
    path.write_bytes(cut[: int(len(cut) * keep)])
    seen = Seen(path)
    assert seen.read["a.js"] == JS
    assert len(seen.read) < 51
    assert seen.reasons == {str(path): "archive"}
    assert all(data == noise[int(name[1:-3]) :] for name, data in seen.read.items() if name != "a.js")


def test_damage_in_the_middle(tmp_path: Path) -> None:
    path = tarball(tmp_path / "p.tar", [("p/a.js", JS), ("p/b.js", JS)], mode="w")
    data = bytearray(path.read_bytes())
    data[1024:1034] = b"\xff" * 10
    path.write_bytes(data)
    seen = Seen(path)
    assert seen.read == {"a.js": JS}
    assert seen.reasons == {str(path): "archive"}


def test_one_empty_block_does_not_hide_what_follows(tmp_path: Path) -> None:
    one, two = (tarball(tmp_path / f"{n}.tar", [(f"p/{n}.js", JS)], mode="w").read_bytes()[:1024] for n in "ab")
    (tmp_path / "p.tar").write_bytes(one + bytes(512) + two + bytes(1024) + one)
    assert sorted(Seen(tmp_path / "p.tar").read) == ["a.js", "b.js"]


def header(name: str, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not an archive at all\n" * 100, id="text"),
        pytest.param(b"\x1f\x8b", id="only the mark of gzip"),
        pytest.param(gzip.compress(b"text" * 500), id="gzipped text"),
        pytest.param(gzip.compress(header("p/a.js", b"0", 100)), id="a header without its data"),
        pytest.param(header("p/a.js", b"0", 100)[:300], id="half a header"),
        pytest.param(header("x", b"x", 8 << 30) + bytes(1024), id="a pax header of 8 GiB"),
        pytest.param(header("x", b"x", 11) + b"99 path=a\n".ljust(512, b"\0"), id="a pax record with a wrong length"),
        pytest.param(header("x", b"x", 12) + b"12 size=-12\n".ljust(512, b"\0"), id="a negative size"),
        pytest.param(header("p/a.js", b"0", -5), id="a negative size in base 256"),
        pytest.param(header("p/a.js", b"0", 1 << 60), id="an exabyte"),
        pytest.param(b"PK\x03\x04" + bytes(100), id="a zip that ends too soon"),
    ],
)
def test_an_archive_of_which_nothing_can_be_read_is_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "p.tgz"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        Seen(path)
    assert "p.tgz: not an archive that can be read" in str(caught.value)
    assert str(caught.value).isprintable()


def test_ten_thousand_extended_headers_in_a_row(tmp_path: Path) -> None:
    path = tmp_path / "p.tar"
    block = header("x", b"x", 11) + b"11 path=ab\n".ljust(512, b"\0")
    path.write_bytes(block * 10_000 + header("p/a.js", b"0", 0) + bytes(1024))
    assert Seen(path).listed == []  # the name is `ab` now


@pytest.mark.slow
def test_a_bomb_of_sources_stops_at_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "p.tgz"
    blank = b" " * MAX_BYTES
    with gzip.open(path, "wb", 1) as bomb:
        for i in range(40):
            bomb.write(header(f"p/{i}.js", b"0", MAX_BYTES) + blank)
    seen = Seen(path)
    assert len(seen.read) == limits.MAX_SOURCES // MAX_BYTES
    assert seen.reasons == {str(path): "too-large"}


def test_budgets_end_the_reading_not_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(f"p/{i}.js", JS) for i in range(10)]
    for n, (name, value) in enumerate((("MAX_SOURCES", 3 * len(JS)), ("MAX_MEMBERS", 3), ("MAX_UNPACKED", 3 * 1024))):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, value)
            path = tarball(tmp_path / f"{n}.tgz", entries)
            seen = Seen(path)
        assert len(seen.read) == 3, name
        assert seen.reasons == {str(path): "too-large"}


def test_an_archive_that_goes_away_between_the_two_steps(tmp_path: Path) -> None:
    path = tarball(tmp_path / "p.tgz", [("p/a.js", JS)])
    skipped: list[Skipped] = []
    packages = list(discover([str(path)], skipped.append))
    path.unlink()
    assert [list(contents(package, skipped.append)) for package in packages] == [[]]
    assert [(one.path, one.reason) for one in skipped] == [(f"{path}/a.js", "vanished")]


def test_an_archive_that_changes_between_the_two_steps(tmp_path: Path) -> None:
    path = tarball(tmp_path / "p.tgz", [("p/a.js", JS), ("p/b.js", JS)])
    skipped: list[Skipped] = []
    packages = list(discover([str(path)], skipped.append))
    assert len(list(contents(packages[0], skipped.append))) == 2
    tarball(path, [("p/b.js", b"changed and longer")])
    assert [data for _, data in contents(packages[0], skipped.append)] == [b"changed and longer"]
    assert [one.reason for one in skipped] == ["vanished"]


def test_the_same_archive_twice_is_read_once(tmp_path: Path) -> None:
    path = tarball(tmp_path / "p.tgz", [("p/a.js", JS)])
    assert len(list(discover([str(path), str(path)], lambda _: None))) == 1


def zipped(path: Path, entries: Iterable[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in entries:
            archive.writestr(info, data)
    return path


def test_a_zip_with_unsafe_and_damaged_members(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("node_modules/p/l.js")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(tmp_path / "p.zip", [
        ("node_modules/p/package.json", MANIFEST), ("node_modules/p/i.js", JS), ("node_modules/p/../../e.js", JS),
        (link, b"/etc/passwd"), ("node_modules/p/bad.js", b"damaged " * 20),
    ])  # fmt: skip
    data = bytearray(path.read_bytes())
    at = data.index(b"bad.js") + len("bad.js")
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    seen = Seen(path)
    assert [package.name for package in seen.packages] == ["p"]
    assert seen.read == {"node_modules/p/i.js": JS}
    assert seen.reasons == {
        "node_modules/p/../../e.js": "archive",
        "node_modules/p/l.js": "archive",
        "node_modules/p/bad.js": "archive",
    }
