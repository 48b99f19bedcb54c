"""Families of features that hear more than the notebook's five statistics."""
