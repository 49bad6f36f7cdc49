"""Finds what must go from a document, takes it out everywhere, and proves that it is gone."""
