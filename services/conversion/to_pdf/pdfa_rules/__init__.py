"""A validator of PDF/A-1b, 2b and 3b (ISO 19005): one small file per clause, run on everything before we claim it."""
