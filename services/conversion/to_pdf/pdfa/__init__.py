"""Makes PDF/A of PDFs: what the standard forbids goes, what it asks for is added, and the result is checked."""
