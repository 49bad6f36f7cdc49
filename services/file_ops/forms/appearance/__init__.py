"""What fields and comments look like: drawn by us, so that every viewer shows the same."""
