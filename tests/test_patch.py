"""Unified diffs out and in: the exact form, what other tools make of it, and what is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from linter.errors import PatchError
from linter.patch import FilePatch, Hunk, applied, printed, read, stripped, unified

case = pytest.param
MANAGER = b"""\
Manager.prototype.handleUpgrade = function (req, socket, head) {
  var data = this.checkRequest(req)
    , self = this;

  req.head = head;
  this.handleClient(data, req);
};

/**
"""
MENDED = MANAGER.replace(b"(data, req);\n", b"(data, req);\n  delete req.head;\n")
DIFF = b"""\
diff --git a/lib/manager.js b/lib/manager.js
--- a/lib/manager.js
+++ b/lib/manager.js
@@ -4,6 +4,7 @@ Manager.prototype.handleUpgrade = function (req, socket, head) {
\x20
   req.head = head;
   this.handleClient(data, req);
+  delete req.head;
 };
\x20
 /**
"""
TEN = b"".join(b"%d\n" % number for number in range(1, 11))


def body(before: bytes, after: bytes) -> bytes:
    """The hunks of a diff, without the three header lines."""
    return unified("x", before, after).split(b"\n", 3)[3]


def test_the_form_of_a_diff() -> None:
    assert unified("lib/manager.js", MANAGER, MENDED) == DIFF
    assert unified("lib/manager.js", MANAGER, MANAGER) == b""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        case(b"a\n", b"b\n", b"@@ -1 +1 @@\n-a\n+b\n", id="a count of one is left out, as git does"),
        case(b"", b"a\nb\n", b"@@ -0,0 +1,2 @@\n+a\n+b\n", id="an empty file is filled"),
        case(b"a\n", b"", b"@@ -1 +0,0 @@\n-a\n", id="a file is emptied"),
        case(
            b"a\r\nb\r\n", b"a\r\nc\r\n", b"@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n", id="CR in the body, LF in the header"
        ),
        case(
            b"\xef\xbb\xbfa\nb", b"\xef\xbb\xbfa\nc",
            b"@@ -1,2 +1,2 @@\n \xef\xbb\xbfa\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
            id="a BOM stays in its line; both sides without a line feed at the end",
        ),
        case(
            b"a\nb", b"x\nb", b"@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n", id="marker after context"
        ),
        case(
            b"a", b"a\n", b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", id="a line feed is added at the end"
        ),
        case(b"a\xe9\x85\x0c\n", b"", b"@@ -1 +0,0 @@\n-a\xe9\x85\x0c\n", id="bytes that are no UTF-8 are kept"),
        case(
            TEN, TEN.replace(b"2\n", b"two\n").replace(b"9\n", b"nine\n"),
            b"@@ -1,10 +1,10 @@\n 1\n-2\n+two\n 3\n 4\n 5\n 6\n 7\n 8\n-9\n+nine\n 10\n",
            id="six equal lines between: one hunk",
        ),
        case(
            TEN, TEN.replace(b"2\n", b"", 1).replace(b"10\n", b"ten\n"),
            b"@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -7,4 +6,4 @@\n 7\n 8\n 9\n-10\n+ten\n",
            id="seven: two hunks, the second numbered after what the first did",
        ),
    ],
)  # fmt: skip
def test_hunks(before: bytes, after: bytes, expected: bytes) -> None:
    assert body(before, after) == expected
    assert applied(read(unified("x", before, after))[0], before) == after


@pytest.mark.parametrize(
    ("above", "heading"),
    [
        case(b"function f() {\n", b" function f() {", id="a line that begins with a letter"),
        case(b"$.x = function () {\r\n", b" $.x = function () {", id="or with a dollar, without its line end"),
        case(b"_a\nb\n", b" b", id="the nearest"),
        case(b"  function f() {\n}\n", b"", id="an indented one is none"),
        case(b"f" * 200 + b"\n", b" " + b"f" * 80, id="a long one is cut"),
        case("f = 'a\u2028b'\n".encode(), b" f = 'a", id="cut before what ends a line in JavaScript"),
    ],
)
def test_section_heading(above: bytes, heading: bytes) -> None:
    rest = b" 1\n 2\n 3\n 4\n"
    first = body(above + rest, above + rest + b" 5\n").split(b"\n")[0]
    assert first.partition(b" @@")[2] == heading


def test_a_second_hunk_without_a_heading_of_its_own_repeats_the_first_ones() -> None:
    lines = [b"f()\n", *[b" %d\n" % number for number in range(30)]]
    after = [*lines[:10], b" new\n", *lines[10:25], b" new\n", *lines[25:]]
    assert [hunk.section for hunk in read(unified("x", b"".join(lines), b"".join(after)))[0].hunks] == [b"f()", b"f()"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        case([], b"", id="none"),
        case(["nodemend 0.1.0", "", "é"], "# nodemend 0.1.0\n#\n# é\n".encode(), id="each line a comment"),
        case(["# ready"], b"# ready\n", id="a comment stays as it is"),
        case(["a\n--- a/x\r\n+++ b/x"], b"# a\n# --- a/x\n# +++ b/x\n", id="no text can become a patch"),
    ],
)
def test_header(header: list[str], expected: bytes) -> None:
    text = unified("lib/manager.js", MANAGER, MENDED, header=header)
    assert text == expected + DIFF
    assert read(text) == read(DIFF)


NAMES = [
    case("lib/a.js", b"a/lib/a.js", id="plain"),
    case("@scope/a+b~c'.js", b"a/@scope/a+b~c'.js", id="punctuation"),
    case("a b/ c .js", b"a/a b/ c .js\t", id="blanks, and git's tab after them"),
    case("x b/x", b"a/x b/x\t", id="what looks like two names"),
    case("日本/é.js", "a/日本/é.js".encode(), id="not ASCII: raw, five tools take no escapes"),
    case("a\nb.js", b'"a/a\\nb.js"', id="line feed"),
    case("a\tb c.js", b'"a/a\\tb c.js"\t', id="tab and blank"),
    case('a"b.js', b'"a/a\\"b.js"', id="quote"),
    case("a\x01\x7f\x1b.js", b'"a/a\\001\\177\\033.js"', id="control characters"),
    case("a\r.js", b'"a/a\\r.js"', id="carriage return"),
    case("a\udcff.js", b"a/a\xff.js", id="bytes that are no UTF-8"),
    case("-rf.js", b"a/-rf.js", id="what looks like an option"),
]


@pytest.mark.parametrize(("name", "label"), NAMES)
def test_names_are_written_as_git_does_and_read_back(name: str, label: bytes) -> None:
    text = unified(name, MANAGER, MENDED)
    assert text.split(b"\n")[1] == b"--- " + label
    assert [patch.name for patch in read(text)] == [name]


@pytest.mark.parametrize(("name", "label"), NAMES)
@pytest.mark.parametrize(
    ("check", "command"),
    [
        case(["git", "apply", "--check"], ["git", "apply"], id="git"),
        case(["patch", "-p1", "--dry-run"], ["patch", "-p1"], id="GNU patch"),
    ],
)
def test_git_and_gnu_patch_find_the_file(
    tmp_path: Path, name: str, label: bytes, check: list[str], command: list[str]
) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(MANAGER)
    text = unified(name, MANAGER, MENDED, header=["a comment"])
    assert label in text
    for call, expected in ((check, MANAGER), (command, MENDED)):
        done = subprocess.run(call, cwd=tmp_path, input=text, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert file.read_bytes() == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        case(MANAGER, MENDED, id="one line inserted"),
        case(TEN, TEN.replace(b"2\n", b"", 1).replace(b"10\n", b"ten\n"), id="two hunks"),
        case(b"a\r\nb\r\nc", b"a\r\nb\r\nc\r\n", id="CRLF, line end added"),
        case(b"f()\n" + TEN * 4, b"f()\n" + TEN * 2 + b"g()\n" + TEN * 2 + b"h()\n", id="headings"),
        case(b"", b"a\n", id="filled"),
        case(b"a", b"", id="emptied"),
    ],
)
def test_git_itself_writes_the_same(tmp_path: Path, before: bytes, after: bytes) -> None:
    for side, content in (("a", before), ("b", after)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "x.js").write_bytes(content)
    command = [
        "git",
        "-c",
        "diff.indentHeuristic=false",
        "diff",
        "--no-index",
        "--no-color",
        "--no-ext-diff",
        "a/x.js",
        "b/x.js",
    ]
    theirs = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout
    # Without an index of ours git calls the two files a/a/x.js and b/b/x.js, and adds their hashes.
    assert theirs.partition(b"\n@@")[2] == unified("x.js", before, after).partition(b"\n@@")[2]


def test_a_name_that_has_no_bytes_is_refused() -> None:
    with pytest.raises(PatchError, match=r"a patch cannot name 'a/\\ud800.js': it has no UTF-8 form"):
        unified("\ud800.js", b"a", b"b")


def edited(old: bytes, new: bytes, text: bytes = DIFF) -> bytes:
    assert old in text
    return text.replace(old, new)


CREATE = b"diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+a\n"
DELETE = b"diff --git a/n b/n\ndeleted file mode 100644\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"


@pytest.mark.parametrize(
    "text",
    [
        case(edited(b"--- a", b"index b3ea7d9..8393785 100644\n--- a"), id="index line"),
        case(b"".join(DIFF.splitlines(keepends=True)[1:]), id="without the diff --git line"),
        case(b"Index: lib/manager.js\n=====\n" + DIFF.partition(b"\n")[2], id="as Subversion and jsdiff write it"),
        case(edited(b"manager.js\n@@", b"manager.js\t2026-11-22 10:00:00\n@@"), id="timestamp"),
        case(b"\xef\xbb\xbf" + DIFF, id="BOM"),
        case(DIFF[:-1], id="cut line feed at the end"),
        case(DIFF + b"\n", id="a blank line at the end"),
        case(DIFF + b"# a comment\n", id="a comment at the end"),
        case(b"From: me\n--- and +++ and @@ in prose\n rename from x\n" + DIFF, id="prose before it"),
        case(edited(b"\n \n", b"\n\n"), id="blanks at line ends stripped"),
        case(
            edited(
                b"diff --git a/lib/manager.js b/lib/manager.js", b'diff --git "a/lib/\\155anager.js" "b/lib/manager.js"'
            ),
            id="escapes where none are needed",
        ),
    ],
)
def test_other_spellings_are_read_as_the_same_patch(text: bytes) -> None:
    patch = read(text)[0]
    assert patch.name == "lib/manager.js"
    assert applied(patch, MANAGER) == MENDED


def test_created_and_deleted_files() -> None:
    created, deleted = read(CREATE + DELETE)
    assert (created.name, created.kind, created.mode) == ("n", "create", "100755")
    assert (deleted.name, deleted.kind, deleted.mode) == ("n", "delete", "100644")
    assert applied(created, b"") == b"a\n"
    assert applied(deleted, b"a\n") == b""
    assert printed(created) + printed(deleted) == CREATE + DELETE
    with pytest.raises(PatchError, match="n: the patch creates this file, but it exists and is not empty"):
        applied(created, b"a\n")


def named(name: bytes) -> bytes:
    return edited(b"lib/manager.js", name)


@pytest.mark.parametrize(
    ("text", "hunk", "said"),
    [
        case(b"", 0, "not a patch: no file header", id="nothing"),
        case(MANAGER, 0, "not a patch: no file header", id="a program"),
        case(b"\x00\xff\n" * 9, 0, "not a patch: no file header", id="binary"),
        case(DIFF[DIFF.index(b"@@") :], 0, "line 1 of the patch: a hunk before any file", id="a bare hunk"),
        case(DIFF[: DIFF.index(b"@@")], 0, "a file without hunks", id="headers only"),
        case(b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", 0, "file's mode", id="mode only"),
        case(edited(b"-4,6", b"-4,5"), 1, "line 11 of the patch: hunk is longer than expected", id="old count low"),
        case(edited(b"-4,6", b"-4,7"), 1, "hunk is shorter than expected", id="old count high"),
        case(edited(b"+4,7", b"+4,6"), 1, "hunk is longer than expected", id="new count low"),
        case(edited(b"+4,7", b"+4,8"), 1, "hunk is shorter than expected", id="new count high"),
        case(edited(b"-4,6 +4,7", b"-4,5 +4,6"), 1, "has more lines than its header", id="both counts low"),
        case(DIFF[:-20], 1, "hunk is shorter than expected", id="cut off"),
        case(edited(b"-4,6", b"-x,6"), 1, "line 4 of the patch: malformed hunk header", id="not a number"),
        case(edited(b"-4,6", b"-" + b"9" * 5000 + b",6"), 1, "malformed hunk header", id="a number of 5000 digits"),
        case(edited(b"@@ -4,6 +4,7 @@", b"@@@ -4,6 -4,6 +4,7 @@@"), 1, "malformed hunk", id="a merge's diff"),
        case(edited(b" };", b"};"), 1, "hunk diff line expected", id="a context line lost its blank"),
        case(edited(b"+  delete req.head;", b"   delete req.head;"), 1, "longer than expected", id="a lost +"),
        case(DIFF + b"-- \n2.39.5\n", 1, "has more lines than its header", id="git format-patch"),
        case(DIFF + b"Thanks!\n", 1, "line 12 of the patch: text that belongs to no hunk", id="text after it"),
        case(DIFF + b"\\ Kein Zeilenumbruch am Dateiende.\n", 1, "malformed end-of-file", id="a translated marker"),
        case(DIFF + b"\n\\ No newline at end of file\n", 1, "malformed end-of-file", id="a marker after nothing"),
        case(
            edited(b"+  delete req.head;\n", b"+  delete req.head;\n\\ No newline at end of file\n"), 1,
            "hunk 1 has an end-of-file marker before the end", id="a marker in the middle",
        ),
        case(
            edited(b"+  delete req.head;\n", b"+  delete req.head;\n\\ huh\n"), 1,
            "hunk 1 has a malformed end-of-file marker", id="a broken marker in the middle",
        ),
        case(
            edited(b"+  delete req.head;\n", b"").replace(b"+4,7", b"+4,6"), 1, "changes nothing", id="no change in it"
        ),
        case(
            b"--- a/x\n+++ b/x\n@@ -618,0 +619 @@\n+  delete req.head;\n", 1, "has no context", id="diff -U0"
        ),
        case(
            DIFF + b"@@ -8 +9 @@\n-a\n+b\n", 2, "lib/manager.js: hunk 2 has no context", id="diff -U0 in a second hunk"
        ),
        case(DIFF + b"@@ -9,2 +9,2 @@\n a\n-b\n+c\n", 2, "hunk 2 is out of order or overlaps", id="overlapping"),
        case(DIFF + b"@@ -1,2 +1,2 @@\n a\n-b\n+c\n", 2, "hunk 2 is out of order or overlaps", id="out of order"),
        case(
            b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-\n+c\n\\ No newline at end of file\n@@ -5,2 +5,2 @@\n e\n-\n+g\n",
            1,
            "hunk 1 has an end-of-file marker before the end", id="a marker, and another hunk",
        ),
        case(edited(b"-4,6", b"-0,6"), 1, "hunk 1 is out of order", id="lines before the first"),
        case(
            DIFF + DIFF + b"@@ -1,2 +1,2 @@\n a\n-b\n+c\n", 2, "hunk 2 is out of order", id="counted anew for each file"
        ),
        case(named(b"/lib/x.js"), 0, "absolute, has a drive or a backslash, or leads out", id="absolute"),
        case(named(b"../../evil.js"), 0, "or leads out", id="up and out"),
        case(named(b"lib/../../evil.js"), 0, "or leads out", id="down, up and out"),
        case(named(b"./x.js"), 0, "or leads out", id="dot"),
        case(named(b"C:/x.js"), 0, "has a drive", id="drive"),
        case(named(b"lib\\x.js"), 0, "backslash", id="backslash"),
        case(DIFF.replace(b"a/lib/manager.js", b'"a/..\\\\x"').replace(b"b/lib/manager.js", b'"b/..\\\\x"'), 0,
             "backslash", id="quoted backslash"),
        case(DIFF.replace(b"a/lib/manager.js", b'"a/\\056\\056/x"').replace(b"b/lib/manager.js", b'"b/../x"'), 0,
             "or leads out", id="dots in octal"),
        case(named(b""), 0, "or leads out", id="no name at all"),
        case(edited(b"+++ b/lib", b"+++ /elsewhere/lib"), 0, "one name after a/ and b/", id="a path of a temp folder"),
        case(edited(b"a/", b"").replace(b"b/lib", b"lib"), 0, "one name after a/ and b/", id="no a/ and b/"),
        case(edited(b"+++ b/lib/manager.js", b"+++ b/lib/other.js"), 0, "renames are refused", id="two names"),
        case(edited(b" b/lib/manager.js\n---", b" b/lib/other.js\n---"), 0, "diff --git names another", id="three"),
        case(
            b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n", 0,
            "it renames or copies", id="rename",
        ),
        case(
            b"diff --git a/x b/y\ncopy from x\ncopy to y\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", 0,
            "it renames or copies", id="copy",
        ),
        case(
            b"diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n", 0,
            "a binary file", id="binary files",
        ),
        case(b"diff --git a/x b/x\nGIT binary patch\nliteral 1\n", 0, "a binary file", id="git binary patch"),
        case(edited(b"--- a", b"old mode 100644\nnew mode 100755\n--- a"), 0, "a file's mode", id="mode and text"),
        case(CREATE.replace(b"100755", b"120000"), 0, "makes a link", id="a symbolic link"),
        case(CREATE.replace(b"new file", b"deleted file"), 0, "does not go with the names", id="mode of the other"),
        case(CREATE.replace(b"@@ -0,0 +1 @@", b"@@ -1 +1 @@\n-b"), 1, "must be one hunk", id="create with old lines"),
        case(DIFF.replace(b"\n", b"\r\n"), 0, "line 3 of the patch: its headers end in CRLF", id="CRLF checkout"),
    ],
)  # fmt: skip
def test_what_is_refused(text: bytes, hunk: int, said: str) -> None:
    with pytest.raises(PatchError) as raised:
        read(text)
    assert said in str(raised.value)
    assert raised.value.hunk == hunk
    assert str(raised.value).isprintable()


AROUND = read(unified("x.js", TEN, TEN.replace(b"5\n", b"five\n")))[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        case(TEN + b"more", TEN.replace(b"5\n", b"five\n") + b"more", id="other lines may differ"),
        case(b"0\n" * 99 + TEN, b"0\n" * 99 + TEN.replace(b"5\n", b"five\n"), id="moved down, found once"),
        case(TEN[2:], TEN[2:].replace(b"5\n", b"five\n"), id="moved up, found once"),
        case(TEN + TEN, TEN.replace(b"5\n", b"five\n") + TEN, id="twice, but once at the stated line"),
    ],
)
def test_where_a_patch_applies(before: bytes, after: bytes) -> None:
    assert applied(AROUND, before) == after


@pytest.mark.parametrize(
    ("before", "said"),
    [
        case(b"", "at line 2: expected '2\\n', found the end of the file", id="an empty file"),
        case(
            TEN.replace(b"6\n", b"six\n"),
            "x.js: hunk 1 does not apply at line 6: expected '6\\n', found 'six\\n' "
            "(its lines are nowhere else in the file either)", id="a context line differs",
        ),
        case(TEN.replace(b"7\n", b" 7\n"), "at line 7: expected '7\\n', found ' 7\\n'", id="by its indentation"),
        case(TEN.replace(b"\n", b"\r\n"), "at line 2: expected '2\\n', found '2\\r\\n'", id="by its line end"),
        case(TEN[:15], "at line 8: expected '8\\n', found '8'", id="by the lack of one"),
        case(TEN.replace(b"5\n", b"five\n"), "expected '5\\n', found 'five\\n'", id="already applied"),
        case(b"0\n" + TEN + TEN, "(its lines occur more than once elsewhere)", id="moved, and found twice"),
    ],
)  # fmt: skip
def test_where_a_patch_does_not_apply(before: bytes, said: str) -> None:
    with pytest.raises(PatchError) as raised:
        applied(AROUND, before)
    assert said in str(raised.value)
    assert raised.value.hunk == 1


def test_the_hunk_that_fails_is_the_one_named() -> None:
    patch = read(unified("x", TEN * 3, TEN + b"x\n" + TEN + b"y\n" + TEN))[0]
    with pytest.raises(PatchError, match="x: hunk 2 does not apply at line 22: expected '2") as raised:
        applied(patch, TEN * 2 + TEN.replace(b"2\n", b"two\n"))
    assert raised.value.hunk == 2


def test_a_hunk_never_goes_before_the_one_above_it() -> None:
    first, second = Hunk(3, 3, (b" c\n", b"-d\n", b" e\n")), Hunk(8, 7, (b" a\n", b"-b\n", b" c\n"))
    with pytest.raises(PatchError, match="hunk 2 does not apply"):
        applied(FilePatch("x", (first, second)), b"a\nb\nc\nd\ne\nf\n")


@pytest.mark.parametrize(
    "before",
    [case(b"a\nz\n", id="more lines than it knows"), case(b"z\na\n", id="its line is elsewhere")],
)
def test_a_hunk_without_context_must_be_the_whole_file(before: bytes) -> None:
    patch = read(b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")[0]
    assert applied(patch, b"a\n") == b"b\n"
    with pytest.raises(PatchError, match="hunk 1 does not apply"):
        applied(patch, before)


@pytest.mark.parametrize(
    ("hunk", "before"),
    [
        case(b"@@ -2,2 +2,3 @@\n b\n c\n+d\n", b"a\nb\nc\nz\n", id="there are lines below its end"),
        case(b"@@ -1,2 +1,3 @@\n+d\n b\n c\n", b"a\nb\nc\n", id="there are lines above its beginning"),
    ],
)
def test_a_hunk_that_has_no_context_on_a_side_is_at_that_end_of_the_file(
    tmp_path: Path, hunk: bytes, before: bytes
) -> None:
    """Or else what was put at the end of a file could be put there again and again. git says the same."""
    text = b"--- a/x\n+++ b/x\n" + hunk
    with pytest.raises(PatchError, match="hunk 1 does not apply"):
        applied(read(text)[0], before)
    (tmp_path / "x").write_bytes(before)
    assert subprocess.run(["git", "apply", "--check"], cwd=tmp_path, input=text, capture_output=True).returncode == 1


def test_a_file_that_goes_on_after_its_end_in_the_patch_is_refused() -> None:
    patch = read(b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n")[0]
    assert applied(patch, b"a\nb\n") == b"a\nc"
    with pytest.raises(PatchError, match="puts it at an end of the file, but the file goes on there"):
        applied(patch, b"a\nb\nz\n")


def test_a_long_line_is_shown_where_it_differs() -> None:
    patch = read(unified("x", b"a" * 100_000 + b"1\n", b"b\n"))[0]
    with pytest.raises(PatchError) as raised:
        applied(patch, b"a" * 100_000 + b"2\n")
    assert "…'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1\\n', found …'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2\\n'" in str(raised.value)


def test_a_folder_can_be_taken_off_the_name() -> None:
    patch = read(named(b"node_modules/@s/p/lib/x.js"))[0]
    assert stripped(patch, "node_modules/@s/p").name == "lib/x.js"
    assert stripped(patch, "node_modules/@s/p/").hunks == patch.hunks
    with pytest.raises(PatchError, match="the patch is for a file outside of node_modules/@s/pp"):
        stripped(patch, "node_modules/@s/pp")
