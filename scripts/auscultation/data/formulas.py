"""Texts in files that spreadsheet programs open: a text that looks like a formula must stay a text."""

import re

# what Excel or LibreOffice may take for the start of a formula; the wide ones in Japanese settings
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?(e[+-]?[0-9]+)?", re.IGNORECASE)


def as_text(value: object) -> object:
    """Return a value for a CSV: with an apostrophe before a text that would be taken for a formula."""
    if isinstance(value, str) and FORMULA.match(value) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return value
