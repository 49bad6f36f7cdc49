"""Takes out of a document what runs, reaches out, hides or tells of its author, and looks whether anything is left."""
