"""Rules as they are tried on every file, with all of their patches, whatever the file holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from linter.gate import Gate
from linter.rule import Rule


@contextmanager
def ungated(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """The same rules without their gates, for as long as this lasts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("linter.engine.gate", lambda _patch: Gate(()))
        patched.setattr("linter.retention.heads.may_enter", lambda _data: True)
        yield [replace(rule, body=replace(rule.body, gates=(Gate(()),))) for rule in rules]
