"""Reading by a JSON Schema of the caller's own."""
