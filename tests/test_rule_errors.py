"""A mistake in a rule page is an error that says where it is, what it is, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from linter.errors import RuleError
from linter.rule import Rule, load_rules

# A page whose rule begins on line 7; `front` is its line 3.
PAGE = "---\nmessage: {message}\n{front}---\n# a-rule\n\n```diff rule\n{body}\n```\n{tests}"


def page(body: str = "*f($X)", *, front: str = "", message: str = "found", tests: str = "") -> str:
    return PAGE.format(body=body, front=front, message=message, tests=tests)


def error_of(text: str, folder: Path, name: str = "a-rule.md") -> RuleError:
    path = folder / name
    path.write_text(text, encoding="utf8")
    with pytest.raises(RuleError) as caught:
        Rule.load(path)
    assert caught.value.path == str(path)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}:{caught.value.column}: ")
    return caught.value


# what is wrong: the rule, line, column, a part of the message, a part of the hint
BODIES: dict[str, tuple[str, int, int, str, str]] = {
    "+ names what nothing binds": ("-f($SOCKET)\n+g($SOKET)", 8, 4, "unknown metavariable `$SOKET`", "`$SOCKET`"),
    "+ names it further right": ("-f($X)\n+  g(1, $Y)", 8, 9, "unknown metavariable `$Y`", "`$X`"),
    "+ names it on its second line": ("-f($X)\n+g(\n+  $Y)", 9, 4, "unknown metavariable `$Y`", "`$X`"),
    "code has what its kind makes": (
        "@@ $N: fresh n @@\n-f($N)\n+g($N)", 7, 4, "`$N` is made by its kind", "",
    ),
    "+ alone": (" f($X)\n+g($Y);", 8, 4, "unknown metavariable `$Y`", "`$X`"),
    "+ uses `$_`, which binds nothing": ("-f($_)\n+g($_)", 8, 4, "unknown metavariable `$_`", "give it a name"),
    "+ names what only another alternative binds": (
        "(\n-f($X)\n+g($Y)\n|\n-h($Y)\n+g($Y)\n)",
        9,
        4,
        "unknown metavariable `$Y`",
        "`$X`",
    ),
    "when names it": (" f($X)\n ... when != g($Y)\n*h()", 8, 16, "unknown metavariable `$Y`", "`$X`"),
    "second when names it": (
        " f($X)\n ... when != g($X)\n     when != g($XX)\n*h()",
        9,
        16,
        "unknown metavariable `$XX`",
        "`$X`",
    ),
    "kind argument names it": ("@@ $X: read_later $Q @@\n*f($X)", 7, 19, "unknown metavariable `$Q`", "`$X`"),
    "declared, never bound": ("@@ $X: number, $Y: string @@\n*f($X)", 7, 16, "`$Y` is declared but nothing", "`$X`"),
    "unknown kind": ("@@ $X: numbr @@\n*f($X)", 7, 8, "unknown kind `numbr`", "did you mean `number`?"),
    "unknown kind, second of two": ("@@ $X: number | strng @@\n*f($X)", 7, 17, "unknown kind `strng`", "`string`"),
    "unknown kind on the second line": (
        "@@ $X: number,\n   $Y: strng @@\n*f($X, $Y)",
        8,
        8,
        "unknown kind `strng`",
        "`string`",
    ),
    "a kind like no other": ("@@ $X: qqqqqq @@\n*f($X)", 7, 8, "unknown kind `qqqqqq`", ", `array`, "),
    "too few arguments": ("@@ $X: module @@\n*f($X)", 7, 8, "`module` takes 1 argument, not 0", ""),
    "too many arguments": ("@@ $X: number 3 @@\n*f($X)", 7, 8, "`number` takes 0 arguments, not 1", ""),
    "a kind is missing": ("@@ $X: number | @@\n*f($X)", 7, 17, "a kind is missing", "$NAME: kind"),
    "declared without a `$`": ("@@ X: number @@\n*f($X)", 7, 4, "not a declaration: `X: number`", "$NAME: kind"),
    "declared in small letters": ("@@ $x: number @@\n*f($x)", 7, 4, "not a declaration: `$x: number`", "$NAME: kind"),
    "declared twice": ("@@ $X: number, $X: string @@\n*f($X)", 7, 16, "`$X` is declared twice", ""),
    "declarations not closed": ("@@ $X: number,\n", 7, 1, "`@@` is not closed", "second `@@`"),
    "when without !=": (" f($X)\n ... when g($X)\n*h()", 8, 11, "unknown condition `when g($X)`", "when strict"),
    "when misspelt strict": (" f($X)\n ... when strct\n*h()", 8, 11, "unknown condition `when strct`", "when strict"),
    "when without a pattern": (" f($X)\n ... when !=\n*h()", 8, 11, "`when !=` without a pattern", ""),
    "when with bad JavaScript": (" f($X)\n ... when != g(\n*h()", 8, 14, "not JavaScript near `g(`", ""),
    "something else behind dots": (" f($X)\n ... until g($X)\n*h()", 8, 6, "expected `when`", "own line"),
    "dots with a mark": (" f($X)\n*... when != g()\n*h()", 8, 1, "a `...` line has no mark", ""),
    "bracket not closed": ("*f($X", 7, 1, "a bracket is not closed", "close what"),
    "bracket closed twice": ("*f($X))", 7, 2, "not JavaScript near", ""),
    "two expressions beside each other": ("*f $X", 7, 2, "not JavaScript near `f`", ""),
    "two statements on a line": ("*f(); g()", 7, 2, "expected one JavaScript expression or statement, found 2", ""),
    "bad JavaScript inside of a path": (" function $F() {\n   ...\n   f(}\n }", 9, 4, "not JavaScript near `f(}`", ""),
    "bad JavaScript in +": ("-f($X)\n+g($X +)", 8, 2, "`identifier` is missing", ""),
    "function not closed": (" function $F() {\n   ...\n   f()", 7, 16, "`{` is not closed", "end the function"),
    "code behind the function": (" function $F() {\n   f()\n }\n g()", 10, 1, "is the whole rule", "fence of its own"),
    "alternatives not closed": ("(\n*f()\n|\n*g()", 7, 1, "`(` is not closed", "`)` in column 0"),
    "alternatives not opened": ("*f()\n)", 8, 1, "`)` without `(`", ""),
    "bar without alternatives": ("*f()\n|\n*g()", 8, 1, "`|` without `(`", ""),
    "alternatives in alternatives": ("(\n(\n*f()\n)\n)", 8, 1, "alternatives cannot be nested", ""),
    "code behind `(`": ("(f()\n)", 7, 1, "`(` in column 0 stands alone", "blank"),
    "no alternative at all": ("(\n)", 7, 1, "an alternative is empty", "line of code"),
    "an empty alternative": ("(\n*f()\n|\n)", 7, 1, "an alternative is empty", "line of code"),
    "empty": ("", 7, 1, "this rule is empty", "write the code"),
    "only dots": (" ...", 7, 1, "nothing to match", "line of code"),
    "only +": ("+f()", 7, 1, "nothing to match", "line of code"),
    "no mark": ("f()", 7, 1, "a line cannot begin with `f`", "column 0 is the mark"),
}


@pytest.mark.parametrize(("body", "line", "column", "message", "hint"), BODIES.values(), ids=BODIES)
def test_rule(body: str, line: int, column: int, message: str, hint: str, tmp_path: Path) -> None:
    error = error_of(page(body), tmp_path)
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert hint in error.hint


FRONT: dict[str, tuple[str, int, int, str, str]] = {
    "unknown key": ("severty: error\n", 3, 1, "unknown key `severty`", "did you mean `severity`?"),
    "a key like no other": ("qqq: 1\n", 3, 1, "unknown key `qqq`", "there are severity, category"),
    "key given twice": ("message: again\n", 3, 1, "`message` is given twice", ""),
    "unknown severity": ("severity: eror\n", 3, 11, "unknown severity `eror`", "did you mean `error`?"),
    "unknown category": ("category: leek\n", 3, 11, "unknown category `leek`", "did you mean `leak`?"),
    "no range of Node": ("node: abc\n", 3, 7, "`node`: 'abc'", ""),
    "no range for the fix": ("fix-node: abc\n", 3, 11, "`fix-node`: 'abc'", ""),
    "a list for a text": ("node: [1]\n", 3, 7, "`node` is one piece of text", ""),
    "an empty text": ("since:\n", 3, 7, "`since` is one piece of text", ""),
    "no range of the package": ("package: 'a@>>1'\n", 3, 10, "`package`: '>>1'", "name@range"),
    "recommended is no flag": ("recommended: yes\n", 3, 14, "`recommended` is true or false", ""),
    "safe is no flag": ("safe: maybe\n", 3, 7, "`safe` is true or false", ""),
    "unless with bad JavaScript": ("unless:\n  - f()\n  - g(\n", 5, 5, "`unless`: not JavaScript near `g(`", ""),
    "unless with a mapping": ("unless:\n  - {a: b}\n", 4, 3, "`unless` is a list of texts", ""),
    "YAML with two colons": ("a: b: c\n", 3, 5, "not YAML", "quote a value"),
    "YAML with a backquote": ("since: `x`\n", 3, 8, "not YAML", "quote a value"),
    "YAML with an alias": ("since: *x\n", 3, 8, "not YAML", "quote a value"),
}


@pytest.mark.parametrize(("front", "line", "column", "message", "hint"), FRONT.values(), ids=FRONT)
def test_front_matter(front: str, line: int, column: int, message: str, hint: str, tmp_path: Path) -> None:
    error = error_of(page(front=front), tmp_path)
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert hint in error.hint


# Tests of a page begin on line 10, after an empty line 9.
TESTS: dict[str, tuple[str, int, int, str, str]] = {
    "heading misspelt": ("\n## Reportd\n```js\nf(1)\n```\n", 11, 1, "under `Reportd`", "did you mean `## Reported`?"),
    "heading that is none": ("\n## Zoo\n```js\nf(1)\n```\n", 11, 1, "under `Zoo`", "Known limits"),
    "no heading": ("\n```js\nf(1)\n```\n", 10, 1, "under `no heading`", "tests stand under Reported"),
    "diff under Not reported": ("\n## Not reported\n```diff\n-f(1)\n```\n", 11, 1, "something is reported", "use `js`"),
    "a diff line without a mark": ("\n## Reported\n```diff\n-f(1)\ng()\n```\n", 13, 1, "begins with ' ', + or -", ""),
    "a diff that changes nothing": ("\n## Reported\n```diff\n f(1)\n```\n", 12, 1, "shows no fix", "use `js`"),
    "unknown word behind the fence": ("\n## Reported\n```js nod=1\nf(1)\n```\n", 11, 7, "unknown word `nod`", "`node`"),
    "a word like no other": ("\n## Reported\n```js qqq\nf(1)\n```\n", 11, 7, "unknown word `qqq`", "there are node"),
    "a word without its value": ("\n## Reported\n```js node\nf(1)\n```\n", 11, 7, "`node` behind the fence needs", ""),
    "no range behind the fence": ("\n## Reported\n```js node=abc\nf(1)\n```\n", 11, 7, "is no range: 'abc'", ""),
    "no safety behind the fence": (
        "\n## Reported\n```diff safety=saef\n-f(1)\n```\n",
        11,
        9,
        "is one of safe, suggested, shown, not `saef`",
        "",
    ),
    "no release behind the fence": ("\n## Reported\n```js release=x\nf(1)\n```\n", 11, 7, "one of delete, null", ""),
    "fence not closed": ("\n## Reported\n```js\nf(1)\n", 11, 1, "this fence is not closed", "end it with"),
    "fence closed with fewer marks": ("\n## Reported\n````js\nf(1)\n```\n", 11, 1, "this fence is not closed", "````"),
    "unknown word behind a rule fence": (
        "\n```diff rule fix-nod=4\n*f()\n```\n",
        10,
        14,
        "unknown word `fix-nod`",
        "`fix-node`",
    ),
    "no range behind a rule fence": ("\n```diff rule fix-node=abc\n*f()\n```\n", 10, 14, "is no range: 'abc'", ""),
    "safe=true behind a rule fence": ("\n```diff rule safe=true\n*f()\n```\n", 10, 14, "is one of false", ""),
    "a mistake in the second rule": ("\n```diff rule\n*f(\n```\n", 11, 1, "a bracket is not closed", ""),
}


@pytest.mark.parametrize(("tests", "line", "column", "message", "hint"), TESTS.values(), ids=TESTS)
def test_examples(tests: str, line: int, column: int, message: str, hint: str, tmp_path: Path) -> None:
    error = error_of(page(tests=tests), tmp_path)
    assert (error.line, error.column) == (line, column)
    assert message in error.message
    assert hint in error.hint


MESSAGES = {
    "unknown": ("is $Y", 10, "unknown metavariable `$Y` in the message", "$X"),
    "known and unknown": ("'$X is $XX'", 10, "unknown metavariable `$XX` in the message", "did you mean `$X`?"),
}


@pytest.mark.parametrize(("message", "column", "expected", "hint"), MESSAGES.values(), ids=MESSAGES)
def test_message(message: str, column: int, expected: str, hint: str, tmp_path: Path) -> None:
    error = error_of(page(message=message), tmp_path)
    assert (error.line, error.column) == (2, column)
    assert expected in error.message
    assert hint in error.hint


WHOLE: dict[str, tuple[str, int, str]] = {
    "empty": ("", 1, "a rule page begins with `---`"),
    "no front matter": ("# a-rule\n", 1, "a rule page begins with `---`"),
    "front matter not closed": ("---\nmessage: x\n# a-rule\n", 1, "the front matter is not closed"),
    "front matter is a list": ("---\n- a\n---\n", 2, "the front matter is a list of `key: value` lines"),
    "no message": ("---\nseverity: error\n---\n```diff rule\n*f()\n```\n", 1, "`message` is missing"),
    "no rule": ("---\nmessage: x\n---\n# a-rule\n", 3, "this page has no rule"),
    "rule fence not closed": ("---\nmessage: x\n---\n```diff rule\n*f()\n", 4, "this fence is not closed"),
}


@pytest.mark.parametrize(("text", "line", "message"), WHOLE.values(), ids=WHOLE)
def test_page(text: str, line: int, message: str, tmp_path: Path) -> None:
    error = error_of(text, tmp_path)
    assert (error.line, error.column) == (line, 1)
    assert message in error.message


@pytest.mark.parametrize("name", ["A-Rule.md", "a_rule.md", "9-lives.md", "a--rule.md", "a rule.md"])
def test_name_that_is_not_kebab_case(name: str, tmp_path: Path) -> None:
    assert "kebab-case" in error_of(page(), tmp_path, name).message


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a-rule.md"
    path.write_bytes(b"---\nmessage: \xff\n---\n")
    with pytest.raises(RuleError, match="it is not UTF-8"):
        Rule.load(path)


def test_file_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"(?i)cannot be read: .*no such file"):
        Rule.load(tmp_path / "a-rule.md")


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no such folder of rules"):
        load_rules([tmp_path / "none"])


def test_file_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a-rule.md").write_text(page(), encoding="utf8")
    with pytest.raises(RuleError, match="no such folder of rules"):
        load_rules([tmp_path / "a-rule.md"])


ACCEPTED = {
    "CRLF": page().replace("\n", "\r\n"),
    "a BOM": "\ufeff" + page(),
    "an unknown language": page(tests="\n```sh\nls\n```\n"),
    "tilde fences": page().replace("```", "~~~"),
    "a deeper heading under Reported": page(tests="\n## Reported\n### Why\n```js\nf(1)\n```\n"),
    "backquotes inside of a longer fence": page(tests="\n## Reported\n````js\nf(1)\n```\n````\n"),
    "declarations without a kind": page("@@ $X @@\n*f($X)"),
    "empty lines in a rule": page(" f($X)\n\n ...\n\n*g()"),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_no_mistake(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a-rule.md"
    path.write_bytes(text.encode())
    assert Rule.load(path).message == "found"


def test_a_broken_page_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "good-rule.md").write_text('---\nmessage: "m"\n---\n# t\n\n```diff rule\n*f($X)\n```\n')
    (tmp_path / "bad-rule.md").write_text("nothing\n")
    broken: list[RuleError] = []
    assert "good-rule" in {rule.id for rule in load_rules([tmp_path], broken.append)}
    assert [Path(error.path).name for error in broken] == ["bad-rule.md"]


def test_a_page_without_prose_has_no_summary(tmp_path: Path) -> None:
    (tmp_path / "good-rule.md").write_text('---\nmessage: "m"\n---\n# t\n\n```diff rule\n*f($X)\n```\n')
    assert Rule.load(tmp_path / "good-rule.md").summary == ""
