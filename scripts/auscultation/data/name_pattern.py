"""Names of recordings: their parts, such as location and device, by a pattern."""

import re
from collections.abc import Iterable
from functools import cache, partial

ICBHI = "{patient}_{index}_{location}_{mode}_{device}"  # of the ICBHI 2017 database
FIELD = re.compile(r"\{([A-Za-z]\w*)\}")
PARTS = ("location", "device")  # that become columns of the table


def problems_of_pattern(pattern: str) -> list[str]:
    """Return what is wrong with a pattern: no field, one twice, two fields side by side."""
    fields = FIELD.findall(pattern)
    rest = FIELD.sub("", pattern)
    problems = []
    if "{" in rest or "}" in rest:
        problems.append("a field is a name in braces, as in {device}")
    if not {*fields} & {*PARTS}:
        problems.append(f"it names none of {', '.join(f'{{{name}}}' for name in PARTS)}")
    if len({*fields}) < len(fields):
        problems.append("a field is there twice")
    if "}{" in pattern:
        problems.append("two fields have nothing between them that tells where one ends")
    return problems


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern as a regular expression.

    The first field takes as much as it can, the others no character that stands between fields: a
    patient's own name may contain underscores.
    """
    between = re.escape("".join({*FIELD.sub("", pattern)}))
    part = f"[^{between}]*" if between else ".*"
    expression = ""
    for place, text in enumerate(FIELD.split(pattern)):
        if place % 2 == 0:
            expression += re.escape(text)
        else:
            expression += f"(?P<{text}>{'.*' if place == 1 else part})"
    return re.compile(expression)


def parts_of(
    patients: Iterable[object], names: Iterable[str | None], pattern: str
) -> dict[str, list[str | None]]:
    """Return location and device in the name of each cycle's recording, None where it has none.

    A name whose field `patient` does not begin with the cycle's patient does not fit the pattern.
    """
    fields = [name for name in PARTS if f"{{{name}}}" in pattern]
    parts = cache(partial(_parts, pattern=compiled(pattern), fields=fields))
    rows = [parts(*key) for key in zip(map(str, patients), names, strict=True)]
    return {name: [row[place] for row in rows] for place, name in enumerate(fields)}


def _parts(
    patient: str, name: str | None, pattern: re.Pattern[str], fields: list[str]
) -> list[str | None]:
    match = pattern.fullmatch(name or "")
    if not match or not _of_patient(match, patient):
        return [None] * len(fields)
    return [match[field].strip() or None for field in fields]


def _of_patient(match: re.Match[str], patient: str) -> bool:
    """Return whether the field `patient` is the patient, longer by whole parts, or its own last part."""
    if "patient" not in match.re.groupindex or patient.endswith(match["patient"]):
        return True
    begins = match["patient"].startswith(patient)
    return begins and not match["patient"][len(patient)].isalnum()
