"""Data classes of ours are those of the standard library, but for when they are made."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import TypeAlias

import pytest

from linter import datatype

Maker: TypeAlias = Callable[..., object]


@datatype.dataclass(frozen=True, slots=True)
class Ours:
    name: str
    number: int = 3
    parts: list[int] = datatype.field(default_factory=list, compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    name: str
    number: int = 3
    parts: list[int] = dataclasses.field(default_factory=list, compare=False, repr=False)


@datatype.dataclass(slots=True)
class Line:
    text: str
    due: float = datatype.field(init=False)
    shown: bool = datatype.field(init=False, default=False)

    def __post_init__(self) -> None:
        self.due = 1.5


@datatype.dataclass(frozen=True)
class Below(Ours):
    more: tuple[int, ...] = ()


@datatype.dataclass(frozen=True, slots=True, order=True)
class Ordered:
    first: int
    second: str


@datatype.dataclass(frozen=True, slots=True)
class One:
    only: str


@datatype.dataclass(eq=False, slots=True)
class Alone:
    value: int


@datatype.dataclass(slots=True)
class Loop:
    inside: object = None


@pytest.mark.parametrize("made", [Ours, Theirs], ids=["ours", "theirs"])
def test_an_object_is_what_it_is_given(made: type[Ours]) -> None:
    one = made("a")
    assert (one.name, one.number, one.parts) == ("a", 3, [])
    assert one.parts is not made("a").parts
    assert made(number=4, name="b").number == 4
    assert repr(one) == f"{made.__name__}(name='a', number=3)"
    assert one == made("a", 3, [1])
    assert one != made("a", 4)
    assert hash(one) == hash(("a", 3))
    assert made.__match_args__ == ("name", "number", "parts")
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize("made", [Ours, Theirs], ids=["ours", "theirs"])
def test_what_is_frozen_stays_as_it_is(made: type[Ours]) -> None:
    one = made("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.name


@pytest.mark.parametrize("given", [(), ("a", 1, [], 2)], ids=["too few", "too many"])
@pytest.mark.parametrize("made", [Ours, Theirs], ids=["ours", "theirs"])
def test_a_wrong_number_of_arguments_is_a_type_error(made: Maker, given: tuple[object, ...]) -> None:
    for _ in range(2):  # the first call compiles what the second calls
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            made(*given)


def test_the_first_objects_are_made_as_all_others() -> None:
    """The many are made by a function that is compiled for the class, the first without it."""

    @datatype.dataclass(slots=True)
    class Part:
        name: str
        about: list[str] = datatype.field(default_factory=list)
        size: int = 2
        due: int = datatype.field(init=False)

        def __post_init__(self) -> None:
            self.due = self.size + 1

    made = [(Part("a"), Part("b", ["c"], size=4), Part(size=5, name="d")) for _ in range(40)]
    assert all(row == made[0] for row in made)
    assert repr(made[0]) == repr(made[-1])
    assert made[0][0] is not made[1][0]
    assert made[0][0].about is not made[1][0].about
    assert [part.due for part in made[-1]] == [3, 5, 6]


@pytest.mark.parametrize("many", [0, 40], ids=["among the first", "later"])
def test_what_does_not_fit_is_a_type_error_whenever_it_comes(many: int) -> None:
    @datatype.dataclass(frozen=True, slots=True)
    class Part:
        name: str
        size: int = 2

    made: Maker = Part
    for _ in range(many):
        made("a")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        made(size=3)
    with pytest.raises(TypeError, match="multiple values for argument 'name'"):
        made("a", name="b")
    with pytest.raises(TypeError, match="unexpected keyword argument 'more'"):
        made("a", more=3)


def test_others_than_ours_are_not_equal() -> None:
    assert One("a") != ("a",)  # type: ignore[comparison-overlap]
    assert One("a") == One("a")
    assert hash(One("a")) == hash(("a",))
    assert Alone(1) != Alone(1)
    assert Below("a") != Ours("a")
    with pytest.raises(TypeError):
        hash(Line("a"))


def test_what_is_ordered_goes_by_its_fields() -> None:
    assert sorted([Ordered(2, "a"), Ordered(1, "b"), Ordered(1, "a")]) == [
        Ordered(1, "a"), Ordered(1, "b"), Ordered(2, "a"),
    ]  # fmt: skip
    assert Ordered(1, "a") <= Ordered(1, "a") >= Ordered(1, "a")
    assert Ordered(2, "a") > Ordered(1, "b")


def test_fields_that_are_not_given_are_set_afterwards() -> None:
    line = Line("a")
    assert (line.due, line.shown) == (1.5, False)
    with pytest.raises(TypeError):
        Line("a", due=1.0)  # type: ignore[call-arg]


def test_a_class_below_has_the_fields_above_it_first() -> None:
    assert repr(Below("a", more=(1,))) == "Below(name='a', number=3, more=(1,))"
    assert datatype.names(Below) == ("name", "number", "parts", "more")


@pytest.mark.parametrize("one", [Ours("a", 4, [1]), Line("a"), Below("a", 4, [1], (2,)), One("b")], ids=repr)
def test_a_copy_and_what_another_process_gets_are_the_same(one: object) -> None:
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert other is not one
        assert other == one


@pytest.mark.parametrize("replace", [datatype.replace, dataclasses.replace], ids=["ours", "theirs"])
def test_one_is_made_of_another(replace: Callable[..., Ours]) -> None:
    assert replace(Ours("a", 4, [1]), name="b") == Ours("b", 4)
    assert replace(Ours("a", 4, [1]), name="b").parts == [1]
    with pytest.raises(TypeError):
        replace(Ours("a"), unheard_of=1)


def test_the_standard_library_takes_them() -> None:
    assert dataclasses.is_dataclass(Ours)
    assert [one.name for one in dataclasses.fields(Below)] == ["name", "number", "parts", "more"]
    assert dataclasses.asdict(Ours("a", 4, [1])) == {"name": "a", "number": 4, "parts": [1]}


def test_one_that_holds_itself_can_be_shown() -> None:
    loop = Loop()
    loop.inside = loop
    assert repr(loop) == "Loop(inside=...)"
