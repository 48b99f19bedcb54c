"""The protocols: ways to divide the cycles into train and test."""
