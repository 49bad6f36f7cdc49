"""A service for tests of the gateway: operations that take many documents, and none."""
