"""PDFs made from other kinds of document, and PDF/A."""
