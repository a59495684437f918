"""The names of the formats a report can be printed in; linter/report/ has them, and takes longer to load."""

from __future__ import annotations

NAMES = ("text", "html", "markdown", "json", "jsonl", "sarif", "github", "gitlab", "junit", "rdjson", "diff")
