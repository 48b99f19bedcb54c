"""The rules of the project as text."""

import re
from collections.abc import Iterator

from harness import ROOT

FILES = (ROOT / "Snakefile", *sorted((ROOT / "rules").glob("*.smk")))


def rule_texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of each rule that runs a script, but for those made in loops."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"^rule (\w+):\n(.*?)(?=^rule |\Z)", text, re.M | re.S):
            if "script:" in match[2]:  # else it names targets
                yield match[1], match[2]
