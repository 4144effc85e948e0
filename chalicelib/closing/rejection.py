"""Which runs of the state machine are rejected, in whatever way they are started.

Only a day that is over in the business time zone is closed: what is recorded for it afterwards is a
late entry. Execution names of digits alone are the schedule's (schedule.py).
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.closing.schedule import STARTED_BY
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.errors import ValidationError


def rejection(event: Mapping[str, Any], today: date) -> str | None:
    """Return a sentence that says why a run must not begin; None if it may.

    `today` is the business day on which the run was started.
    """
    text, name = str(event["day"]), str(event["execution"])
    try:
        day = parse_day(text)
    except ValidationError as error:
        return error.detail
    if day >= today:
        return f"Day {text} is not over; it must be before today, {today}."
    if not name.startswith(f"{text}-"):
        return f"The execution {name} closes {text}; its name must begin with {text}-."
    # An execution of an earlier release does not say who started it.
    is_scheduled = event.get("started_by", STARTED_BY) == STARTED_BY
    if re.fullmatch(r"[0-9]+", name.removeprefix(f"{text}-")) and not is_scheduled:
        return f"Only the schedule may name an execution {name}; name this one {text}-m1."
    return None
