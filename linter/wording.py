"""A match put into words: the finding, its trace, its fingerprint, and how safe its fix is after all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from .about import About
from .datatype import dataclass, replace
from .edit import Fix, Safety
from .finding import Finding, Hop, Severity
from .fingerprint import fingerprint, spelling
from .hop import hop
from .matcher import Env
from .notation import METAVARIABLES
from .notation.semantic_patch import SemanticPatch
from .paths import Route
from .rule import Rule
from .semver import intersects, within
from .source import text
from .target import Identity, Target
from .trace import symbol_of, trace_of

_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A match before it is put into words."""

    patch: SemanticPatch
    node: Node
    env: Env
    route: Route | None
    fix: Fix | None


def finding(rule: Rule, found: Found, about: About, target: Target, who: Identity) -> Finding:
    source, node = about.source, found.node
    return Finding(
        rule=rule.id, severity=severity_for(rule, target), category=rule.category,
        message=_message(rule.message, found.env),
        package=who.package, version=who.version, path=source.path, file=who.file,
        span=source.span(node.start_byte, node.end_byte), snippet=source.line(source.line_of(node.start_byte)),
        trace=(*trace_of(found.patch, node, found.env, found.route, about), *_outside(rule, node, about, target)),
        fix=_weighed(found, rule, about, target, who),
        fingerprint=fingerprint(rule.id, who.package, who.place, symbol_of(node, about), spelling(node)),
        symbol=symbol_of(node, about), node=rule.node,
    )  # fmt: skip


def severity_for(rule: Rule, target: Target) -> Severity:
    """How bad it is on the targeted Node: what the page says of Nodes outside of its range, where it says so."""
    return rule.elsewhere if rule.elsewhere and is_outside(rule, target) else rule.severity


def is_outside(rule: Rule, target: Target) -> bool:
    """Whether the targeted Node is known, and in no part of the rule's range."""
    return bool(target.node) and not intersects(rule.node, target.node)


def _outside(rule: Rule, node: Node, about: About, target: Target) -> Iterator[Hop]:
    """What the page says about the targeted Nodes that are not in the rule's range: all, where severity is theirs."""
    concerns = is_outside(rule, target) if rule.elsewhere else target.node and not within(target.node, rule.node)
    if rule.outside and concerns:
        yield hop("note", f"the target is Node {target.node}: {rule.outside}", node, about.source)


def _weighed(found: Found, rule: Rule, about: About, target: Target, who: Identity) -> Fix | None:
    """The fix with what the page and the file say against it; safety only ever gets worse."""
    fix = found.fix
    if fix is None:
        return None
    doubts: list[tuple[Safety, str]] = []
    if not (rule.safe and found.patch.safe):
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


def numbered(findings: list[Finding]) -> list[Finding]:
    """Fingerprints made distinct where the same thing occurs several times in one function."""
    seen: dict[str, int] = {}
    out: list[Finding] = []
    for finding in findings:
        count = seen.get(finding.fingerprint, 0)
        seen[finding.fingerprint] = count + 1
        unique = fingerprint(finding.fingerprint, str(count)) if count else finding.fingerprint
        out.append(replace(finding, fingerprint=unique))
    return out
