"""Regular expressions: how they are read, which are slow, and that their linear forms find the same."""

from __future__ import annotations

import json
import subprocess

import pytest

from linter.about import About
from linter.kinds.regex import read
from linter.kinds.slow_regex import KINDS
from linter.source import Source, text

# Each as it stands in a file, with what it becomes.
LINEAR = {
    "/\\s*,\\s*/g": "/(?:(?<!\\s)\\s+)?,\\s*/g",
    "/ *, */": "/(?:(?<! ) +)?, */",
    "/\\s+,\\s*/g": "/(?<!\\s)\\s+,\\s*/g",
    "/\\s+,\\s+/g": "/(?<!\\s)\\s+,\\s+/g",
    "/\\s*\\n\\s*/g": "/(?:(?<!\\s)\\s+)?\\n\\s*/g",
    "/\\s+,/g": "/(?<!\\s)\\s+,/g",
    "/[ \\n]*a[ \\n]*/gi": "/(?:(?<![ \\n])[ \\n]+)?a[ \\n]*/gi",
    "/\\s*$/gm": "/(?:(?<!\\s)\\s+)?$/gm",
    "/\\s+$/": "/(?<!\\s)\\s+$/",
    "/ +$/gm": "/(?<! ) +$/gm",
    "/a*$/g": "/(?:(?<!a)a+)?$/g",
    "/^\\s*|\\s*$/g": "/^\\s*|(?:(?<!\\s)\\s+)?$/g",
    "/^ +| +$/gm": "/^ +|(?<! ) +$/gm",
    "/,+$|^,+/g": "/(?<!,),+$|^,+/g",
}
OTHER = ["/\\s*?,\\s*/", "/\\s*, */", "/^\\s|\\s+$/g", "/(?: |a)+$/", "/\\s{2,},/", "/\\s+\\n/g"]
COMPARED = """
const pairs = PAIRS.map((pair) => pair.map((code) => eval(code)));
let state = 1;
const random = (below) => (state = state * 48271 % 2147483647) % below;
const differ = new Set();
for (let i = 0; i < 20000; i++) {
  let text = '';
  for (let length = random(10); length > 0; length--) text += ' ,a\\n A'[random(6)];
  for (const [one, other] of pairs) {
    const seen = [one, other].map((re) =>
      JSON.stringify([text.replace(re, '<$&>'), text.split(re), text.search(re), text.match(re)]));
    if (seen[0] !== seen[1]) differ.add(`${one} ${JSON.stringify(text)}`);
  }
}
console.log(JSON.stringify([...differ]));
"""


def linear(literal: str) -> str:
    """What `linear_form` makes of a literal that a text is split by; "" for nothing."""
    about = About.of(Source("example", f"text.split({literal});".encode()))
    call, regex = about.source.nodes("call_expression")[0], about.source.nodes("regex")[0]
    makes = KINDS["linear_form"].makes
    assert makes is not None
    made = makes(call, about, {"$RE": regex}, ("$RE",))
    return text(made) if made is not None else ""


@pytest.mark.parametrize(("literal", "expected"), LINEAR.items())
def test_a_linear_form(literal: str, expected: str) -> None:
    assert linear(literal) == expected


@pytest.mark.parametrize("literal", OTHER)
def test_what_may_match_within_a_run_has_none(literal: str) -> None:
    assert linear(literal) == ""


def test_linear_forms_find_the_same() -> None:
    script = COMPARED.replace("PAIRS", json.dumps([*LINEAR.items()]))
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    ("pattern", "atoms"),
    [
        pytest.param("a", [("a", 1, 1)], id="character"),
        pytest.param("a*", [("a", 0, None)], id="any-number"),
        pytest.param("[ab]+?c", [("[ab]", 1, None), ("c", 1, 1)], id="lazy"),
        pytest.param("a?b{2}c{2,}d{2,3}", [("a", 0, 1), ("b", 2, 2), ("c", 2, None), ("d", 2, 3)], id="counts"),
        pytest.param("(?:x|y)*$", [("(?:x|y)", 0, None), ("$", 1, 1)], id="group"),
        pytest.param("\\/\\u00a0", [("\\/", 1, 1), ("\\u00a0", 1, 1)], id="escapes"),
    ],
)
def test_an_alternative_is_read(pattern: str, atoms: list[tuple[str, int, int | None]]) -> None:
    assert [[(a.written, a.least, a.most) for a in one] for one in read(pattern).alternatives] == [atoms]


def test_alternatives_are_the_outermost_ones() -> None:
    assert [len(one) for one in read("a|(b|c)d|").alternatives][:2] == [1, 2]


def test_what_is_no_regular_expression_has_no_alternatives() -> None:
    assert read("a(").alternatives == ()
