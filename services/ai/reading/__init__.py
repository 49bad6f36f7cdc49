"""The document as engines read it: words with their places."""
