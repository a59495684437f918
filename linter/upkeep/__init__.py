"""Patches that stay: written where the package manager keeps them, verified, updated and reverted."""
