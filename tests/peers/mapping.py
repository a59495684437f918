"""Which rules of other tools compare with one of ours, and on which verified pairs. To compare one more: add a line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """A rule of an ESLint plugin, as configuration names it. Of its reports those count that say `about`."""

    rule: str
    about: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}: {self.about}" if self.about else self.rule


@dataclass(frozen=True, slots=True)
class Row:
    """One of our rules, what the table of pairs calls its defect, and the rules of others that are about the same."""

    rule: str
    pairs: str
    peers: tuple[Peer, ...]


def _deprecated(about: str) -> Peer:
    return Peer("n/no-deprecated-api", about, (("version", ">=20.0.0"),))


_INJECTION = (Peer("security/detect-object-injection"),)
_SLOW_REGEX = (
    Peer("security/detect-unsafe-regex"), Peer("regexp/no-super-linear-backtracking"),
    Peer("regexp/no-super-linear-move"),
)  # fmt: skip
_BUFFERS = (
    Peer("unicorn/no-new-buffer"), _deprecated("Buffer()"), Peer("security/detect-new-buffer"),
)  # fmt: skip

# A rule of ours that has no page yet is passed over until it has one; then `make peers` is due.
MAPPING = (
    Row("new-buffer", "buffer-from-untyped-value", _BUFFERS),
    Row("buffer-from-untyped-value", "buffer-from-untyped-value", _BUFFERS),
    Row("redos-separator-split", "redos-separator-split", _SLOW_REGEX),
    Row("redos-trailing-trim", "redos-trailing-trim", _SLOW_REGEX),
    Row("redos-known-regex", "redos-known-regex", _SLOW_REGEX),
    Row("proto-pollution-path-set", "proto-pollution-path-set", _INJECTION),
    Row("proto-pollution-merge", "proto-pollution-merge", _INJECTION),
    Row("plain-object-as-map", "plain-object-as-map", _INJECTION),
    Row("timing-unsafe-compare", "timing-unsafe-compare", (Peer("security/detect-possible-timing-attacks"),)),
    Row("cipher-without-iv", "cipher-without-iv", (_deprecated("createCipher"),)),
    Row("domain-add-on-pooled-emitter", "domain-add-on-pooled-emitter", (_deprecated("domain"),)),
    Row("listener-identity-mismatch", "listener-identity-mismatch",
        (Peer("unicorn/no-invalid-remove-event-listener"),)),
)  # fmt: skip

# What is scanned beside the pairs: popular releases with old and new code, some of it only for Nodes of long ago.
POPULAR = (
    ("duplexify", "4.1.3"), ("express", "3.21.2"), ("imap", "0.8.19"), ("jszip", "3.10.1"), ("qs", "6.12.0"),
    ("sockjs", "0.3.24"), ("websocket", "1.0.34"), ("yauzl", "2.10.0"),
)  # fmt: skip


def compared(ours: set[str]) -> list[Row]:
    """The rows whose rule has a page."""
    return [row for row in MAPPING if row.rule in ours]
