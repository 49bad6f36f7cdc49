"""The language model: asks it, checks what it answers, and turns that into values with places."""
