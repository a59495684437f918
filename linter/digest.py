"""SHA-256, at first as Python itself has it: to load OpenSSL takes as long as to hash all that a short run has to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash
    from hashlib import sha256 as _at_hand
else:
    try:
        from _sha2 import sha256 as _at_hand  # CPython 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256 as _at_hand
        except ImportError:  # it was built without
            from hashlib import sha256 as _at_hand

_ENOUGH = 1 << 20  # bytes, from which on OpenSSL pays: it is up to six times as fast
_hashed = 0


def sha256(data: bytes = b"") -> _Hash:
    """The hash of the data, which takes more as those of hashlib do."""
    global _hashed
    _hashed += len(data)
    if _hashed < _ENOUGH:
        return _at_hand(data)
    import hashlib

    return hashlib.sha256(data)
