"""What makes a finding the same finding after an upgrade: no version, no line number, no white space."""

from __future__ import annotations

import hashlib


def fingerprint(*parts: str) -> str:
    """32 hex digits that depend on the parts, not on how their white space is laid out."""
    folded = "\0".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(folded.encode("utf8", "surrogatepass")).hexdigest()[:32]
