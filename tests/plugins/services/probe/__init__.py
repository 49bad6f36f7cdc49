"""A service for tests: its one operation behaves as well or as badly as it is told."""
