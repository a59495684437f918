"""`python -m linter` is `nodemend`."""

from __future__ import annotations

from .cli import main

main()
