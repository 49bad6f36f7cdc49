"""How well figures are read from documents, beside invoice2data."""
