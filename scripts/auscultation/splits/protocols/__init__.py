"""The protocols, one file each: a file `name.py` with a function `name` is a protocol of that name."""
