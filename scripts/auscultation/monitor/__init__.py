"""A run as it goes: its lock, its progress, the fits that have failed. Only rules/ imports it."""
