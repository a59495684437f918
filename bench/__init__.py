"""Measurements: what takes how long, as ratios within one run. Nothing here is a test."""
