"""The control-flow graph of one function, or of the top level of a module."""

from __future__ import annotations

from .graph import Graph
from .step import Step

__all__ = ["Graph", "Step"]
