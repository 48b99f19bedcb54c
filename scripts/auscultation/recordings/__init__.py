"""A folder of recordings: its files, annotations and patients, and what is measured of the sounds."""
