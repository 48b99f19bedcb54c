"""The table of respiratory cycles: its columns, its target, how it is kept."""
