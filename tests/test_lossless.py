"""Fixing changes the bytes of the fix and no others, whatever the file looks like and whichever way it is applied."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from linter.library import fix
from tests.conftest import Run

# Each file with its fix marked: «what goes|what comes».
OPEN, BAR, CLOSE = "«", "|", "»"
LEAK = (
    "server.on('upgrade', function (req, socket, head) {\n  req.head = head;\n  go(req);«|\n  delete req.head;»\n});\n"
)
ALLOC = "var b = «new Buffer|Buffer.alloc»(10);\n"
BOTH = f"{LEAK}\n{ALLOC}"


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


FILES: Mapping[str, str] = {
    "as usual": BOTH,
    "CRLF": crlf(BOTH),
    "a byte order mark": f"\ufeff{BOTH}",
    "a byte order mark before the fix": f"\ufeff{ALLOC}",
    "a byte order mark and CRLF": f"\ufeff{crlf(BOTH)}",
    "no line feed at the end": BOTH.removesuffix("\n"),
    "no line feed at the end, CRLF": crlf(BOTH).removesuffix("\r\n"),
    "one line without a line feed": ALLOC.removesuffix("\n"),
    "blank lines at the end": f"{BOTH}\n\n \t\n",
    "tabs": BOTH.replace("  ", "\t"),
    "tabs and blanks": BOTH.replace("  ", " \t "),
    "blanks at line ends": LEAK.replace("head;\n", "head; \t\n") + ALLOC.replace("\n", "  \n"),
    "no semicolons": BOTH.replace(";", ""),
    "no semicolons, CRLF": crlf(BOTH.replace(";", "")),
    "one minified line": "s.on('upgrade',function(r,s,h){r.p=h;go(r)«|;delete r.p»});b=«new Buffer|Buffer.alloc»(8)",
    "a minified comma": "x=1,y=«new Buffer|Buffer.alloc»(8),z=«new Buffer|Buffer.from»('a');",
    "not ASCII before the fix": "var größe = 'naïve €😀', b = «new Buffer|Buffer.alloc»(8), ñ = '日本';\n",
    "names that are not ASCII": LEAK.replace("req", "требование").replace("socket", "𝒮"),
    "escaped names": "var \\u0061 = 1, b = «new Buffer|Buffer.alloc»(8);\n",
    "line separators": "var a = '\u2028\u2029';\nvar b = «new Buffer|Buffer.alloc»(8); // \u2028\n",
    "form feeds": f"\f\n{LEAK}\f\n\v{ALLOC}",
    "a hashbang": f"#!/usr/bin/env node\n{BOTH}",
    "a hashbang, CRLF": crlf(f"#!/usr/bin/env node\n{BOTH}"),
    "HTML comments": f"<!-- hide\n{BOTH}--> end\n",
    "use strict": f"'use strict';\n{BOTH}",
    "use strict without a semicolon": f"'use strict'\n{ALLOC}",
    "HTML in strings": f"var page = '<script>alert(1)</script><!--';\n{BOTH}",
    "diff in comments": f"/*\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n*/\n{BOTH}",
    "mixed line ends, mostly LF": f"var x = 1;\r\nvar y = 2;\r\n{BOTH}",
    "a lone carriage return": f"var x = 'a';\r// b\n{BOTH}",
    "control characters": f"var x = '\x01\x1b[31m\x7f';\n{BOTH}",
    "a sourcemap": f"{BOTH}//# sourceMappingURL=x.js.map",
    "a directive on the last line": f"{BOTH}\t",
    "a NUL far away": BOTH + "// a line of some length, and another one of the same\n" * 200 + "// \0\n",
    "long lines": f"var s = '{'x' * 100_000}', b = «new Buffer|Buffer.alloc»(8);\n",
    "JSX": "var a = <a b='c'>{«new Buffer|Buffer.alloc»(8)} naïve </a>;\n",
}  # fmt: skip


def sides(marked: str) -> tuple[bytes, bytes]:
    """The file before and after its fixes."""
    before = after = marked
    while OPEN in before:
        head, _, rest = before.partition(OPEN)
        old, _, tail = rest.partition(CLOSE)
        before = head + old.partition(BAR)[0] + tail
    while OPEN in after:
        head, _, rest = after.partition(OPEN)
        new, _, tail = rest.partition(CLOSE)
        after = head + new.partition(BAR)[2] + tail
    return before.encode(), after.encode()


@pytest.mark.parametrize("name", FILES)
def test_only_the_fix_changes(nodemend: Run, tmp_path: Path, environment: Mapping[str, str], name: str) -> None:
    before, after = sides(FILES[name])
    for way in ("git", "patch", "write"):
        (tmp_path / way).mkdir()
        (tmp_path / way / "a.js").write_bytes(before)
    diff = nodemend("fix", "--node", "all", "a.js", cwd=tmp_path / "git").stdout
    assert diff.count(b"\n@@ ") >= 1
    apply(["git", "apply", "-"], tmp_path / "git", diff, environment)
    apply(["patch", "-p1", "--binary", "--fuzz=0"], tmp_path / "patch", diff, environment)
    nodemend("fix", "--node", "all", "--write", "a.js", cwd=tmp_path / "write")
    for way in ("git", "patch", "write"):
        assert (tmp_path / way / "a.js").read_bytes() == after, way
    again = nodemend("fix", "--node", "all", "a.js", cwd=tmp_path / "git")
    assert (again.returncode, again.stdout) == (0, b"")


def apply(command: list[str], folder: Path, diff: bytes, environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, input=diff, capture_output=True, env=dict(environment), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"fuzz" not in done.stdout
    assert b"offset" not in done.stdout


@pytest.mark.parametrize("name", FILES)
def test_the_library_makes_the_same_bytes(tmp_path: Path, name: str) -> None:
    before, after = sides(FILES[name])
    (tmp_path / "a.js").write_bytes(before)
    (patch,) = fix(tmp_path / "a.js", node="all").patches
    assert (patch.before, patch.after) == (before, after)
    assert fix(tmp_path / "a.js", node="all", write=True).patches == (patch,)
    assert (tmp_path / "a.js").read_bytes() == after
    assert fix(tmp_path / "a.js", node="all").patches == ()


INVALID = {
    "Latin-1": b"\xe9",
    "cut off": b"\xe2\x82",
    "overlong": b"\xc0\xaf",
    "surrogates": b"\xed\xa0\x80",
    "too large": b"\xf5\x80\x80\x80",
}


@pytest.mark.parametrize("name", INVALID)
@pytest.mark.parametrize("where", ["far away", "on the same line"])
def test_what_is_not_utf8_is_left_alone(nodemend: Run, tmp_path: Path, name: str, where: str) -> None:
    bad = b"var s = '" + INVALID[name] + b"';" + (b"\n" * 20 if where == "far away" else b" ")
    data = bad + sides(BOTH)[0]
    (tmp_path / "a.js").write_bytes(data)
    found = nodemend("check", "--node", "all", "a.js", cwd=tmp_path)
    assert found.returncode == 1
    assert b"encoding" in found.stdout or b"not valid UTF-8" in found.stdout
    assert nodemend("fix", "--node", "all", "--suggestions", "a.js", cwd=tmp_path).stdout == b""
    nodemend("fix", "--node", "all", "--suggestions", "--write", "a.js", cwd=tmp_path)
    assert (tmp_path / "a.js").read_bytes() == data


def test_mode_and_other_links_are_kept(nodemend: Run, tmp_path: Path) -> None:
    before, after = sides(BOTH)
    (tmp_path / "a.js").write_bytes(before)
    (tmp_path / "a.js").chmod(0o755)
    (tmp_path / "store.js").hardlink_to(tmp_path / "a.js")
    nodemend("fix", "--node", "all", "--write", "a.js", cwd=tmp_path)
    assert (tmp_path / "a.js").read_bytes() == after
    assert (tmp_path / "a.js").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "store.js").read_bytes() == before


def test_several_files_are_one_diff(nodemend: Run, tmp_path: Path, environment: Mapping[str, str]) -> None:
    for number, marked in enumerate(FILES.values()):
        (tmp_path / f"{number}.js").write_bytes(sides(marked)[0])
    diff = nodemend("fix", "--node", "all", cwd=tmp_path).stdout
    apply(["git", "apply", "-"], tmp_path, diff, environment)
    for number, marked in enumerate(FILES.values()):
        assert (tmp_path / f"{number}.js").read_bytes() == sides(marked)[1]
