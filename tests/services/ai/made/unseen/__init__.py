"""Layouts that nobody who writes rules may look at: the benchmark alone draws and reads them."""
