"""A limit on the time of the processor: spent by work, not by waiting."""

from __future__ import annotations

import time

import pytest

from linter.allowance import Allowance


class Clocks:
    """The clock on the wall and that of the thread, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.thread, self.asked = 100.0, 5.0, 0
        monkeypatch.setattr(time, "monotonic", lambda: self.wall)
        monkeypatch.setattr(time, "thread_time", self._thread)

    def _thread(self) -> float:
        self.asked += 1
        return self.thread

    def work(self, seconds: float, waiting: float = 0.0) -> None:
        self.thread += seconds
        self.wall += seconds + waiting


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def test_it_is_spent_by_work(clocks: Clocks) -> None:
    allowance = Allowance(2.0)
    clocks.work(1.9)
    assert not allowance.is_spent
    clocks.work(0.2)
    assert allowance.is_spent


def test_it_is_not_spent_by_waiting(clocks: Clocks) -> None:
    allowance = Allowance(2.0)
    clocks.work(1.0, waiting=50.0)
    assert not allowance.is_spent
    clocks.work(0.9, waiting=50.0)
    assert not allowance.is_spent
    clocks.work(0.2, waiting=50.0)
    assert allowance.is_spent


def test_the_clock_of_the_thread_is_read_only_when_enough_time_has_passed(clocks: Clocks) -> None:
    allowance = Allowance(2.0)
    read = clocks.asked
    for _ in range(10):
        clocks.work(0.1)
        assert not allowance.is_spent
    assert clocks.asked == read


def test_one_without_end_is_never_spent(clocks: Clocks) -> None:
    allowance = Allowance(float("inf"))
    clocks.work(1e9)
    assert not allowance.is_spent
