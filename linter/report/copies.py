"""Findings that are one finding in several installed copies, and the command that mends them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..finding import Finding
from ..safety import Safety
from ..terminal import quoted


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings, those together that are one finding in several installed copies; in the order of the first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for f in findings:
        # Without a package nothing says that two files are copies of one.
        alone = f.path if not f.package else ""
        key = (alone, f.rule, f.package, f.version, f.file, f.span, f.message, f.snippet)
        groups.setdefault(key, []).append(f)
    return list(groups.values())


def command(copies: Sequence[Finding]) -> str | None:
    """What to type to mend these copies of one finding; None when there is no fix that can be applied."""
    fix = copies[0].fix
    if fix is None or fix.safety is Safety.SHOWN:
        return None
    option = " --suggestions" if fix.safety is Safety.SUGGESTED else ""
    return f"nodemend fix{option} {' '.join(dict.fromkeys(quoted(copy.path) for copy in copies))}"


def named(finding: Finding) -> str:
    """The package and its version, as far as they are known."""
    return f"{finding.package}@{finding.version}" if finding.version else finding.package


def provenance(finding: Finding) -> list[str]:
    """How the package came in, and whether that is the end of it: a line for each that is known."""
    lines = [f"came in by {chain(finding)}"] if finding.chain else []
    if finding.fixed_in:
        lines.append(f"not in {finding.package}@{finding.fixed_in}, which is installed here, too")
    return lines


def chain(finding: Finding) -> str:
    """The packages from the project to the one of the finding, and what for when that is only development."""
    return " > ".join(finding.chain) + (", for development only" if finding.needed == "development" else "")
