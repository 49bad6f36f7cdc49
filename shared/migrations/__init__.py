"""Numbered changes of the schema, applied in order by `bindery migrate`."""
