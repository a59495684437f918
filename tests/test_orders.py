"""What is handed out to which worker, and when."""

from __future__ import annotations

from collections.abc import Sequence

from linter.orders import Orders
from linter.packages import File, Package


def task(number: int, name: str, files: int = 1) -> tuple[int, Package]:
    held = tuple(File.single(f"{name}/{at}.js", f"{at}.js", f"/{name}/{at}.js") for at in range(files))
    return number, Package(name, "1.0.0", name, "", held)


def names(order: Sequence[tuple[int, Package]]) -> list[tuple[int, str]]:
    return [(number, package.name) for number, package in order]


def filled(*sizes: int) -> Orders:
    """Orders for a package of each size."""
    orders = Orders()
    for number, _ in enumerate(sizes):
        orders.add(task(number, f"p{number}"))
    orders.close(lambda one: sizes[one[0]])
    return orders


def test_while_packages_are_being_found_an_order_waits_for_enough_files() -> None:
    orders = Orders()
    orders.add(task(0, "a", files=127))
    assert not orders.next(0, 2)
    orders.add(task(1, "b"))
    orders.add(task(2, "c"))
    assert names(orders.next(0, 2)) == [(0, "a"), (1, "b")]
    assert not orders.next(1, 2)
    orders.close(lambda _: 0)
    assert names(orders.next(1, 2)) == [(2, "c")]
    assert not orders.next(0, 2)


def test_copies_go_to_the_worker_that_had_the_first() -> None:
    orders = Orders()
    for number, name in enumerate("aba"):
        orders.add(task(number, name, files=100))
    assert names(orders.next(1, 2)) == [(0, "a"), (2, "a")]
    orders.add(task(3, "a"))
    orders.add(task(4, "b"))
    orders.close(lambda _: 1)
    assert names(orders.next(0, 2)) == [(1, "b"), (4, "b")]
    assert not orders.next(0, 2)
    orders.add(task(5, "b"))
    assert names(orders.next(1, 2)) == [(3, "a")]
    assert names(orders.next(0, 2)) == [(5, "b")]


def test_half_of_the_workers_begin_with_the_largest_and_the_others_with_the_smallest() -> None:
    orders = filled(10, 9 << 20, 20, 12 << 20, 30, 5 << 20)
    given = [(worker, names(orders.next(worker, 3))) for worker in (2, 0, 1)]
    assert given == [(2, [(0, "p0"), (2, "p2"), (4, "p4"), (5, "p5")]), (0, [(3, "p3")]), (1, [(1, "p1")])]
    assert not any(orders.next(worker, 3) for worker in range(3))


def test_a_single_worker_begins_with_the_largest() -> None:
    orders = filled(10, 9 << 20, 20, 12 << 20, 30)
    rest = []
    while order := orders.next(0, 1):
        rest += [number for number, _ in order]
    assert rest == [3, 1, 4, 2, 0]


def test_at_the_end_there_is_something_for_each_worker() -> None:
    orders = filled(*[1000] * 16)
    assert [len(orders.next(worker, 2)) for worker in (0, 1, 0, 1)] == [2, 2, 2, 2]


def test_what_a_dead_worker_left_comes_first_and_to_its_number() -> None:
    orders = filled(5, 5, 5, 5)
    left = [task(8, "x"), task(9, "y")]
    orders.again(1, [[left[0]], [], [left[1]]])
    assert names(orders.next(0, 2)) == [(0, "p0")]
    assert names(orders.next(1, 2)) == [(8, "x")]
    assert names(orders.next(1, 2)) == [(9, "y")]
    assert names(orders.next(1, 2)) == [(3, "p3")]
