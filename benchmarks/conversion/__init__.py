"""What conversion costs beside the programs that people use today, in one run on the same files."""
