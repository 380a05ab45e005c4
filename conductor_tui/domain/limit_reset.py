"""When a usage limit resets: read from Codex's words, for it does not send the time by itself, and put into ours.

Codex writes the time of its server's zone, which is this machine's unless the server was started under another TZ.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_TIME = re.compile(
    r"try again at (?:(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2})(?:st|nd|rd|th), (?P<year>\d{4}) )?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2}) (?P<half>AM|PM)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def reset_time(said: str, said_at: float) -> float | None:
    """Unix seconds at which the limit resets; None when the message names no time. `said_at`: Unix seconds."""
    found = _TIME.search(said)
    if found is None:
        return None
    hour = int(found["hour"]) % 12 + (12 if found["half"] == "PM" else 0)
    before = datetime.fromtimestamp(said_at)
    try:
        if found["month"]:
            month = _MONTHS.index(found["month"]) + 1
            day = datetime(int(found["year"]), month, int(found["day"]), hour, int(found["minute"]))
        else:
            day = before.replace(hour=hour, minute=int(found["minute"]), second=0, microsecond=0)
            if day < before.replace(second=0, microsecond=0):
                day += timedelta(days=1)
    except ValueError:
        return None
    return day.timestamp()


def until_words(moment: float, now: float) -> str:
    """A moment to come, in local time, and how long until then: `22:44 (in 1 h 30 min)`. Both in Unix seconds."""
    there, here = datetime.fromtimestamp(moment), datetime.fromtimestamp(now)
    clock = f"{there:%H:%M}"
    days = (there.date() - here.date()).days
    if days == 1:
        clock = f"tomorrow {clock}"
    elif days:
        clock = f"{there.day} {_MONTHS[there.month - 1]} {clock}"
    return f"{clock} ({in_words(moment - now)})"


def in_words(seconds: float) -> str:
    """A time to wait: `in 3 min`, `in 1 h 30 min`, `in 6 d 4 h`."""
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"in {minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"in {hours} h {minutes} min" if minutes else f"in {hours} h"
    days, hours = divmod(hours, 24)
    return f"in {days} d {hours} h" if hours else f"in {days} d"
