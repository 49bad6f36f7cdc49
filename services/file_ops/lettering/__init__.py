"""Text in any script that a document can show: fonts found, subset and embedded, lines measured and drawn."""
