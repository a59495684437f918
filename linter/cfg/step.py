"""One evaluation in a control-flow graph, and the ways in which control leaves a statement."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TypeAlias

from tree_sitter import Node

from ..datatype import dataclass, field, replace
from ..source import BudgetExceededError, contains

MAX_STEPS = 100_000


@dataclass(eq=False, slots=True)
class Step:
    """One evaluation: a simple statement, an expression or a condition. Without a node: a join, a choice or an exit."""

    node: Node | None
    statement: Node | None = None  # the statement whose evaluation begins here, if one does
    done: tuple[Node, ...] = field(default=(), repr=False)  # subtrees of node that earlier steps evaluate
    next: list[Step] = field(default_factory=list, repr=False)
    throws: Step | None = field(default=None, repr=False)  # the handler or `finally` of this function, if it may throw

    def evaluates(self, node: Node) -> bool:
        """Whether the node is evaluated here: it is part of this step, and no earlier step has evaluated it."""
        if self.node is None or not contains(self.node, node):
            return False
        return not any(contains(done, node) for done in self.done)



# Building a part of the graph: yields the parts it needs first, is sent their entries, returns its own entry.
Build: TypeAlias = Generator["Build", Step, Step]


def run(build: Build) -> Step:
    """The entry that a build returns. Its parts run on an explicit stack, for they nest as deep as the source."""
    stack: list[Build] = [build]
    entry: Step | None = None
    while stack:
        try:
            part = next(stack[-1]) if entry is None else stack[-1].send(entry)
        except StopIteration as stop:
            stack.pop()
            entry = stop.value
        else:
            stack.append(part)
            entry = None
    assert entry is not None
    return entry


@dataclass(eq=False, slots=True)
class Budget:
    """Makes steps until there are too many of them."""

    left: int = MAX_STEPS

    def step(self, node: Node | None, following: Sequence[Step] = ()) -> Step:
        """A new step. Raises BudgetExceededError when it would be one too many."""
        self.spend(1)
        return Step(node, next=list(following))

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise BudgetExceededError(f"a function of more than {MAX_STEPS} steps")


@dataclass(eq=False, slots=True)
class Later:
    """A target that is built only when something goes there: a handler, or a copy of a `finally`."""

    build: Callable[[], Build]
    entry: Step | None = None


Way: TypeAlias = Step | Later


def reach(way: Way) -> Build:
    if isinstance(way, Step):
        return way
    if way.entry is None:
        way.entry = yield way.build()
    return way.entry


@dataclass(frozen=True, slots=True)
class Ways:
    """Where control goes when it leaves a statement other than by its end."""

    returns: Way
    throws: Way
    caught: bool = False  # whether something in this function catches what is thrown
    breaks: Way | None = None
    continues: Way | None = None
    labels: Mapping[str, tuple[Way, Way | None]] = field(default_factory=dict)  # to break and to continue

    def inside(self, *, breaks: Step, continues: Step | None = None) -> Ways:
        """The ways out of the body of a loop or, without a place to continue, of a switch."""
        return replace(self, breaks=breaks, continues=continues or self.continues)

    def labelled(self, names: Sequence[str], breaks: Step, continues: Step | None = None) -> Ways:
        return replace(self, labels={**self.labels, **dict.fromkeys(names, (breaks, continues))})

    def through(self, wrap: Callable[[Way], Way]) -> Ways:
        """The same ways, each with something on it that has to be passed; so whatever throws meets that too."""
        labels: dict[str, tuple[Way, Way | None]] = {
            name: (wrap(breaks), continues and wrap(continues)) for name, (breaks, continues) in self.labels.items()
        }
        return Ways(
            wrap(self.returns), wrap(self.throws), True,
            self.breaks and wrap(self.breaks), self.continues and wrap(self.continues), labels,
        )  # fmt: skip

    def caught_by(self, handler: Way) -> Ways:
        return replace(self, throws=handler, caught=True)
