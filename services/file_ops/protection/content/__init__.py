"""Reads content streams glyph by glyph, and takes out of them what must go."""
