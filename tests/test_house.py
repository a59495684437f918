"""The rules of the house that no linter knows: the way imports point, what modules are called, what git may hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter

import pytest

from tests.npm import FIXTURES, PACKAGES, ROOT

LINTER = ROOT / "linter"
RULES = ROOT / "rules"

# From the bottom up: a module imports from its own layer and from those above it in this table, never from below.
LAYERS = {
    "data": (
        "datatype digest regexes answers errors stack allowance on_demand safety meter edit finding semver patch "
        "terminal"
    ),
    "source": "dialect nodes spellings occurrences definitions parsing lines outline source",
    "packages": (
        "packages "
        "repository lockfile dependencies"
    ),
    "values": "isomorphisms cfg values about",
    "pattern": "undeclared_names head_entries sightings pattern matcher naming hop",
    "kinds": "retention kinds",
    "rule": "gate notation front fences rule focus",
    "paths": "candidates paths rewrite trace",
    "engine": "fingerprint target proof wording engine mend examples draft",
    "scan": (
        "sets config baseline replace apply work provenance sought analysis pipeline progress cache orders worker "
        "workers scan explain library"
    ),
    "upkeep": "json_text locked released keepers upkeep",
    "surface": "formats report index cli __main__ __init__",
}
LAYER = {name: number for number, names in enumerate(LAYERS.values()) for name in names.split()}
MODULES = sorted(path.relative_to(LINTER).as_posix() for path in LINTER.rglob("*.py"))
LONGEST = 300
VAGUE = {"base", "common", "core", "helpers", "lib", "misc", "shared", "tools", "util", "utils"}


def idea(module: str) -> str:
    """The name in LAYERS that a module goes by: a folder is one idea."""
    return module.partition("/")[0].removesuffix(".py")


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse((LINTER / module).read_bytes(), module)


def imported(module: str) -> set[str]:
    """The ideas of ours that a module imports, anywhere in it, except its own."""
    found: set[str] = set()
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.ImportFrom):
            found.update(_targets(module, node))
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("linter."))
    return found - {idea(module)}


def _targets(module: str, node: ast.ImportFrom) -> Iterator[str]:
    folder = ["linter", *module.split("/")[:-1]]
    start = folder[: len(folder) - node.level + 1] if node.level else []
    path = [*start, *(node.module or "").split(".")] if node.module else start
    if path[:1] != ["linter"]:
        return
    for alias in node.names:
        whole = [*path[1:], alias.name]
        # The package itself gives everybody its version, and nothing else.
        if not (len(whole) == 1 and whole[0] == "__version__"):
            yield whole[0]


def test_each_module_has_a_layer_and_each_layer_its_modules() -> None:
    assert sorted(LAYER) == sorted({idea(module) for module in MODULES})


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    own = LAYER.get(idea(module), 0)
    assert [name for name in sorted(imported(module)) if LAYER.get(name, own) > own] == []


def test_imports_make_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        graph.setdefault(idea(module), set()).update(imported(module))
    del graph["__init__"]  # what it names is imported when it is asked for
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_begins_with_its_idea(module: str) -> None:
    text = (LINTER / module).read_text("utf8")
    assert text.count("\n") <= LONGEST
    assert (ast.get_docstring(parsed(module)) or "").partition("\n")[0]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_for_an_idea(module: str) -> None:
    assert VAGUE.isdisjoint(re.split(r"[/_.]", module))


def test_everything_is_caught_only_where_crashes_end() -> None:
    places = [
        module
        for module in MODULES
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]
    # One turns a crash into an exit code; the other carries what was raised from one thread to another.
    assert places == ["cli/outcome.py", "stack.py"]


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether it catches every Exception and keeps it; one that tidies up and raises it again does not."""
    caught = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {""}
    raises = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return bool(caught & {"", "Exception", "BaseException"}) and not raises


# -- what lies in the repository -------------------------------------------------------------

FORBIDDEN = {
    "registry": re.compile(r"registry\.(npmjs|yarnpkg|npmmirror)\.|files\.pythonhosted\.|pypi\.org/simple"),
    "download address": re.compile(r"[\"']?resolved[\"']?:\s*[\"']?https?:"),
    "home folder": re.compile(r"(?<![\w.])/((home|Users)/\w+|ro{2}t)/|[A-Z]:\\\\?Users\\"),
    "temporary folder": re.compile(r"(?<![\w.])/tmp/(pytest-|tmp\w{8}|bash_)"),
    "this work tree": re.compile(re.escape(f"{ROOT}/")),
}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of each file that git has or would take."""
    line = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git work tree, so there is no saying which files belong to it")
    names = [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert "pyproject.toml" in names
    return {name: (ROOT / name).read_bytes().decode("utf8", "replace") for name in names}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names_a_registry_or_a_place_on_a_machine(texts: dict[str, str], what: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts.items()
        for number, line in enumerate(text.split("\n"), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


@pytest.mark.parametrize("folder", [".cache", ".venv"])
def test_what_is_downloaded_stays_out_of_git(folder: str) -> None:
    assert f"{folder}/" in (ROOT / ".gitignore").read_text("utf8").split("\n")


@pytest.mark.parametrize("lockfile", sorted(path.parent.name for path in FIXTURES.glob("*/package-lock.json")))
def test_a_lockfile_holds_an_integrity_for_each_package_and_no_address(lockfile: str) -> None:
    lock = json.loads((FIXTURES / lockfile / "package-lock.json").read_text("utf8"))
    installed = {name: row for name, row in lock["packages"].items() if name}
    assert lock["lockfileVersion"] == 3
    assert installed
    assert [name for name, row in installed.items() if not row.get("integrity") or "resolved" in row] == []


def test_each_package_is_settled_once_by_its_sha512() -> None:
    rows = json.loads(PACKAGES.read_text("utf8"))
    assert len({(row["name"], row["version"]) for row in rows}) == len(rows)
    assert [row for row in rows if not re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", row["integrity"])] == []


# -- the rules' pages ------------------------------------------------------------------------


def test_the_index_lists_the_pages_that_are_there() -> None:
    listed = re.findall(r"\]\(([a-z0-9-]+\.md)\)", (RULES / "README.md").read_text("utf8"))
    assert sorted(listed) == sorted(path.name for path in RULES.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("rule", sorted(path.stem for path in RULES.glob("*.md") if path.name != "README.md"))
def test_the_changelog_names_each_rule_among_the_rules(rule: str) -> None:
    sections = re.split(r"^### ", (ROOT / "CHANGELOG.md").read_text("utf8"), flags=re.MULTILINE)
    assert any(f"`{rule}`" in section for section in sections if section.startswith("Rules\n"))
