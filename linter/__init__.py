"""nodemend: finds risky patterns in the JavaScript you depend on, and answers with the diff that mends them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .edit import Edit, Fix, Safety
    from .finding import Finding, Patch, Report
    from .library import check, fix
    from .rule import Rule, load_rules

__all__ = ["Edit", "Finding", "Fix", "Patch", "Report", "Rule", "Safety", "check", "fix", "load_rules"]

__version__ = "0.1.0"

# A name is imported when it is first asked for: `nodemend --version` needs no parser.
_HOMES = {
    "Edit": "edit", "Fix": "edit", "Safety": "edit",
    "Finding": "finding", "Patch": "finding", "Report": "finding",
    "check": "library", "fix": "library",
    "Rule": "rule", "load_rules": "rule",
}  # fmt: skip

if not TYPE_CHECKING:  # a type checker sees the imports above, and so knows which names there are

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
