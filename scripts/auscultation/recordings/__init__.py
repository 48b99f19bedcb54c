"""From a folder of recordings to the table of cycles."""
