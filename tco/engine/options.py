"""How a run departs from the defaults: date, overrides, sizing rule; and the names among them that mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tco.errors import Finding, InputError, Place, nearest


def _command_line(section: str, _: str) -> Place:
    return Place(f"--{section}")


@dataclass(frozen=True)
class Pin:
    """A row, constant or choice held by hand: the value as written, where, and whether for one offering alone."""

    text: str
    place: Place
    own: bool = False


@dataclass(frozen=True)
class Options:
    """Settings of a run.

    Attributes:
        as_of: prices in force on this day.
        sizing: each vendor's own rule, or one service level for all.
        given: row or choice to its pinned value; `offering/row` pins it in one offering only.
        assumptions: assumption to value, replacing the shipped one.
        prices: `offering:meter[:variant]` to "value unit", replacing a price.
        any_cloud: offerings of every cloud, at the equivalent region.
        places: (section, name) to where it is written, for errors.
    """

    as_of: date
    sizing: str = "vendor"
    given: Mapping[str, str] = field(default_factory=dict)
    assumptions: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)
    any_cloud: bool = False
    places: Callable[[str, str], Place] = _command_line

    def pins(self, offering: str) -> dict[str, Pin]:
        """Return the pins that hold for an offering."""
        general = {k: k for k in self.given if "/" not in k}
        own = {k.partition("/")[2]: k for k in self.given if k.startswith(f"{offering}/")}
        return {n: Pin(self.given[k], self.places("given", k), n in own) for n, k in (general | own).items()}


@dataclass(frozen=True)
class Settable:
    """What can be held or replaced in an offering.

    Attributes:
        own: its rows and constants.
        choices: choice to its values.
        shared: rows of the shared sheets, which can be held for all offerings only.
        prices: `owner:meter[:variant]`.
    """

    own: Collection[str]
    choices: Mapping[str, Collection[str]]
    shared: Collection[str]
    prices: Collection[str]

    def joined(self, other: Settable) -> Settable:
        """What can be held in one of two, which have the same choices and shared rows."""
        return replace(self, own={*self.own, *other.own}, prices={*self.prices, *other.prices})


def refuse_unknown(options: Options, known: Mapping[str, Settable], elsewhere: Mapping[str, str]) -> None:
    """Refuse a pin or price that no offering of the run answers to, since it would change nothing in silence.

    Args:
        options: of the run.
        known: offering id to what can be set in it.
        elsewhere: names that are set in another way, to a hint how.

    Raises:
        InputError: each unknown name, with the nearest that is known.
    """
    findings = []
    for key, value in options.given.items():
        owner, _, name = key.rpartition("/")
        asked = [s for o, s in known.items() if owner in ("", o)]
        names = set().union(*((*s.own, *s.choices, *(() if owner else s.shared)) for s in asked))
        values = set().union(*(s.choices.get(name, ()) for s in asked))
        if not asked:
            text = f"no offering '{owner}' in this run, only {', '.join(known)}"
        elif name not in names:
            text = f"no row or choice is called '{name}'; {elsewhere.get(name) or _nearest(name, names)}"
        elif values and value not in values:
            text = f"{name} is one of {', '.join(sorted(values))}, not {value}"
        else:
            continue
        findings.append(Finding(options.places("given", key), "bad-pin", text))
    prices = set().union(*(s.prices for s in known.values()))
    for key in set(options.prices) - prices:
        text = f"nothing is priced by '{key}'; {_nearest(key, prices)}"
        findings.append(Finding(options.places("prices", key), "unknown-price", text))
    if findings:
        raise InputError(findings)


def _nearest(name: str, known: Collection[str]) -> str:
    return nearest(name, sorted(known)) or "`tco explain FILE OFFERING` shows the names"
