"""Every path that the graph of a small function has is one that Node takes, and the other way round.

Random functions are made of markers (`m.A`), unknown values (`m.q` ...) and calls that may throw (`t()`). Node runs
each as a generator in which these are `yield`s, once for every series of answers; so a run that takes too long is
simply left. A simple path from the entry to a marker, and one from there to a way out, ask each question of the graph
at most once each; all series of twice that length are tried, so that the comparison is exact in both directions.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations

import pytest
from tree_sitter import Node

from linter.cfg import Graph, Step
from linter.source import FUNCTIONS, Source, text

MARKERS = "ABC"
SUBSETS = ["".join(some) for some in chain.from_iterable(combinations(MARKERS, n) for n in range(4))]
MAX_RUNS = 30_000
Answers = set[tuple[str, str, str]]  # from a marker, avoiding these from then on, to this way out

HARNESS = r"""
const MakeGenerator = Object.getPrototypeOf(function* () {}).constructor;
const id = x => x;
const thing = { b: x => x, c: { d: 1 } };
const values = {
  q: [false, true], z: [null, 0, 1], n: [null, thing], k: [0, 1], t: [false, true], o: [thing],
  d: [{}, { x: 1 }, { y: 1 }, { x: 1, y: 1 }],
  i: [[], [{}], [{ x: 1 }], [{}, {}], [{}, { x: 1 }], [{ x: 1 }, {}], [{ x: 1 }, { x: 1 }]],
};
const thrown = { what: 'thrown by the program' };
const t = (...args) => { if (args.at(-1)) throw thrown; };
const w = new Proxy({}, { get: (_, key) => ({ null: null, 0: 0, 1: thing })[key], set: () => true });
function explore({ parameters, body, arity, depth, max }) {
  const names = { normal: new Set(), thrown: new Set() };
  const trace = [];
  const program = new MakeGenerator('t', 'w', 'id', 'thrown', 'r', ...parameters, body);
  let path = [], runs = 0;
  const run = () => {
    let asked = 0;
    const ask = size => {
      if (asked === depth) return -1;
      if (asked === path.length) path.push([0, size]);
      return path[asked++][0];
    };
    trace.length = 0;
    const args = [];
    for (let i = 0; i < arity; i++) {
      const answer = ask(2);
      if (answer < 0) return null;
      args.push(answer ? 1 : undefined);
    }
    try {
      const it = program(t, w, id, thrown, name => { trace.push(name); return 1; }, ...args);
      for (let reply; ;) {
        const { done, value } = it.next(reply);
        if (done) return 'normal';
        if (values[value]) {
          const answer = ask(values[value].length);
          if (answer < 0) return null;
          reply = values[value][answer];
        } else {
          if (trace.push(value) > 100) return null;
          reply = 1;
        }
      }
    } catch (error) {
      if (error !== thrown) throw error;
      return 'thrown';
    }
  };
  for (;;) {
    if (++runs > max) return { complete: false };
    const end = run();
    if (end) trace.forEach((name, i) => names[end].add(name + [...new Set(trace.slice(i + 1))].sort().join('')));
    while (path.length && path[path.length - 1][0] + 1 === path[path.length - 1][1]) path.pop();
    if (!path.length) return { complete: true, normal: [...names.normal], thrown: [...names.thrown] };
    path[path.length - 1][0]++;
  }
}
const programs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(programs.map(program => {
  try { return explore(program); } catch (error) { return { error: String(error) }; }
})));
"""


@dataclass(frozen=True)
class Around:
    """What is allowed where the next statement goes."""

    caught: bool = False  # t() only here: a throw that nothing catches is not in the graph
    loop: bool = False
    breakable: bool = False
    labels: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()  # the labels that can be continued


@dataclass
class Writer:
    """Writes one random function; `size` bounds its statements, `questions` its unknowns."""

    rng: random.Random
    size: int = 9
    questions: int = 5
    names: int = 0
    parameters: list[str] = field(default_factory=list)

    def function(self) -> str:
        for _ in range(self.rng.choice([0, 0, 0, 1, 2])):
            self.parameters.append(f"p{len(self.parameters)} = {self.marker()}")
        return f"function f({', '.join(self.parameters)}) {{ {self.block(Around())} }}"

    def marker(self) -> str:
        return f"m.{self.rng.choice(MARKERS)}"

    def ask(self, kind: str) -> str:
        """A value that is not known; one of a few that this kind of question can have."""
        self.questions -= 1
        return f"m.{kind}"

    def test(self) -> str:
        return self.ask("q") if self.questions > 0 else self.rng.choice(["true", "false", "1", "0"])

    def block(self, around: Around) -> str:
        return " ".join(self.statement(around) for _ in range(self.rng.randint(1, 3)))

    def body(self, around: Around) -> str:
        """A statement that marks something first: no loop may run for ever without it."""
        return f"{{ {self.marker()}; {self.block(around)} }}" if self.rng.random() < 0.8 else f"{self.marker()};"

    def statement(self, around: Around) -> str:
        self.size -= 1
        kinds = [self.simple, self.simple]
        if self.size > 0:
            kinds += [self.choice, self.loop, self.loop, self.switch, self.attempt, self.attempt, self.labelled]
        return self.rng.choice([*kinds, self.leave])(around)

    def simple(self, around: Around) -> str:
        forms: list[Callable[[], str]] = [
            lambda: f"{self.value(around)};", lambda: f"{self.value(around)};", lambda: f"v = {self.value(around)};",
            lambda: f"var v = {self.value(around)}, u = {self.value(around, 1)};",
            lambda: f"[{self.value(around)}, {self.value(around)}];",
            lambda: f"`${{{self.value(around)}}} ${{{self.value(around)}}}`;",
        ]  # fmt: skip
        if self.questions > 0:
            forms += [self.destructuring, lambda: f"({{x: v = {self.marker()}}} = {self.ask('d')});", lambda: (
                f"w[{self.ask('z')}] {self.rng.choice(['??=', '||=', '&&='])} {self.value(around)};"
            )]  # fmt: skip
        return self.rng.choice(forms)()

    def destructuring(self) -> str:
        return f"var {{x = {self.marker()}, y = {self.marker()}}} = {self.ask('d')};"

    def leave(self, around: Around) -> str:
        ways = ["return;", f"return {self.value(around)};", "throw thrown;", f"throw ({self.value(around)}, thrown);"]
        ways += ["break;"] * 2 * around.breakable + ["continue;"] * 2 * around.loop
        ways += [f"break {label};" for label in around.labels] + [f"continue {label};" for label in around.loops]
        way = self.rng.choice(ways)
        return f"if ({self.condition(around)}) {way}" if self.questions > 0 and self.rng.random() < 0.7 else way

    def choice(self, around: Around) -> str:
        other = self.rng.choice(["", f" else {{ {self.block(around)} }}", f" else {self.statement(around)}"])
        return f"if ({self.condition(around)}) {{ {self.block(around)} }}{other}"

    def loop(self, around: Around, label: str = "") -> str:
        labels = (label,) if label else ()
        inside = Around(around.caught, True, True, around.labels + labels, around.loops + labels)
        test = self.condition(around) if self.questions > 0 and self.rng.random() < 0.7 else "true"
        forms = [
            lambda: f"while ({test}) {self.body(inside)}",
            lambda: f"do {self.body(inside)} while ({test});",
            lambda: f"for (;;) {self.body(inside)}",
            lambda: f"for ({self.marker()}; {test}; {self.value(around)}) {self.body(inside)}",
        ]
        if self.questions > 0:
            forms += [
                lambda: f"for (var x of {self.ask('i')}) {self.body(inside)}",
                lambda: f"for (var {{x = {self.marker()}}} of {self.ask('i')}) {self.body(inside)}",
            ]
        return self.rng.choice(forms)()

    def labelled(self, around: Around) -> str:
        self.names += 1
        label = f"L{self.names}"
        if self.rng.random() < 0.6:
            return f"{label}: {self.loop(around, label)}"
        inside = Around(around.caught, around.loop, around.breakable, (*around.labels, label), around.loops)
        return f"{label}: {{ {self.block(inside)} }}"

    def switch(self, around: Around) -> str:
        inside = Around(around.caught, around.loop, True, around.labels, around.loops)
        cases = []
        for _ in range(self.rng.randint(1, 2) if self.questions > 1 else 0):
            match = self.ask("k")
            test = self.rng.choice([match, f"({self.value(around)}, {match})"])
            cases.append(f"case {test}: {self.block(inside)}")
        if self.rng.random() < 0.6:
            cases.insert(self.rng.randint(0, len(cases)), f"default: {self.block(inside)}")
        return f"switch (1) {{ {' '.join(cases)} }}"

    def attempt(self, around: Around) -> str:
        catches, lasts = self.rng.choice([(True, False), (False, True), (True, True)])
        inside = Around(True, around.loop, around.breakable, around.labels, around.loops)
        catch = (
            f" catch {self.rng.choice(['', '(e) '])}{{ {self.block(inside if lasts else around)} }}" if catches else ""
        )
        last = f" finally {{ {self.block(around)} }}" if lasts else ""
        return f"try {{ {self.block(inside)} }}{catch}{last}"

    def condition(self, around: Around, depth: int = 0) -> str:
        def again() -> str:
            return self.condition(around, depth + 1)

        forms: list[Callable[[], str]] = [self.test, lambda: f"!{self.test()}"]
        if self.questions > 1 and depth < 3:
            forms += [
                lambda: f"{again()} && {self.atom(again())}", lambda: f"{self.atom(again())} || {self.atom(again())}",
                lambda: f"!({again()})", lambda: f"({self.value(around)}, {again()})",
                lambda: f"({self.ask('z')} ?? {self.atom(again())})",
                lambda: f"({again()}) ? {self.atom(again())} : {self.atom(again())}",
                lambda: f"{self.ask('n')}?.b({self.ask('q')})",
            ]  # fmt: skip
        return self.atom(self.rng.choice(forms)())

    def atom(self, source: str) -> str:
        return source if re.fullmatch(r"!?[\w.]+", source) else f"({source})"

    def value(self, around: Around, depth: int = 0) -> str:
        def again() -> str:
            return self.value(around, depth + 1)

        forms: list[Callable[[], str]] = [self.marker, self.marker]
        if around.caught and self.questions > 0:
            forms += [lambda: f"t({again()}, {self.ask('t')})"] * 2
            forms += [lambda: f"t({self.ask('t')})"] * 2
        if depth < 3:
            forms += [lambda: f"({again()}, {again()})", lambda: f"id({again()})", lambda: f"[{again()}, {again()}]"]
        if self.questions > 0 and depth < 2:
            forms += [
                lambda: f"({self.condition(around, 2)} && {again()})",
                lambda: f"({self.condition(around, 2)} || {again()})",
                lambda: f"({self.condition(around, 2)} ? {again()} : {again()})",
                lambda: f"({self.ask('z')} ?? {again()})",
                lambda: f"{self.ask('n')}?.b({again()})", lambda: f"{self.ask('n')}?.c[{again()}]",
            ]  # fmt: skip
        return self.rng.choice(forms)()


@dataclass(frozen=True)
class Events:
    """The markers, questions and calls of t in each step, in the order in which they happen."""

    graph: Graph
    of: dict[Step, list[str]]

    @classmethod
    def read(cls, source: str) -> Events:
        module = Source("f.js", source.encode())
        assert not module.errors, source
        graph = Graph(next(node for node in module.nodes(*FUNCTIONS)))
        return cls(graph, {step: list(_events(graph, step)) for step in graph.steps()})

    @property
    def questions(self) -> int:
        return sum(name.islower() and name != "t()" for names in self.of.values() for name in names)

    def answers(self) -> Answers:
        ends = {(self.graph.exit, 0): "normal", (self.graph.thrown, 0): "thrown"}
        # Where only a call that never throws here would lead to, as id() is one, nothing happens.
        happens = self._reached([(self.graph.entry, 0)], "")
        return {
            (marker, avoided, ends[end])
            for avoided in SUBSETS
            for marker in MARKERS
            for end in self._reached([at for at in self._after(marker) if at in happens], avoided)
            if end in ends
        }

    def _after(self, marker: str) -> list[tuple[Step, int]]:
        return [(step, i + 1) for step, names in self.of.items() for i, name in enumerate(names) if name == marker]

    def _reached(self, starts: list[tuple[Step, int]], avoided: str) -> set[tuple[Step, int]]:
        """The places between the events of a step, up to its end, that are reached; a throw is at its place there."""
        seen, stack = set[tuple[Step, int]](), list(starts)
        while stack:
            step, i = at = stack.pop()
            names = self.of.get(step, [])
            if at in seen or (i < len(names) and names[i] in avoided):
                continue
            seen.add(at)
            stack += [(step, i + 1)] if i < len(names) else [(after, 0) for after in step.next]
            if i < len(names) and names[i] == "t()" and step.throws is not None:
                stack.append((step.throws, 0))
        return seen


def _events(graph: Graph, step: Step) -> Iterator[str]:
    # A call happens after its arguments: at its end.
    for node in sorted(graph.evaluated(step), key=lambda node: node.end_byte):
        if _is_marker(node):
            yield text(node)[2:]
        elif node.type == "call_expression" and text(node).startswith("t("):
            yield "t()"


def _is_marker(node: Node) -> bool:
    return node.type == "member_expression" and re.fullmatch(r"m\.\w", text(node)) is not None


def functions(seed: int, count: int) -> list[tuple[str, Writer]]:
    """Only reachable code counts, and few programs have it all: `size` and `questions` vary."""
    writers = [Writer(rng := random.Random(f"{seed}/{i}"), rng.randint(3, 12), rng.randint(2, 6)) for i in range(count)]
    return [(writer.function(), writer) for writer in writers]


def run_in_node(programs: list[dict[str, object]]) -> list[dict[str, list[str]]]:
    done = subprocess.run(
        ["node", "-e", HARNESS], input=json.dumps(programs), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, list[str]]] = json.loads(done.stdout)
    return answers


def traced(result: dict[str, list[str]]) -> Answers:
    return {
        (seen[0], avoided, end)
        for end in ("normal", "thrown")
        for seen in result[end]
        for avoided in SUBSETS
        if not set(avoided) & set(seen[1:])
    }


def disagreements(seed: int, count: int) -> tuple[list[str], int]:
    """What graph and Node say differently, shortest program first, and how many programs could be run in full."""
    written = functions(seed, count)
    graphs = [Events.read(source) for source, _ in written]
    results = run_in_node(
        [_program(source, writer, events) for (source, writer), events in zip(written, graphs, strict=True)]
    )
    found: list[str] = []
    for (source, _), events, result in zip(written, graphs, results, strict=True):
        assert "error" not in result, f"{result}: {source}"
        if result["complete"] and (wrong := events.answers() ^ traced(result)):
            found.append(f"{source}: {sorted(wrong)[0]} only in {'Node' if wrong & traced(result) else 'the graph'}")
    return sorted(found, key=len), sum(bool(result["complete"]) for result in results)


def _program(source: str, writer: Writer, events: Events) -> dict[str, object]:
    body = re.sub(r"\bm\.(\w)", r'(yield "\1")', source[source.index("{", source.index(")")) + 1 : -1])
    parameters = [re.sub(r"\bm\.(\w)", r'r("\1")', parameter) for parameter in writer.parameters]
    arity = len(parameters)
    return {
        "parameters": parameters,
        "body": body,
        "arity": arity,
        "depth": 2 * events.questions + arity,
        "max": MAX_RUNS,
    }


def test_every_path_of_the_graph_is_one_that_node_takes_and_the_reverse() -> None:
    wrong, complete = disagreements(seed=1, count=1500)
    assert not wrong, f"{len(wrong)} of {complete}, first {wrong[0]}"
    assert complete > 1400


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12), ids=lambda seed: f"seed {seed}")
def test_many_more_functions(seed: int) -> None:
    wrong, complete = disagreements(seed, count=2000)
    assert not wrong, f"{len(wrong)} of {complete}, first {wrong[0]}"
    assert complete > 1800
