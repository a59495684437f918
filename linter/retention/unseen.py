"""What of a large file has to be parsed for an answer, gathered: each time it is looked at again costs as much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..datatype import dataclass, field
from ..source import HiddenError


@dataclass(slots=True)
class Unseen:
    """The hidden parts that some questions of many led to. What was found meanwhile is not to be used then."""

    _errors: list[HiddenError] = field(default_factory=list)

    @contextmanager
    def later(self) -> Iterator[None]:
        """Goes on behind the block when it leads to a hidden part."""
        try:
            yield
        except HiddenError as error:
            self._errors.append(error)

    def tell(self) -> None:
        """Raises HiddenError when there was any: for the first of the files, with all that is wanted of it."""
        if self._errors:
            path = self._errors[0].path
            wanted = [error.at for error in self._errors if error.path == path]
            raise HiddenError(path, {at for each in wanted for at in each} if all(wanted) else ())
