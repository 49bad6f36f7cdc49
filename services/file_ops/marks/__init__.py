"""What is put over or under pages: watermarks, stamps, page numbers."""
