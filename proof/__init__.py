"""Proofs by running: what nodemend says of old packages, tried on the Nodes that it says it of."""

from __future__ import annotations


class ProofError(Exception):
    """Something that was to be run could not be, so nothing is proved either way."""
