"""From the comparison to the page."""
