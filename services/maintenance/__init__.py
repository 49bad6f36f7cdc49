"""Keeps the platform clean and watches its health."""
