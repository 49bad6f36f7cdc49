"""Turns documents of one kind into another."""
