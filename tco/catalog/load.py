"""Reading the whole catalog from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import Field

from tco.catalog.files import RELEASES, Files, Folder, Release, contents, digest, read_head, read_release
from tco.catalog.inherit import completed
from tco.catalog.mechanisms import Mechanism
from tco.catalog.paths import LinkPathRow, PathRow, read_link_paths, read_paths
from tco.catalog.prices import PriceBook, read_prices
from tco.catalog.schema import Cloud, InputRow, Offering, Sheet, Source
from tco.catalog.terms import Terms
from tco.catalog.values import Num, Strict
from tco.catalog.yamlfile import Document, load
from tco.errors import Finding, InputError, Place
from tco.model.units import Units

M = TypeVar("M", bound=Strict)
V = TypeVar("V")
#: Shared sheets in the order in which they are laid out, each on a plan or on every offering.
SHEETS = ("assumptions", "timeline", "topics", "client_paths", "labour", "surcharges", "cash_flow")
#: Shared sheets that catalogs released before they were there do not have.
LATER_SHEETS = ("replication", "link_paths", "recovery")


@dataclass(frozen=True)
class Quote:
    """An overlay in use, as reports name it.

    Attributes:
        id: source of the numbers that it brought.
        text: its file, so that a report can be run again from what it carries.
    """

    id: str
    name: str
    vendor: str
    dated: date
    valid_until: date | None
    text: str


@dataclass(frozen=True)
class Catalog:
    """Everything the tool knows, as read from one folder or release."""

    files: Files
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
    mechanisms: dict[str, Mechanism]
    link_paths: list[LinkPathRow]
    quotes: tuple[Quote, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what its files say, the same for a folder and for the release made from it."""
        return digest(contents(self.files))

    @cached_property
    def name(self) -> str:
        """Name of the release that it is, or `head` for a folder that is like none of its own."""
        if isinstance(self.files, Release):
            return self.files.name
        known = (self.files.path / RELEASES).glob("*.json")
        return next((r.name for r in map(read_head, known) if r.sha256 == self.digest), "head")

    def place(self, name: str) -> Place:
        """Return the place of a file of the catalog."""
        return Place(str(self.files.path / name))


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
    at: list[Num] = Field(default_factory=list, max_length=2)
    """Latitude and longitude, degrees; none for a site of your own."""
    continent: str = ""


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


def load_catalog(path: Path) -> Catalog:
    """Read and validate a catalog: a folder, or the file of a release.

    Raises:
        InputError: all findings of all files in one error.
    """
    files: Files = Folder(path) if path.is_dir() else read_release(path)
    return read_catalog(files)


def read_catalog(files: Files) -> Catalog:
    """Read and validate a catalog; see `load_catalog`."""
    units = Units(_units_data(files))
    collector = _Collector()
    documents: dict[str, Document] = {}
    sources: dict[str, Source] = {}
    for name in files.names("sources/*.yaml"):
        with collector:
            document = files.document(name)
            found = _mapping(document, Source)
            _add(sources, found, document)
            documents |= {f"source:{name}": document for name in found}
    inputs: dict[str, InputRow] = {}
    with collector:
        inputs = _mapping(files.document("model/inputs.yaml"), InputRow)
    sheets: dict[str, Sheet] = {}
    for name in (*SHEETS, *(s for s in LATER_SHEETS if files.names(f"model/{s}.yaml"))):
        with collector:
            documents[name] = files.document(f"model/{name}.yaml")
            sheets[name] = load(documents[name], Sheet)
    written: dict[str, Document] = {}
    for name in files.names("offerings/*.yaml"):
        with collector:
            written[PurePosixPath(name).stem] = files.document(name)
    offerings: dict[str, Offering] = {}
    for name in written:
        with collector:
            documents[name] = completed(name, written)
            offerings[name] = checked_offering(documents[name], name)
    points = []
    for name in files.names("prices/*.csv"):
        with collector:
            points += read_prices(files.table(name), units, PurePosixPath(name).stem)
    terms: dict[str, Terms] = {}
    for name in files.names("sla/*.yaml"):
        with collector:
            document = files.document(name)
            text = load(document, Terms)
            documents[f"sla:{text.id}"], terms[text.id] = document, text
    mechanisms: dict[str, Mechanism] = {}
    for name in files.names("mechanisms/*.yaml"):
        with collector:
            document = files.document(name)
            mechanism = load(document, Mechanism)
            _named(document, mechanism.id, PurePosixPath(name).stem)
            documents[f"mechanism:{mechanism.id}"], mechanisms[mechanism.id] = document, mechanism
    paths: list[PathRow] = []
    link_paths: list[LinkPathRow] = []
    with collector:
        paths = read_paths(files.table("paths/paths.csv"))
    for name in files.names("paths/links.csv"):
        with collector:
            link_paths = read_link_paths(files.table(name))
    regions = Regions(clouds={}, regions={})
    with collector:
        regions = load(files.document("regions.yaml"), Regions)
    if collector.findings:
        raise InputError(collector.findings)
    return Catalog(
        files,
        units,
        sources,
        inputs,
        sheets,
        offerings,
        documents,
        PriceBook(points),
        paths,
        terms,
        regions,
        mechanisms,
        link_paths,
    )


def checked_offering(document: Document, name: str) -> Offering:
    """Return the offering that a document describes, under the id that its file is named after."""
    offering = load(document, Offering)
    _named(document, offering.id, name)
    return offering


def _named(document: Document, id_: str, name: str) -> None:
    if id_ != name:
        raise InputError.one(document.place("id"), "bad-id", f"the file must be named {id_}.yaml")


def _units_data(files: Files) -> dict[str, dict[str, object]]:
    document = files.document("units.yaml")
    try:
        Units(document.data)
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError) as error:
        raise InputError.one(document.place(), "bad-units", f"the vocabulary of units is not usable: {error}") from None
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


def _add(into: dict[str, V], new: dict[str, V], document: Document) -> None:
    twice = sorted(set(into) & set(new))
    if twice:
        raise InputError(
            Finding(document.place(t), "duplicate-source", f"'{t}' is already in another file") for t in twice
        )
    into.update(new)
