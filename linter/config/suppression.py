"""A finding that a project has decided to live with: which, why, and until when."""

from __future__ import annotations

from datetime import date

from ..datatype import dataclass
from .patterns import PackagePattern, PathPattern


@dataclass(frozen=True, slots=True)
class Suppression:
    """Leaves out what one rule (or category) says of some packages or files; one of the two is given at least."""

    rule: str
    reason: str
    package: PackagePattern | None = None
    path: PathPattern | None = None
    until: date | None = None  # the last day on which it holds

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until

    def covers(self, rule: str, category: str, package: tuple[str, str], path: str) -> bool:
        """Whether it speaks of a rule in a package (name, version) or in a file, its path from the project's folder."""
        return (
            self.rule in (rule, category)
            and (self.package is None or self.package.matches(*package))
            and (self.path is None or self.path.matches(path))
        )

    def __str__(self) -> str:
        where = " in ".join(str(part) for part in (self.package, self.path) if part is not None)
        return f"{self.rule} in {where}"
