"""Why a rule says nothing about a line: the first item that failed there, and the path that was tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tree_sitter import Node

from .about import About
from .analysis import PackageWork
from .datatype import dataclass, field
from .engine import Identity, Target, check_file, restyled
from .errors import InputError
from .finding import Skipped
from .kinds import KINDS, admits, completed
from .matcher import SCOPE, Env, Matcher
from .notation.semantic_patch import Code, Dots, Item, SemanticPatch
from .packages import contents, discover
from .paths import Paths
from .pattern import node_kinds
from .rule import Rule
from .semver import intersects, within
from .source import FUNCTIONS, text, walk
from .work import Settings, target_of

_WIDTH = 72


def why(rule: Rule, path: str, line: int, settings: Settings) -> str:
    """Some lines of text. Raises InputError when the file cannot be read or has no such line."""
    about, target, who = _opened(path, settings)
    if line < 1 or about.source.line_start(line) >= len(about.source.data):
        last = about.source.line_of(max(0, len(about.source.data) - 1))
        raise InputError(f"{path} has no line {line}", hint=f"its last line is {last}")
    return "\n".join(_Why(rule, about, target, who, line).lines())


def _opened(path: str, settings: Settings) -> tuple[About, Target, Identity]:
    skipped: list[Skipped] = []
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file", hint="give FILE:LINE as `nodemend check` prints it")
    for package in discover([path], skipped.append):
        files = dict(contents(package, skipped.append))
        for file in files:
            work = PackageWork(package, files, {file: ()}, settings, mends=False)
            return work.view(file), target_of(package, settings), Identity(package.name, package.version, file.file)
    raise InputError(f"{path}: {skipped[0].reason if skipped else 'not a JavaScript file'}")


@dataclass(slots=True)
class _Why:
    rule: Rule
    about: About
    target: Target
    who: Identity
    line: int
    refused: list[tuple[str, Node]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        name, place = self.rule.id, f"{self.about.source.path}:{self.line}"
        findings, _ = check_file([self.rule], self.about, Target(self.target.node, gated=False), self.who)
        here = [finding for finding in findings if finding.span.line <= self.line <= finding.span.end_line]
        gate = self._gate()
        if here and not gate:
            yield f"{name} does report {place}: {here[0].message}"
            return
        yield f"{name} says nothing about {place}."
        if gate:
            yield f"  {gate}"
        for patch in () if here or gate else self.rule.patches:
            yield f"{Path(self.rule.path).name}:{patch.line}"
            for sentence in self._patch(patch):
                yield f"  {sentence}"

    def _gate(self) -> str:
        name, versions = self.rule.package
        if name and name != self.who.package:
            return f"It is about the package {name}@{versions}, this is {self.who.package or 'no package'}."
        if self.target.gated and self.target.node and not intersects(self.rule.node, self.target.node):
            return f"It is about Node {self.rule.node}, the target is {self.target.node} (--node all shows it)."
        return ""

    def _patch(self, patch: SemanticPatch) -> Iterator[str]:
        if patch.node and not within(self.target.node or "*", patch.node):
            yield f"This fence is for Node {patch.node}; the target is {self.target.node or 'not known'}."
            return
        missing = [words for words in patch.words() if not any(w.encode() in self.about.source.data for w in words)]
        if missing:
            words = " or ".join(f"`{word}`" for word in sorted(missing[0]))
            yield f"It needs the word {words}, which is nowhere in the file."
            return
        matcher = Matcher(self.about.values, lambda name, node, env: self._admits(patch, name, node, env))
        yield from self._flat(patch, matcher) if patch.is_flat else self._paths(restyled(patch, "delete"), matcher)

    def _admits(self, patch: SemanticPatch, name: str, node: Node, env: Env) -> bool:
        ok = admits(patch.kinds.get(name, ()), node, self.about, env)
        if not ok and node.start_point[0] + 1 == self.line:
            self.refused.append((f"{name}: {' | '.join(' '.join(kind) for kind in patch.kinds[name])}", node))
        return ok

    def _flat(self, patch: SemanticPatch, matcher: Matcher) -> Iterator[str]:
        code = patch.codes[0]
        self.refused.clear()
        for node in self._nodes(code):
            for env in matcher.matches(code.pattern, node, {}):
                earlier = f"{self._item(code)}: matches here, but an earlier fence or `unless` speaks for this place."
                yield self._unmade(patch, node, env) or earlier
                return
        yield self._unmet(code)

    def _unmade(self, patch: SemanticPatch, node: Node, env: Env) -> str:
        """What cannot be made of what was matched, so that the fence does not speak; "" when all can."""
        for name, kinds in patch.kinds.items():
            if completed({name: kinds}, node, self.about, env) is None:
                about = " or ".join(KINDS[kind].about for kind, *_ in kinds)
                return f"It matches at line {node.start_point[0] + 1}, but there is no `{name}` there: {about}."
        return ""

    def _nodes(self, code: Code) -> list[Node]:
        kinds = node_kinds(code.pattern)
        found = self.about.source.nodes(*kinds) if kinds else [n for n in walk(self.about.source.root) if n.is_named]
        return [node for node in found if node.start_point[0] + 1 <= self.line <= node.end_point[0] + 1]

    def _unmet(self, code: Code) -> str:
        if self.refused:
            kind, node = self.refused[-1]
            return f"{self._item(code)}: has the shape, but `{_cut(text(node))}` is not of the kind `{kind}`."
        return f"{self._item(code)}: nothing on this line has this shape."

    def _paths(self, patch: SemanticPatch, matcher: Matcher) -> Iterator[str]:
        self.refused.clear()
        best: Paths | None = None
        for scope, env in self._scopes(patch, matcher):
            paths = Paths(patch, self.about.values.graph(scope), matcher)
            route = next(paths.routes(env), None)
            if route is not None:
                other = "It comes true in this function, but reports another place, or an earlier fence speaks for it."
                yield self._unmade(patch, route.reported, route.env) or other
                return
            if best is None or (len(paths.trouble.met), paths.trouble.index) > (
                len(best.trouble.met),
                best.trouble.index,
            ):
                best = paths
        if best is None:
            yield "No function around this line is of the kind the rule asks for."
            return
        yield from self._trouble(patch, best)

    def _scopes(self, patch: SemanticPatch, matcher: Matcher) -> Iterator[tuple[Node, Env]]:
        offset = self.about.source.line_start(self.line)
        end = self.about.source.line_start(self.line + 1)
        if patch.header is None:
            around = [self.about.source.root, *self.about.source.nodes(*sorted(FUNCTIONS))]
            yield from ((node, {}) for node in around if node.start_byte < end and offset < node.end_byte)
            return
        for node in self.about.source.nodes(*node_kinds(patch.header)):
            if node.start_byte < end and offset < node.end_byte:
                yield from ((env[SCOPE], env) for env in matcher.matches(patch.header, node, {}))

    def _trouble(self, patch: SemanticPatch, paths: Paths) -> Iterator[str]:
        trouble = paths.trouble
        for meeting in trouble.met:
            yield f"{self._item(meeting.code)}: met at line {meeting.node.start_point[0] + 1}."
        item = patch.items[max(0, trouble.index)]
        if isinstance(item, Code):
            blocked = f" {_found(trouble.evidence)} ends the paths before it." if trouble.evidence else ""
            yield (
                f"{self._unmet(item)}{blocked}"
                if not trouble.met
                else f"{self._item(item)}: not met after that.{blocked}"
            )
        elif isinstance(item, Dots) and trouble.evidence:
            yield f"{self._item(item)}: every path to a way out passes {_found(trouble.evidence)}."
        else:
            yield f"{self._item(item)}: no path leads on from here."
        lines = _lines([m.step.node for m in trouble.met] + [step.node for step in trouble.tried])
        if lines:
            yield f"path tried: {lines}"

    def _item(self, item: Item) -> str:
        lines = self.rule.page.split("\n")
        shown = lines[item.line - 1].strip() if item.line <= len(lines) else ""
        return f"line {item.line} `{_cut(shown)}`"


def _found(evidence: Sequence[Node]) -> str:
    shown = [f"`{_cut(text(node))}` (line {node.start_point[0] + 1})" for node in evidence[:3]]
    return ", ".join(dict.fromkeys(shown))


def _lines(nodes: Sequence[Node | None]) -> str:
    numbers = dict.fromkeys(node.start_point[0] + 1 for node in nodes if node is not None)
    shown = [str(number) for number in numbers]
    return " > ".join(shown[:20]) + (" > …" if len(shown) > 20 else "")


def _cut(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _WIDTH else words[: _WIDTH - 1] + "…"
