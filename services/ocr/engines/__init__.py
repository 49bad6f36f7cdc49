"""Engines that read page images, behind one protocol."""
