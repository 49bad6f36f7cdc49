"""What a document is, what it says in short, and what it answers."""
