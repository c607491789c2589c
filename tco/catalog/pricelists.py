"""Vendors' own price lists, read as a stream of entries: a list of half a gigabyte never stands in memory.

Formats: AWS Price List bulk JSON (one offer file), answers of the Azure Retail Prices API (one page, or a list of
pages), and what `confluent billing price list -o json` prints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import ijson

from tco.catalog.values import iso_date, number
from tco.errors import InputError, Place

Fields = tuple[tuple[str, str], ...]
_LONGEST_FIELD = 300
_LONGEST_TEXT = 1_000_000
_DEEPEST = 50
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_LEVEL = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(b for b in range(256) if b not in _LEVEL)


class Selector(Protocol):
    """What of a list is looked for."""

    @property
    def names(self) -> frozenset[str]:
        """Fields that matter; no other is kept."""

    def may_want(self, fields: Mapping[str, str]) -> bool:
        """Whether an entry may be looked for, as far as the fields known so far say."""


@dataclass(frozen=True)
class Entry:
    """One price of a list.

    Attributes:
        fields: what the list says about it, by the list's own names.
        price: of one unit of the list.
        tier_from: lower edge of its band, in the list's unit.
        effective: day from which it holds, where the list says so.
    """

    fields: dict[str, str]
    price: Decimal
    currency: str
    tier_from: Decimal
    effective: date | None


def aws_price_list(path: Path, selector: Selector) -> Iterator[Entry]:
    """Read an AWS offer file: its products first, then the terms of those that are wanted.

    A term adds the fields `term` (OnDemand or Reserved), `lease`, `option` and `class`.
    """
    products: dict[str, Fields] = {}
    alike: dict[Fields, Fields] = {}  # products that differ in nothing that matters share what is kept of them
    with _opened(path) as file:
        for sku, product in ijson.kvitems(file, "products"):
            given = _texts(product.get("attributes")) | {"productFamily": str(product.get("productFamily", ""))}
            fields = tuple((name, text) for name, text in given.items() if name in selector.names)
            if fields in alike or selector.may_want(dict(fields)):
                products[str(sku)] = alike.setdefault(fields, fields)
    for term in ("OnDemand", "Reserved"):
        with _opened(path) as file:
            for sku, offers in ijson.kvitems(file, f"terms.{term}"):
                if sku in products:
                    for offer in offers.values():
                        yield from _aws_terms(dict(products[sku]) | {"term": term}, offer)


def _aws_terms(fields: dict[str, str], offer: Mapping[str, Any]) -> Iterator[Entry]:
    terms = _texts(offer.get("termAttributes"))
    names = {"LeaseContractLength": "lease", "PurchaseOption": "option", "OfferingClass": "class"}
    fields = fields | {ours: terms.get(theirs, "") for theirs, ours in names.items()}
    for dimension in offer["priceDimensions"].values():
        prices = _texts(dimension["pricePerUnit"])
        currency = "USD" if "USD" in prices else next(iter(prices), "")
        yield Entry(
            fields | {"unit": str(dimension.get("unit", ""))},
            number(prices.get(currency, "")),
            currency,
            number(str(dimension.get("beginRange") or "0")),
            _day(offer.get("effectiveDate")),
        )


def azure_retail(path: Path, selector: Selector) -> Iterator[Entry]:
    """Read answers of the Azure Retail Prices API: one page, or a list of pages or of their items."""
    with _opened(path) as file:
        paged = file.read(4096).lstrip()[:1] != b"["
    with _opened(path) as file:
        for part in ijson.items(file, "Items.item" if paged else "item"):
            for item in part.get("Items", [part]):
                fields = _texts(item)
                if selector.may_want(fields):
                    yield Entry(
                        fields,
                        number(fields.get("retailPrice", "")),
                        fields.get("currencyCode", ""),
                        number(fields.get("tierMinimumUnits", "0")),
                        _day(fields.get("effectiveStartDate")),
                    )


def confluent_price_list(path: Path, selector: Selector) -> Iterator[Entry]:
    """Read the JSON that `confluent billing price list -o json` prints for one cloud and region."""
    with _opened(path) as file:
        for item in ijson.items(file, "item"):
            fields = _texts(item)
            if selector.may_want(fields):
                yield Entry(fields, number(fields.get("price", "")), "USD", Decimal(0), None)


FORMATS: dict[str, Callable[[Path, Selector], Iterator[Entry]]] = {
    "aws-price-list": aws_price_list,
    "azure-retail": azure_retail,
    "confluent-price-list": confluent_price_list,
}


def entries(kind: str, path: Path, selector: Selector) -> Iterator[Entry]:
    """Read the entries of a price list that are wanted.

    Raises:
        InputError: no such file, not JSON, or not of the format.
    """
    try:
        yield from FORMATS[kind](path, selector)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise InputError.one(Place(str(path)), "not-json", f"not JSON: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        text = f"not the format {kind}: {type(error).__name__} {error}"
        raise InputError.one(Place(str(path)), "bad-price-list", text) from None


class _Shallow:
    """A JSON file that is refused where it nests deeper than any price list does.

    The parser keeps a path as long as the nesting for every level, so that brackets alone could fill the memory.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._depth = 0
        self._open_text = b""

    def __enter__(self) -> _Shallow:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        bare = _TEXT.sub(b"", self._open_text + chunk)
        quote = bare.find(b'"')
        self._open_text = bare[quote:] if quote >= 0 else b""
        brackets = bare[: quote if quote >= 0 else None].translate(None, _NO_BRACKETS)
        depths = list(accumulate(map(_LEVEL.__getitem__, brackets), initial=self._depth))
        self._depth = depths[-1]
        if max(depths) > _DEEPEST or len(self._open_text) > _LONGEST_TEXT:
            raise ValueError(f"nested deeper than {_DEEPEST} levels, or a text longer than {_LONGEST_TEXT} bytes")
        return chunk


def _opened(path: Path) -> _Shallow:
    try:
        return _Shallow(path.open("rb"))
    except OSError as error:
        raise InputError.one(Place(str(path)), "no-file", f"cannot read the file: {error.strerror}") from None


def _texts(value: object) -> dict[str, str]:
    """Names and values as text, each of bounded length."""
    if not isinstance(value, dict):
        return {}
    return {str(k): (f"{v:f}" if isinstance(v, Decimal) else str(v))[:_LONGEST_FIELD] for k, v in value.items()}


def _day(text: object) -> date | None:
    return iso_date(str(text)[:10]) if text else None
