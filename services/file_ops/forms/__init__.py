"""Forms: read, fill in, flatten."""
