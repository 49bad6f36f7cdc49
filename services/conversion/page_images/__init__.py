"""Pages as pictures, and the pictures in pages."""
