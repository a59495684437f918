"""Regular expressions that are compiled when they are first searched for: a short run needs few of those there are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

__all__ = ["regex"]

if TYPE_CHECKING:
    from typing import AnyStr

    def regex(pattern: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
        """The compiled pattern, but for when that is done: a mistake in it raises re.error where it is first used."""

else:

    class regex:  # it is called as re.compile is
        __slots__ = (
            "_given", "findall", "finditer", "flags", "fullmatch", "groupindex", "groups", "match", "pattern", "search",
            "split", "sub", "subn",
        )  # fmt: skip

        def __init__(self, pattern, flags=0):
            self._given = pattern, flags

        def __getattr__(self, name):
            """Asked for what has not been set yet; from then on it costs what it does with a compiled pattern."""
            if name not in regex.__slots__:
                raise AttributeError(name)
            compiled = re.compile(*self._given)
            for each in regex.__slots__[1:]:
                setattr(self, each, getattr(compiled, each))
            return getattr(self, name)

        def __reduce__(self):
            return regex, self._given
