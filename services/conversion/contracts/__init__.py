"""What each operation of the conversion service takes and promises."""
