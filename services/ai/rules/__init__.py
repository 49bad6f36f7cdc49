"""Readers that need no model: the layout of the page and the meaning of labels."""
