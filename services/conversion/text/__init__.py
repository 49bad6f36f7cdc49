"""The words of a document, and what they are arranged in: lines, tables, headings."""
