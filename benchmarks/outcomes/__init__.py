"""What becomes of every document of the corpus in every operation."""
