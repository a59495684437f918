"""Which grammar a file is read with, as its name says."""

from __future__ import annotations

from typing import Literal

Dialect = Literal["javascript", "typescript", "tsx"]
# JSX is part of the JavaScript grammar; in TypeScript it is a grammar of its own, because `<T>x` is a cast.
DIALECTS: dict[str, Dialect] = {
    ".js": "javascript", ".cjs": "javascript", ".mjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".cts": "typescript", ".mts": "typescript", ".tsx": "tsx",
}  # fmt: skip


def dialect_of(path: str) -> Dialect:
    return next((dialect for suffix, dialect in DIALECTS.items() if path.lower().endswith(suffix)), "javascript")
