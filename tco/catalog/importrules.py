"""Rules that say which entry of a vendor's price list is which meter of the catalog; data in `imports/`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from tco.catalog.pricelists import Entry
from tco.catalog.prices import Scope
from tco.catalog.schema import Text
from tco.catalog.values import Num, Strict

_REGION = "region"


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


Pattern = Annotated[str, Field(max_length=200), AfterValidator(_pattern)]


class Rule(Strict):
    """What an entry must say, and the meter that it is a price of."""

    match: Annotated[dict[str, Pattern], Field(min_length=1)]
    """Field of the list to a pattern for all of its text."""
    offering: Text
    """With {group} for what a pattern found, as in `variant`."""
    meter: Text
    variant: str = ""
    region: str
    """Field with the region, or {region} for the one given with --region."""
    unit: Text
    per: Num = Decimal(1)
    """How many of the list's units are one of ours."""
    scope: Scope = "resource"


class Rules(Strict):
    """The rules of one format; the first that fits an entry counts."""

    rules: list[Rule]


@dataclass(frozen=True)
class Found:
    """A price of a list that a rule has claimed.

    Attributes:
        price, tier_from: in the rule's unit.
    """

    rule: Rule
    entry: Entry
    offering: str
    region: str
    variant: str
    price: Decimal
    tier_from: Decimal


class Matcher:
    """Rules with their patterns compiled."""

    def __init__(self, rules: Rules, region: str) -> None:
        self._rules = [(r, {f: re.compile(p) for f, p in r.match.items()}) for r in rules.rules]
        self._region = region
        self.names = frozenset(n for r in rules.rules for n in (*r.match, r.region))

    def may_want(self, fields: Mapping[str, str]) -> bool:
        """Whether a rule could claim an entry, as far as the fields known so far say."""
        return any(
            all(f not in fields or p.fullmatch(fields[f]) for f, p in patterns.items())
            and any(f in fields for f in patterns)
            for _, patterns in self._rules
        )

    def find(self, entry: Entry) -> Found | None:
        """Return the entry as the first rule that fits it takes it."""
        for rule, patterns in self._rules:
            groups: dict[str, str] = {}
            for name, pattern in patterns.items():
                match = pattern.fullmatch(entry.fields.get(name, ""))
                if match is None:
                    break
                groups |= {k: v or "" for k, v in match.groupdict().items()}
            else:
                region = self._region if rule.region == f"{{{_REGION}}}" else entry.fields.get(rule.region, "")
                return Found(
                    rule,
                    entry,
                    rule.offering.format_map(groups),
                    region,
                    rule.variant.format_map(groups),
                    entry.price * rule.per,
                    entry.tier_from / rule.per,
                )
        return None
