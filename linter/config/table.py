"""One table of settings as it was written: each value read as what it has to be, or an error that points at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import TypeVar

from ..datatype import dataclass
from .place import Place, Value, shown

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """The settings in it, and where it stands. Every method raises ConfigError with file, line and what to do."""

    values: dict[str, Value]
    place: Place

    def only(self, keys: Sequence[str]) -> None:
        """Refuses a key that is none of these."""
        for key in self.values:
            if key not in keys:
                hint = _hint(key, keys, f"known keys: {', '.join(sorted(keys))}")
                raise self.place.below(key).error(f"unknown key {key!r}", hint=hint)

    def text(self, key: str, default: str = "") -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "a string")
        return value

    def required(self, key: str, hint: str) -> str:
        """A text that must be there and say something."""
        value = self.text(key).strip()
        if not value:
            place = self.place.below(key) if key in self.values else self.place
            raise place.error(f"{key!r} is missing", hint=hint)
        return value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.text(key, default)
        if key in self.values and value not in choices:
            hint = _hint(value, choices, f"one of {', '.join(choices)}")
            raise self.place.below(key).error(f"{key!r} cannot be {value!r}", hint=hint)
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def number(self, key: str, default: int) -> int:
        """A whole number above 0."""
        value = self.values.get(key, default)
        if type(value) is not int or value < 1:
            raise self._wrong(key, "a whole number above 0")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, "a list of strings")
        return tuple(item for item in value if isinstance(item, str))

    def day(self, key: str) -> date | None:
        """A day, written as TOML has them or as a text; None when the key is absent."""
        value = self.values.get(key)
        try:
            value = date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            value = False
        # A datetime is a date, too, but one that no day is meant by.
        if key in self.values and type(value) is not date:
            raise self._wrong(key, "a day such as 2030-01-31")
        return value if type(value) is date else None

    def within(self, key: str) -> Table:
        """A table inside of this one, empty when the key is absent."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "a table")
        return Table(value, self.place.below(key))

    def several(self, key: str) -> tuple[Table, ...]:
        """The tables of a list."""
        value = self.values.get(key, [])
        tables = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        if not isinstance(value, list) or len(tables) != len(value):
            raise self._wrong(key, "a list of tables")
        return tuple(Table(table, self.place.below(key, number)) for number, table in enumerate(tables))

    def read(self, key: str, text: str, how: Callable[[str], T], hint: str) -> T:
        """What a text of this key means; a ValueError of `how` becomes the error."""
        try:
            return how(text)
        except ValueError as error:
            raise self.place.below(key).error(f"{key!r}: {error}", hint=hint) from None

    def _wrong(self, key: str, what: str) -> Exception:
        return self.place.below(key).error(f"{key!r} must be {what}, not {shown(self.values[key])}")


def _hint(word: str, known: Sequence[str], otherwise: str) -> str:
    near = get_close_matches(word, known, 1) or get_close_matches(word.lower().replace("_", "-"), known, 1)
    return f"did you mean {near[0]!r}?" if near else otherwise
