"""The spelling by which texts name a patient, recording or column: by their look, not their code."""

import re
import unicodedata

# printed ASCII that is in no wrapper: as it should be
PLAIN = re.compile("[!-<>-~][!-~]*(?: [!-~]+)*")
WRAPPED = re.compile(r'="(.*)"', re.DOTALL)  # how Excel exports a number that is to stay a text


def fold(text: str) -> str:
    """Return the one spelling of all texts that look the same.

    Composed as in Unicode NFC; without characters of no width; any white space (also no-break and
    narrow spaces) as one space, none at the ends; without the wrapper of `="101"`. Case, digits and
    punctuation stay as they are: 007, 7 and 7.0 are three texts.
    """
    if PLAIN.fullmatch(text):
        return text
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
    text = " ".join(text.split())
    wrapped = WRAPPED.fullmatch(text)
    return fold(wrapped[1].replace('""', '"')) if wrapped else text
