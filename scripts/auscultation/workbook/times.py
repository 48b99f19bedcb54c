"""Times of day and durations as seconds: cells formatted as times, and texts such as 00:01:02.5."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

NUMBER = r"[0-9]+(?:[.,][0-9]*)?"
CLOCK = re.compile(
    r"(?P<sign>-?)(?:(?P<days>[0-9]+) days?,? )?(?:(?P<hours>[0-9]+):)?"
    rf"(?P<minutes>[0-9]{{1,2}}):(?P<seconds>{NUMBER})(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
# ISO 8601, as OpenDocument has it
PERIOD = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>[0-9]+)D)?T(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    rf"(?:(?P<seconds>{NUMBER})S)?(?P<half>)"
)
# The days on which programs put a time that has none.
NO_DAY = re.compile(r"(?:1899-12-3[01]|1900-01-01|1904-01-01|1970-01-01)(?:[ T]|$)")
# Excel counts days from here, and shows a time of more than one as of these months.
FIRST, BEFORE = datetime(1899, 12, 31), datetime(1900, 3, 1)
DAY, HOUR, MINUTE = 86400, 3600, 60  # s


def seconds_of(value: object) -> float | None:
    """Return the seconds that a cell's value is: a time, a duration, or a text of one; else None.

    Times of day count from midnight. Of two numbers, as in 1:02, the first are minutes.
    """
    if isinstance(value, time):
        value = datetime.combine(FIRST, value, tzinfo=None) - FIRST
    elif isinstance(value, date):
        moment = datetime(*value.timetuple()[:6], getattr(value, "microsecond", 0))
        if NO_DAY.match(moment.isoformat()) and moment.year != FIRST.year + 1:
            return seconds_of(moment.time())
        value = moment - FIRST if FIRST <= moment < BEFORE else None
    if isinstance(value, timedelta):
        return float(Decimal(value // timedelta(microseconds=1)) / 10**6)
    return _of_text(value) if isinstance(value, str) else None


def _of_text(text: str) -> float | None:
    day = NO_DAY.match(text)
    text = text[day.end() :] or "00:00" if day else text
    match = CLOCK.fullmatch(text) or PERIOD.fullmatch(text)
    if not match:
        return None
    days, hours, minutes = (int(match[name] or 0) for name in ("days", "hours", "minutes"))
    seconds = Decimal((match["seconds"] or "0").replace(",", "."))
    if ":" in text and (seconds >= MINUTE or match["hours"] and minutes >= HOUR // MINUTE):
        return None
    if match["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + 12 * (match["half"] in "Pp")
    total = days * DAY + hours * HOUR + minutes * MINUTE + seconds
    return float(-total if match["sign"] else total)
