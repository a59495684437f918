"""Rules against one file: what they find there, and the fixes that were proved to hold."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tree_sitter import Node

from .about import About
from .allowance import Allowance
from .candidates import Places, candidates, nodes_of, places_of, scopes_of
from .datatype import replace
from .edit import Fix
from .finding import Finding, Gated
from .gate import Glance
from .kinds import admits, completed
from .matcher import SCOPE, Env, Matcher
from .meter import of_rule
from .notation.semantic_patch import Code, Plus, SemanticPatch, gate
from .paths import Paths, Route
from .pattern import BODY, compile_pattern, node_kinds
from .regexes import regex
from .rule import Rule, wanted
from .semver import satisfies, within
from .source import BudgetExceededError, Source, walk
from .spellings import places as occurring
from .target import Identity, Target
from .wording import Found, finding, is_outside, numbered

__all__ = ["Identity", "Target", "check_file", "restyled", "wanted"]

MATCH_SECONDS = 20.0  # of the processor: what is found must not depend on what else a machine does
_DELETE = regex(r"^delete (?P<place>.+?)(?P<end>;?)$", re.MULTILINE)


def check_file(rules: Sequence[Rule], about: About, target: Target, who: Identity) -> tuple[list[Finding], list[Gated]]:
    """What the rules find in a file, sorted by place, and what the targeted Node gates away.

    Raises BudgetExceededError when it takes too long.
    """
    allowance = Allowance(MATCH_SECONDS)
    findings: list[Finding] = []
    gated: list[Gated] = []
    for rule in rules:
        if not _concerns(rule, who):
            continue
        with of_rule(rule.id):
            found = [one for one in _found(rule, about, target, allowance) if not _in_error(one, about.source)]
        if found and target.gated and is_outside(rule, target) and not rule.elsewhere:
            gated.append(Gated(rule.id, rule.node, len(found), rule.outside))
        else:
            findings.extend(finding(rule, one, about, target, who) for one in found)
    findings.sort(key=lambda f: (f.span.start, f.span.end, f.rule))
    return numbered(findings), gated


# -- what one rule matches -----------------------------------------------------------------------


def _concerns(rule: Rule, who: Identity) -> bool:
    name, versions = rule.package
    if not name:
        return True
    return name == who.package and (not who.version or versions == "*" or _satisfies(who.version, versions))


def _satisfies(version: str, versions: str) -> bool:
    try:
        return satisfies(version, versions)
    except ValueError:  # a package whose version is not one
        return False


def _found(rule: Rule, about: About, target: Target, allowance: Allowance) -> Iterator[Found]:
    """The first patch that matches a place speaks for it."""
    claimed: set[tuple[int, int]] = set()
    glance = about.once("glance", lambda: Glance(about.source.data))
    if not wanted(rule, glance) or _settled(rule, about):
        return
    for patch in rule.patches:
        if patch.node and not within(target.node or "*", patch.node):
            continue
        if not gate(patch).admits(glance):
            continue
        for found in _matches(restyled(patch, target.release), about, allowance):
            place = (found.node.start_byte, found.node.end_byte)
            if place not in claimed:
                claimed.add(place)
                if not patch.exempt:
                    yield found


def _settled(rule: Rule, about: About) -> bool:
    """Whether something in the package, in whatever file, shows that there is nothing to do."""
    for pattern in rule.unless:
        words = [word.encode() for word in pattern.words()]
        here = [(about.source, about.values)] if all(word in about.source.data for word in words) else []
        for source, values in (*here, *about.package.sources(*words, shipped=True)):
            matcher = Matcher(values, lambda _name, _node, _env: True)
            source.show(*words)
            nodes = source.shown(*kinds) if (kinds := node_kinds(pattern)) else [*walk(source.root)]
            if any(True for node in nodes for _ in matcher.matches(pattern, node, {})):
                return True
    return False


def _matches(patch: SemanticPatch, about: About, allowance: Allowance) -> Iterator[Found]:
    places = places_of(patch, about)
    if any(not offsets for offsets in places.values()):
        return
    matcher = Matcher(about.values, lambda name, node, env: admits(patch.kinds.get(name, ()), node, about, env))
    if patch.is_flat:
        yield from _flat(patch, matcher, about, places, allowance)
        return
    for scope, env in _scopes(patch, matcher, about, places):
        paths = Paths(patch, about.values.graph(scope), matcher, allowance=allowance)
        for route in paths.routes(env):
            complete = completed(patch.kinds, route.reported, about, route.env)
            if complete is not None:
                route = replace(route, env=complete)
                fix = _fix(patch, route, paths, about) if patch.changes else None
                yield Found(patch, route.reported, route.env, route, fix)


def _flat(
    patch: SemanticPatch, matcher: Matcher, about: About, places: Places, allowance: Allowance
) -> Iterator[Found]:
    code = patch.codes[0]
    for number, node in enumerate(candidates(code.pattern, about, places)):
        if number % 64 == 0 and allowance.is_spent:
            raise BudgetExceededError
        env = next(matcher.matches(code.pattern, node, {}), None)
        env = completed(patch.kinds, node, about, env) if env is not None else None
        if env is not None:
            fix = _flat_fix(patch, node, env, about) if patch.changes else None
            yield Found(patch, node, env, None, fix)


def _fix(patch: SemanticPatch, route: Route, paths: Paths, about: About) -> Fix | None:
    from .rewrite import fix_route  # few files have anything to mend

    return fix_route(patch, route, paths, about.source)


def _flat_fix(patch: SemanticPatch, node: Node, env: Env, about: About) -> Fix | None:
    from .rewrite import fix_flat

    return fix_flat(patch, node, env, about.source)


def _scopes(patch: SemanticPatch, matcher: Matcher, about: About, places: Places) -> Iterator[tuple[Node, Env]]:
    """Where the paths of a patch are looked for: in the functions its header matches, else anywhere."""
    known = [sorted(offsets) for offsets in places.values()]
    needed = [word.encode() for code in patch.codes for word in code.pattern.words() - {BODY}]
    begins = [*known, *(_places(word, about) for word in needed)]
    scopes = scopes_of(patch, about, places, begins) if all(begins) else []
    if not scopes:
        return
    if needed or not places:  # what kinds find is in no part that is hidden
        about.source.show(*needed)
    if patch.header is None:
        yield from ((scope, {}) for scope in scopes if _holds_each(scope, begins))
        return
    fitting = {scope.id for scope in scopes}
    # A header that is a function is the scope itself.
    kinds = node_kinds(patch.header)
    heads = scopes if patch.header.kind == "function" else nodes_of(about, kinds)
    for node in heads:
        if node.type in kinds and _holds_each(node, begins):
            for env in matcher.matches(patch.header, node, {}):
                if env[SCOPE].id in fitting:
                    yield env[SCOPE], env


def _places(word: bytes, about: About) -> Sequence[int]:
    """Where a word, or a part of one, occurs: patches ask for the same few again and again."""
    return about.once(f"places {word!r}", lambda: array("I", occurring(word, about.source.data)))


def _holds_each(node: Node, places: Sequence[Sequence[int]]) -> bool:
    """Whether of each sorted list of offsets one lies in a node."""
    return all(bisect_left(each, node.start_byte) < bisect_left(each, node.end_byte) for each in places)


@lru_cache(maxsize=1024)
def restyled(patch: SemanticPatch, release: str) -> SemanticPatch:
    """The patch with its releases written the way the user wants: `delete x.p` or `x.p = null`."""
    if release != "null":
        return patch
    items = tuple(
        Plus(_nulled(i.text), i.line) if isinstance(i, Plus)
        else replace(i, plus=_nulled(i.plus)) if isinstance(i, Code) and i.plus else i
        for i in patch.items
    )  # fmt: skip
    return replace(patch, items=items)


def _nulled(code: str) -> str:
    return _DELETE.sub(lambda m: f"{m['place']} = null{m['end']}" if _is_member(m["place"]) else m[0], code)


def _is_member(code: str) -> bool:
    return compile_pattern(code).kind in {"member", "subscript"}


def _in_error(found: Found, source: Source) -> bool:
    """Whether the place lies in a part of the file that could not be parsed: then nothing is sure."""
    if not source.errors:
        return False
    scope = found.env.get(SCOPE, found.node)
    return any(start <= scope.end_byte and scope.start_byte <= end for start, end in source.errors)
