"""What people do to PDFs as files: join, split, turn, lock, mark, fill in."""
