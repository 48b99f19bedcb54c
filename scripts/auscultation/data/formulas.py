"""Texts in files that spreadsheet programs open: what looks like a formula must stay a text."""

import re

# what Excel or LibreOffice may take for the start of a formula; the wide ones in Japanese settings
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?(e[+-]?[0-9]+)?", re.IGNORECASE)


def as_text(value: object) -> object:
    """Put an apostrophe before a text for a CSV that would be a formula; else give the value."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
