"""What a PDF says of itself, and what it really holds."""
