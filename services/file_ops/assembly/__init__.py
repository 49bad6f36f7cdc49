"""Joining files and taking them apart: merge, split."""
