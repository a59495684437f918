"""Rules against one file: what they find there, and the fixes that were proved to hold."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tree_sitter import Node

from .about import About
from .edit import Fix, Safety
from .finding import Finding, Gated, Hop
from .fingerprint import fingerprint
from .hop import hop
from .kinds import KINDS, admits
from .matcher import SCOPE, Env, Matcher
from .notation import METAVARIABLES
from .notation.semantic_patch import Code, Plus, SemanticPatch
from .paths import Paths, Route
from .pattern import BODY, Pattern, anchor_of, compile_pattern, node_kinds
from .rewrite import fix_flat, fix_route
from .rule import Rule
from .semver import intersects, satisfies, within
from .source import FUNCTIONS, BudgetExceededError, Source, text, walk
from .trace import symbol_of, trace_of

MATCH_SECONDS = 20.0
# Parentheses, casts and the like that may stand between a name and what it is part of.
_WRAPPING = 3
_DELETE = re.compile(r"^delete (?P<place>.+?)(?P<end>;?)$", re.MULTILINE)
_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Target:
    """What the code is to run on, and how fixes are to look.

    `node` is an npm range, "" when it is not known; gated=False reports whatever Node a finding is about.
    """

    node: str = ""
    gated: bool = True
    release: str = "delete"  # or "null": how an inserted line lets go of a property


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose file it is: the package's name and version, and the path inside of it."""

    package: str = ""
    version: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A match before it is put into words."""

    patch: SemanticPatch
    node: Node
    env: Env
    route: Route | None
    fix: Fix | None


def wanted(rule: Rule, data: bytes) -> bool:
    """Whether the rule could match at all: its words occur."""
    return any(all(any(word in data for word in words) for words in _gate(patch)) for patch in rule.patches)


@lru_cache(maxsize=4096)
def _gate(patch: SemanticPatch) -> tuple[tuple[bytes, ...], ...]:
    return tuple(tuple(sorted(word.encode() for word in words)) for words in patch.words())


def check_file(rules: Sequence[Rule], about: About, target: Target, who: Identity) -> tuple[list[Finding], list[Gated]]:
    """What the rules find in a file, sorted by place, and what the targeted Node gates away.

    Raises BudgetExceededError when it takes too long.
    """
    deadline = time.monotonic() + MATCH_SECONDS
    findings: list[Finding] = []
    gated: list[Gated] = []
    for rule in rules:
        if not _concerns(rule, who):
            continue
        found = [one for one in _found(rule, about, target, deadline) if not _in_error(one, about.source)]
        if found and target.gated and target.node and not intersects(rule.node, target.node):
            gated.append(Gated(rule.id, rule.node, len(found), rule.outside))
        else:
            findings.extend(_finding(rule, one, about, target, who) for one in found)
    findings.sort(key=lambda f: (f.span.start, f.span.end, f.rule))
    return _numbered(findings), gated


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


def _found(rule: Rule, about: About, target: Target, deadline: float) -> Iterator[Found]:
    """The first patch that matches a place speaks for it."""
    claimed: set[tuple[int, int]] = set()
    if not wanted(rule, about.source.data) or _settled(rule, about):
        return
    for patch in rule.patches:
        if patch.node and not within(target.node or "*", patch.node):
            continue
        if not all(any(word in about.source.data for word in words) for words in _gate(patch)):
            continue
        for found in _matches(restyled(patch, target.release), about, deadline):
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
            nodes = source.nodes(*kinds) if (kinds := node_kinds(pattern)) else [*walk(source.root)]
            if any(True for node in nodes for _ in matcher.matches(pattern, node, {})):
                return True
    return False


def _matches(patch: SemanticPatch, about: About, deadline: float) -> Iterator[Found]:
    for kinds in patch.kinds.values():
        if kinds and not any(KINDS[name].occurs(about) for name, *_ in kinds):
            return
    matcher = Matcher(about.values, lambda name, node, env: admits(patch.kinds.get(name, ()), node, about, env))
    if patch.is_flat:
        yield from _flat(patch, matcher, about, deadline)
        return
    for scope, env in _scopes(patch, matcher, about):
        paths = Paths(patch, about.values.graph(scope), matcher, deadline=deadline)
        for route in paths.routes(env):
            fix = fix_route(patch, route, paths, about.source) if patch.changes else None
            yield Found(patch, route.reported, route.env, route, fix)


def _flat(patch: SemanticPatch, matcher: Matcher, about: About, deadline: float) -> Iterator[Found]:
    code = patch.codes[0]
    for node in _candidates(code.pattern, about):
        if time.monotonic() > deadline:
            raise BudgetExceededError
        env = next(matcher.matches(code.pattern, node, {}), None)
        if env is not None:
            fix = fix_flat(patch, node, env, about.source) if patch.changes else None
            yield Found(patch, node, env, None, fix)


def _candidates(pattern: Pattern, about: About) -> list[Node]:
    """The nodes a pattern may match at: around the names it needs, where it needs one, else all of its kind."""
    kinds = node_kinds(pattern)
    if not kinds:
        return [node for node in walk(about.source.root) if node.is_named]
    anchor, depth = anchor_of(pattern)
    if not anchor:
        return about.source.nodes(*kinds)
    words = [name.encode() for name in about.values.mentions.spellings(anchor)]
    return about.source.around(words, kinds, depth + _WRAPPING)


def _scopes(patch: SemanticPatch, matcher: Matcher, about: About) -> Iterator[tuple[Node, Env]]:
    """Where the paths of a patch are looked for: in the functions its header matches, else anywhere."""
    needed = [word.encode() for code in patch.codes for word in code.pattern.words() - {BODY}]
    if patch.header is None:
        for scope in (about.source.root, *about.source.nodes(*sorted(FUNCTIONS))):
            if _holds_words(scope, needed, about.source):
                yield scope, {}
        return
    for node in about.source.nodes(*node_kinds(patch.header)):
        if _holds_words(node, needed, about.source):
            for env in matcher.matches(patch.header, node, {}):
                yield env[SCOPE], env


def _holds_words(node: Node, words: Sequence[bytes], source: Source) -> bool:
    return all(source.data.find(word, node.start_byte, node.end_byte) >= 0 for word in words)


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


# -- a match in words ------------------------------------------------------------------------------


def _in_error(found: Found, source: Source) -> bool:
    """Whether the place lies in a part of the file that could not be parsed: then nothing is sure."""
    if not source.errors:
        return False
    scope = found.env.get(SCOPE, found.node)
    return any(start <= scope.end_byte and scope.start_byte <= end for start, end in source.errors)


def _finding(rule: Rule, found: Found, about: About, target: Target, who: Identity) -> Finding:
    source, node = about.source, found.node
    return Finding(
        rule=rule.id, severity=rule.severity, category=rule.category, message=_message(rule.message, found.env),
        package=who.package, version=who.version, path=source.path, file=who.file,
        span=source.span(node.start_byte, node.end_byte), snippet=source.line(source.line_of(node.start_byte)),
        trace=(*trace_of(found.patch, node, found.env, found.route, about), *_outside(rule, node, about, target)),
        fix=_weighed(found.fix, rule, about, target, who),
        fingerprint=fingerprint(rule.id, who.package, who.file, symbol_of(node, about), text(node)),
        symbol=symbol_of(node, about), node=rule.node,
    )  # fmt: skip


def _outside(rule: Rule, node: Node, about: About, target: Target) -> Iterator[Hop]:
    """What the page says about the targeted Nodes that are not in the rule's range."""
    if rule.outside and target.node and not within(target.node, rule.node):
        yield hop("note", f"the target is Node {target.node}: {rule.outside}", node, about.source)


def _weighed(fix: Fix | None, rule: Rule, about: About, target: Target, who: Identity) -> Fix | None:
    """The fix with what the page and the file say against it; safety only ever gets worse."""
    if fix is None:
        return None
    doubts: list[tuple[Safety, str]] = []
    if not rule.safe:
        doubts.append((Safety.SUGGESTED, "the rule's page asks for a human's judgement"))
    if rule.fix_node and target.node and not within(target.node, rule.fix_node):
        doubts.append((Safety.SHOWN, f"the fix needs Node {rule.fix_node}, and the target is {target.node}"))
    elif rule.fix_node not in {"", "*"} and not target.node and who.package:
        # A loose file is taken to be for a Node of today; a package may well run on the Node of its own day.
        unknown = "nothing says which Node the package runs on: use --node"
        doubts.append((Safety.SUGGESTED, f"the fix needs Node {rule.fix_node}, and {unknown}"))
    if any(b"require(" in edit.text for edit in fix.edits) and about.source.is_module:
        doubts.append((Safety.SHOWN, "an ES module has no `require`"))
    if not about.source.valid_utf8:
        doubts.append((Safety.SHOWN, "the file is not valid UTF-8, which no patch tool handles"))
    worst = max((safety for safety, _ in doubts), default=Safety.SAFE)
    why = "; ".join([*([fix.why] if fix.why else []), *(reason for _, reason in doubts)])
    return Fix(fix.edits, max(fix.safety, worst), why)


def _message(template: str, env: Env) -> str:
    return METAVARIABLES.sub(lambda found: _shown(env, found[0]), template)


def _shown(env: Mapping[str, Node], name: str) -> str:
    """A bound expression on one line, cut when it is long."""
    node = env.get(name)
    words = " ".join(text(node).split()) if node is not None else name
    return words if len(words) <= _SHOWN_LENGTH else words[: _SHOWN_LENGTH - 1] + "…"


def _numbered(findings: list[Finding]) -> list[Finding]:
    """Fingerprints made distinct where the same thing occurs several times in one function."""
    seen: dict[str, int] = {}
    out: list[Finding] = []
    for finding in findings:
        count = seen.get(finding.fingerprint, 0)
        seen[finding.fingerprint] = count + 1
        unique = fingerprint(finding.fingerprint, str(count)) if count else finding.fingerprint
        out.append(replace(finding, fingerprint=unique))
    return out
