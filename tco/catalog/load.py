"""Reading the whole catalog from its folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from tco.catalog.inherit import completed
from tco.catalog.paths import PathRow, read_paths
from tco.catalog.prices import PriceBook, duplicates, read_prices
from tco.catalog.schema import Cloud, InputRow, Offering, Sheet, Source
from tco.catalog.terms import Terms
from tco.catalog.values import Strict
from tco.catalog.yamlfile import Document, load, read_yaml
from tco.errors import Finding, InputError, Place
from tco.model.units import Units

M = TypeVar("M", bound=Strict)
V = TypeVar("V")
#: Shared sheets in the order in which they are laid out, each on a plan or on every offering.
SHEETS = ("assumptions", "timeline", "topics", "client_paths", "labour", "surcharges", "cash_flow")


@dataclass(frozen=True)
class Catalog:
    """Everything the tool knows, as read from one folder."""

    folder: Path
    units: Units
    sources: dict[str, Source]
    inputs: dict[str, InputRow]
    sheets: dict[str, Sheet]
    offerings: dict[str, Offering]
    documents: dict[str, Document]
    prices: PriceBook
    paths: list[PathRow]
    terms: dict[str, Terms]
    regions: Regions

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every file of the catalog, names included."""
        total = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            total.update(str(path.relative_to(self.folder)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()


class CloudName(Strict):
    """A cloud, in its own words."""

    name: str
    everywhere: str = ""
    """Its region that stands for any place, as your own site does."""


class Region(Strict):
    """A cloud region and its nearest equivalents on the other clouds."""

    cloud: str
    name: str
    residency: str
    """Where data rests; empty where the plan's owner decides."""
    equivalents: dict[str, str] = Field(default_factory=dict)


class Regions(Strict):
    """The clouds and regions that workloads may name."""

    clouds: dict[Cloud, CloudName]
    regions: dict[str, Region]

    def equivalents(self, region: str) -> dict[str, str]:
        """Return the region of each other cloud that stands for a region."""
        home = self.regions[region]
        anywhere = {c: n.everywhere for c, n in self.clouds.items() if n.everywhere and c != home.cloud}
        return anywhere | home.equivalents


class _Collector:
    """Runs readers and gathers all their findings, so that one run shows every mistake."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def __enter__(self) -> _Collector:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, InputError):
            self.findings += error.findings
            return True
        return False


def load_catalog(folder: Path) -> Catalog:
    """Read and validate a catalog folder.

    Raises:
        InputError: all findings of all files in one error.
    """
    units = Units(_units_data(folder / "units.yaml"))
    collector = _Collector()
    sources: dict[str, Source] = {}
    for path in sorted((folder / "sources").glob("*.yaml")):
        with collector:
            _add(sources, _mapping(read_yaml(path), Source), path)
    inputs: dict[str, InputRow] = {}
    with collector:
        inputs = _mapping(read_yaml(folder / "model" / "inputs.yaml"), InputRow)
    documents: dict[str, Document] = {}
    sheets: dict[str, Sheet] = {}
    for name in SHEETS:
        with collector:
            documents[name] = read_yaml(folder / "model" / f"{name}.yaml")
            sheets[name] = load(documents[name], Sheet)
    files: dict[str, Document] = {}
    for path in sorted((folder / "offerings").glob("*.yaml")):
        with collector:
            files[path.stem] = read_yaml(path)
    offerings: dict[str, Offering] = {}
    for name in files:
        with collector:
            document = completed(name, files)
            offering = load(document, Offering)
            if offering.id != name:
                raise InputError.one(document.place("id"), "bad-id", f"the file must be named {offering.id}.yaml")
            documents[offering.id], offerings[offering.id] = document, offering
    points = []
    for path in sorted(folder.glob("*/prices.csv")):
        with collector:
            points += read_prices(path, units)
    collector.findings += duplicates(points)
    terms: dict[str, Terms] = {}
    for path in sorted((folder / "sla").glob("*.yaml")):
        with collector:
            document = read_yaml(path)
            found = load(document, Terms)
            documents[f"sla:{found.id}"], terms[found.id] = document, found
    paths: list[PathRow] = []
    with collector:
        paths = read_paths(folder / "paths" / "paths.csv")
    regions = Regions(clouds={}, regions={})
    with collector:
        regions = load(read_yaml(folder / "regions.yaml"), Regions)
    if collector.findings:
        raise InputError(collector.findings)
    return Catalog(
        folder, units, sources, inputs, sheets, offerings, documents, PriceBook(points), paths, terms, regions
    )


def _units_data(path: Path) -> dict[str, dict[str, object]]:
    document = read_yaml(path)
    try:
        Units(document.data)
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise InputError.one(Place(str(path)), "bad-units", f"the vocabulary of units is not usable: {error}") from None
    data: dict[str, dict[str, object]] = document.data
    return data


def _mapping(document: Document, model: type[M]) -> dict[str, M]:
    findings: list[Finding] = []
    result: dict[str, M] = {}
    if not isinstance(document.data, dict):
        raise InputError.one(document.place(), "bad-value", "the file must be a mapping of names to entries")
    for key in document.data:
        try:
            result[key] = load(document, model, (key,))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return result


def _add(into: dict[str, V], new: dict[str, V], path: Path) -> None:
    twice = sorted(set(into) & set(new))
    if twice:
        raise InputError(
            Finding(Place(str(path)), "duplicate-source", f"'{t}' is already in another file") for t in twice
        )
    into.update(new)
