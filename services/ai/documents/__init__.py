"""What is read: the typed shape of each kind of document."""
