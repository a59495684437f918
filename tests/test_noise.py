"""The hits in popular packages: each is read, none is told of that is not there, and few are false."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from linter.sets import DEFAULT
from tests import npm
from tests.noise.__main__ import hits, summary
from tests.noise.hits import KINDS, Hit, Package, Scanned, chosen, popular, scan
from tests.noise.verdicts import FALSE_PER_PACKAGE, Verdict, verdicts, weigh

A = Package("a", "1.0.0", "library")
HIT = Hit("new-buffer", "a@1.0.0", "index.js", 3, "new Buffer(x)", "safe")
TRUE = Verdict("new-buffer", "a@1.0.0", "index.js", (3,), "true", "x may be a number")


def scanned(*hits: Hit, package: Package = A) -> Scanned:
    return Scanned(package, hits, files=1, gated=0, given_up=())


def test_the_list_is_long_settled_and_mixed() -> None:
    packages = popular()
    assert len(set(packages)) == len(packages) >= 150
    assert {(package.name, package.version) for package in packages} <= set(npm.integrities())
    counts = Counter(package.kind for package in packages)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 10


def test_the_file_of_verdicts_is_sound() -> None:
    known = verdicts()
    packages = {str(package) for package in popular()}
    assert [v for v in known if v.package not in packages] == []
    assert [v for v in known if len(v.why.split()) < 4] == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param({"verdict": "treu"}, "'treu' is none of true, false, taste", id="unknown word"),
        pytest.param({"lines": [3, 3]}, "told twice", id="told twice"),
    ],
)
def test_a_mistake_in_it_is_an_error(row: dict[str, object], message: str, tmp_path: Path) -> None:
    whole = {"rule": "a", "package": "a@1.0.0", "file": "a.js", "lines": [1], "verdict": "true", "why": "so"}
    (tmp_path / "v.jsonl").write_text(json.dumps({**whole, **row}) + "\n", "utf8")
    with pytest.raises(ValueError, match=message):
        verdicts(tmp_path / "v.jsonl")


@pytest.mark.parametrize(
    ("found", "known", "used", "holds", "said"),
    [
        pytest.param([HIT], [TRUE], ["new-buffer"], True, "NO STALE", id="a true hit"),
        pytest.param([HIT], [], ["new-buffer"], False, "index.js:3: new-buffer: NO VERDICT", id="not read"),
        pytest.param([], [TRUE], ["new-buffer"], False, "STALE: a@1.0.0/index.js:3: new-buffer", id="stale"),
        pytest.param([], [TRUE], ["other"], True, "0 hits", id="of a rule that was not used"),
    ],
)
def test_weighing(found: list[Hit], known: list[Verdict], used: list[str], holds: bool, said: str) -> None:
    weighed = weigh([scanned(*found)], known, used)
    text = "\n".join([*hits(weighed), *summary(weighed, [scanned(*found)], used)])
    assert weighed.holds is holds
    assert said in text or (said == "NO STALE" and "STALE" not in text)


@pytest.mark.parametrize(
    ("others", "holds"), [pytest.param(9, True, id="one in ten"), pytest.param(8, False, id="more")]
)
def test_one_false_hit_in_ten_packages_is_allowed(others: int, holds: bool) -> None:
    false = Verdict("new-buffer", "a@1.0.0", "index.js", (3,), "false", "x is a string")
    rest = [scanned(package=Package(f"p{n}", "1.0.0", "cli")) for n in range(others)]
    assert weigh([scanned(HIT), *rest], [false], ["new-buffer"]).holds is holds


def test_a_real_package_is_scanned() -> None:
    package = next(p for p in popular() if p.name == "sockjs")
    one, two = (list(scan([package], DEFAULT, [], jobs)) for jobs in (1, 2))
    assert one == two
    assert one[0].files > 10
    assert "new-buffer" in {hit.rule for hit in one[0].hits}


def test_few_of_the_recommended_rules_hits_are_false() -> None:
    """What is in the file of verdicts is what is found: each share of the packages below is held to that."""
    used = {rule.id for rule in chosen(DEFAULT, [])}
    false = [key for verdict in verdicts() if verdict.word == "false" and verdict.rule in used for key in verdict.keys]
    assert len(false) <= FALSE_PER_PACKAGE * len(popular())


# Several, so that workers have something to share; every so many-th, for what is alike stands together in the list.
SHARES = 6


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_each_hit_of_the_recommended_rules_was_read(share: int) -> None:
    used = [rule.id for rule in chosen(DEFAULT, [])]
    every = list(scan(popular()[share::SHARES], DEFAULT, []))
    weighed = weigh(every, verdicts(), used)
    assert (weighed.unread, weighed.stale) == ([], ()), "\n".join([*hits(weighed), *summary(weighed, every, used)])
