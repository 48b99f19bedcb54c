"""Fitting a model: folds, preprocessing, tuning, the model file."""
