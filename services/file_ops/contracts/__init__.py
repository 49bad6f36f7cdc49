"""What each operation of the file operations service takes and promises."""
