"""The start of a new offering's file."""

from __future__ import annotations

import re
from datetime import date
from string import Template

from tco.errors import InputError, Place

_ID = re.compile(r"[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*", re.ASCII)


def skeleton(template: str, offering: str, day: date) -> str:
    """Fill the annotated template.

    Raises:
        InputError: the id is not vendor.offering in small letters.
    """
    if not _ID.fullmatch(offering):
        text = f"'{offering}' is no id; write vendor.offering in small letters, such as acme.kafka"
        raise InputError.one(Place("offering"), "bad-id", text)
    vendor = offering.partition(".")[0]
    return Template(template).substitute(id=offering, vendor=vendor.capitalize(), checked=day.isoformat())
