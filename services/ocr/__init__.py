"""Recognise the text of scanned pages and lay it invisibly under them."""
