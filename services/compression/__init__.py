"""Makes documents smaller."""
