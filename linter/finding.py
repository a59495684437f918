"""What a scan says: findings with their traces, what was passed over, and the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from .datatype import dataclass, field

if TYPE_CHECKING:
    from .edit import Fix
    from .meter import Profile

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")  # worst first


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a file.

    `start` and `end` are byte offsets, end exclusive. Lines are 1-based and end at a line feed only. Columns are
    1-based and count UTF-16 code units, as SARIF, LSP and JavaScript itself do; `end_column` is exclusive.
    """

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


Role = Literal["enters", "kept", "passed", "leaves", "note"]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the way a value takes: where it enters, what keeps it, where control leaves with it still kept."""

    role: Role
    text: str  # one sentence without a full stop
    path: str  # as Finding.path
    span: Span
    snippet: str  # the whole source line, without its line end


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule applies."""

    rule: str
    severity: Severity
    category: str
    message: str
    package: str  # name in the nearest package.json; "" where there is none
    version: str
    path: str  # as given on the command line, joined with the place below it, `/` between; stdin: "-"
    file: str  # path inside the package, `/` between
    span: Span
    snippet: str  # the whole source line of span.line, without its line end
    trace: tuple[Hop, ...] = ()
    fix: Fix | None = None
    fingerprint: str = ""  # 32 hex digits; the same after a version bump or when lines move
    symbol: str = ""  # the function it is in, as a reader would name it
    node: str = "*"  # the Node range in which it is a problem
    chain: tuple[str, ...] = ()  # the names from the project to an installed package; empty where that is not known
    needed: Literal["production", "development", ""] = ""  # what that chain is for; "" without one
    fixed_in: str = ""  # a higher version of the package that is here, too, and in which the rule finds nothing


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that does not count: the project has decided to live with it, or it is in its baseline."""

    finding: Finding
    reason: str
    by: Literal["configuration", "baseline"]
    until: str = ""  # the last day of that, as 2030-01-31; "" for no end


@dataclass(frozen=True, slots=True)
class Omitted:
    """What was not looked at as the settings say: so many packages, for "paths" so many files."""

    by: Literal["packages", "production", "paths"]
    count: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file (or part of one) that was not analysed. `reason` is one of REASONS; `detail` is for people."""

    path: str
    reason: str
    detail: str = ""


REASONS: Mapping[str, str] = {
    "unreadable": "could not be read",
    "vanished": "vanished during the scan",
    "binary": "binary, not JavaScript",
    "too-large": "over the size budget",
    "too-deep": "nested too deeply",
    "too-slow": "over the time budget",
    "partial": "partly unparsable; findings in those parts are dropped",
    "unparsable": "not JavaScript that can be parsed",
    "encoding": "not valid UTF-8: reported on, never fixed",
    "special": "not a regular file (FIFO, device, socket)",
    "loop": "a symbolic link that leads back to itself or nowhere",
    "archive": "a malformed or unsafe archive member",
    "package-json": "a package.json that cannot be read",
    "unsafe-fix": "a fix was dropped because the result would not parse or the rule would still fire",
    "waiting": "a fix that other fixes of the file kept touching: run fix again",
    "died": "the process that analysed it died (killed, out of memory, or a crash)",
    "stalled": "over the time limit of a process, which was ended",
    "crash": "the analysis failed here: a bug, please report it",
}


@dataclass(frozen=True, slots=True)
class Gated:
    """Findings that were left out because the targeted Node is not in the rule's range."""

    rule: str
    node: str
    count: int
    outside: str = ""  # what the rule's page says about Nodes outside of its range


@dataclass(frozen=True, slots=True)
class Patch:
    """What became of one file: always first bytes against last bytes, however many passes it took."""

    path: str  # as Finding.path
    file: str  # as Finding.file
    package: str
    version: str
    before: bytes
    after: bytes
    rules: tuple[str, ...]  # ids whose fixes went into it


@dataclass(frozen=True, slots=True)
class Stats:
    packages: int = 0
    files: int = 0  # JavaScript files looked at
    bytes: int = 0
    parsed: int = 0  # files in which some rule's words occur, so that they were parsed
    duplicates: int = 0  # files whose bytes were already analysed in this scan
    seconds: float = 0.0
    profile: Profile | None = None  # where the time went, if that was asked for


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a scan says. `findings` are sorted by path, position and rule."""

    findings: tuple[Finding, ...] = ()
    patches: tuple[Patch, ...] = ()  # from `fix` only, sorted by path
    skipped: tuple[Skipped, ...] = ()
    gated: tuple[Gated, ...] = ()
    stats: Stats = field(default_factory=Stats)
    suppressed: tuple[Suppressed, ...] = ()  # in no other list; sorted as findings are
    omitted: tuple[Omitted, ...] = ()
