"""From predictions to scores: intervals, differences, errors, and the answer."""
