"""The metrics, from sums that add up over patients."""
