"""Manifests that cannot forget a queue: rendered from the catalogue, and checked as they lie on disk."""
