"""How far a scan reaches: which packages and files it reports on, and what the project has decided to live with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

from ..datatype import dataclass, field
from ..finding import Finding, Suppressed

if TYPE_CHECKING:
    from ..dependencies import Dependencies
    from ..packages import File, Package
    from ..rule import Rule
    from .patterns import PackagePattern, PathPattern
    from .suppression import Suppression


@dataclass(frozen=True, slots=True)
class Scope:
    """What a scan leaves out. Without anything in it, nothing."""

    folder: str = ""  # the real folder that paths are counted from
    packages: tuple[PackagePattern, ...] = ()
    paths: tuple[PathPattern, ...] = ()
    suppress: tuple[Suppression, ...] = ()
    production: bool = False  # whether packages are left out that only development needs
    today: date = field(default_factory=date.today)

    def omits(
        self, package: Package, dependencies: Callable[[], Dependencies]
    ) -> Literal["packages", "production", ""]:
        """Which setting leaves the whole package out; "" for none."""
        if self.production:
            by = dependencies().of(package.root)
            if by is not None and by.needed == "development":
                return "production"
        return "packages" if self.packages and not self._has(package) else ""

    def _has(self, package: Package) -> bool:
        from .patterns import chosen  # whoever asks has patterns already

        return chosen(self.packages, lambda one: one.matches(package.name, package.version))

    def has(self, file: File) -> bool:
        """Whether findings in this file are asked for."""
        if not self.paths:
            return True
        from .patterns import chosen

        path = self._inside(file.path)
        return chosen(self.paths, lambda one: one.matches(path))

    def unsuppressed(self, rules: Iterable[Rule], package: Package, file: File) -> list[Rule]:
        """The rules whose findings in this file nobody has decided to live with."""
        who = package.name, package.version
        return [rule for rule in rules if self._by(rule.id, rule.category, who, file.path) is None]

    def parted(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppressed]]:
        """The findings that count, and those that the project has decided to live with."""
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        for f in findings:
            by = self._by(f.rule, f.category, (f.package, f.version), f.path)
            if by is None:
                kept.append(f)
            else:
                suppressed.append(Suppressed(f, by.reason, "configuration", by.until.isoformat() if by.until else ""))
        return kept, suppressed

    @property
    def expired(self) -> Sequence[Suppression]:
        """What was decided for a time that is over."""
        return [one for one in self.suppress if not one.holds(self.today)]

    def _by(self, rule: str, category: str, package: tuple[str, str], path: str) -> Suppression | None:
        if not self.suppress:
            return None
        inside = self._inside(path)
        return next(
            (s for s in self.suppress if s.holds(self.today) and s.covers(rule, category, package, inside)), None
        )

    def _inside(self, path: str) -> str:
        """A path as given on the command line, counted from the project's folder."""
        return os.path.relpath(os.path.realpath(path), self.folder or os.curdir).replace(os.sep, "/")
