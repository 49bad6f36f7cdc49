"""Checks of what was read: what arithmetic and check digits say of each value."""
