"""Cures, proved by running: what a package keeps of its upgrade heads before a cure, and after it."""
