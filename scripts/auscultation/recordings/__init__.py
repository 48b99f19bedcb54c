"""From recordings of lungs to the table of respiratory cycles."""
