"""Arguments that several commands share, and how they become a plan and options."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tco.errors import InputError, Place

if TYPE_CHECKING:
    from tco.analysis.compare import Comparison
    from tco.analysis.mix import Constraint
    from tco.catalog.load import Catalog
    from tco.engine.options import Options

WorkloadFile = Annotated[
    Path, typer.Argument(help="Workload file (YAML). `tco workload init` writes one.", show_default=False)
]
Offerings = Annotated[
    list[str] | None,
    typer.Option(
        "--offering", "-o", help="Only this offering; repeatable. `tco catalog list` shows all.", show_default=False
    ),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change an input: ingress.peak='200 MB/s'; repeatable.", show_default=False),
]
Givens = Annotated[
    list[str] | None,
    typer.Option(
        "--given",
        help="Hold a row or choice: broker_type=kafka.m7g.large, or aws.msk-standard/brokers=12; repeatable.",
        show_default=False,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Prices in force on this day (YYYY-MM-DD); today if left out.", show_default=False),
]
Sizing = Annotated[
    Literal["vendor", "equal"], typer.Option("--sizing", help="Each vendor's own rule, or one service level for all.")
]
Cloud = Annotated[
    Literal["plan", "any"],
    typer.Option("--cloud", help="Offerings of the plan's cloud, or of any cloud at the equivalent region."),
]
Assumptions = Annotated[
    Path | None, typer.Option("--assumptions", help="YAML file of assumption: value.", show_default=False)
]

Optimize = Annotated[
    bool, typer.Option("--optimize", help="Of an estate: also the cheapest mix of offerings, cluster by cluster.")
]
Vendors = Annotated[
    int | None,
    typer.Option("--vendors", help="With --optimize: at most so many vendors.", min=1, show_default=False),
]
OneCloud = Annotated[bool, typer.Option("--one-cloud", help="With --optimize: all clusters on one cloud.")]
Uptime = Annotated[
    float | None,
    typer.Option("--uptime", help="With --optimize: least uptime promised, in percent.", show_default=False),
]

CatalogName = Annotated[
    str, typer.Option("--catalog", help="Release (2026.11.1), folder or file of a release; `head` is the newest.")
]
Overlays = Annotated[
    list[Path] | None,
    typer.Option("--overlay", help="Quote laid over the catalog (YAML); repeatable.", show_default=False),
]


def catalog(name: str = "head", overlays: list[Path] | None = None) -> Catalog:
    """Load a catalog, and lay quotes over it."""
    from tco.catalog.load import load_catalog
    from tco.catalog.overlay import overlaid
    from tco.catalog.release import find
    from tco.catalog.yamlfile import parse_yaml, read_text
    from tco.data import folder

    known = load_catalog(find(folder("pricing_data"), name))
    for path in overlays or ():
        text = read_text(path)
        known = overlaid(known, parse_yaml(text, str(path)), text)
    return known


def options(given: list[str] | None, as_of: str | None, sizing: str, cloud: str, assumptions: Path | None) -> Options:
    """Turn command line values into the engine's options."""
    from tco.catalog.yamlfile import read_yaml
    from tco.engine.options import Options

    changed = {str(k): str(v) for k, v in read_yaml(assumptions).data.items()} if assumptions else {}
    return Options(_day(as_of), sizing, pairs(given, "--given"), changed, any_cloud=cloud == "any")


def pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """Split NAME=VALUE arguments."""
    result = {}
    for text in texts or ():
        name, found, value = text.partition("=")
        if not found or not name.strip() or not value.strip():
            raise InputError.one(Place(option), "bad-value", f"'{text}' is not NAME=VALUE")
        result[name.strip()] = value.strip()
    return result


def constraints(optimize: bool, vendors: int | None, one_cloud: bool, uptime: float | None) -> list[Constraint]:
    """The free mix first, then each constraint by itself, and all of them together where there are several.

    None of them unless mixes are asked for.
    """
    if not optimize:
        if (vendors, one_cloud, uptime) != (None, False, None):
            text = "--vendors, --one-cloud and --uptime go with --optimize"
            raise InputError.one(Place("--optimize"), "bad-value", text)
        return []
    from tco.analysis.mix import Constraint

    asked = []
    if vendors is not None:
        asked.append(Constraint(f"at most {vendors} vendor{'s' if vendors > 1 else ''}", vendors=vendors))
    if one_cloud:
        asked.append(Constraint("one cloud", one_cloud=True))
    if uptime is not None:
        asked.append(Constraint(f"at least {uptime:g} % promised", uptime=uptime))
    together = [Constraint("all of these", vendors, one_cloud, uptime or 0.0)] if len(asked) > 1 else []
    return [Constraint("without constraints"), *asked, *together]


def refuse_mix(mixes: list[Constraint]) -> None:
    """Refuse to look for a mix of offerings where there is one cluster."""
    if mixes:
        text = "--optimize is for estates: a workload runs on one offering at a time"
        raise InputError.one(Place("--optimize"), "bad-value", text)


def is_estate(file: Path) -> bool:
    """Whether a file is an estate and not a workload; a file that cannot be read is refused later, as a workload."""
    from tco.catalog.yamlfile import read_yaml
    from tco.workload.estate import is_estate as found

    return file.is_file() and found(read_yaml(file))


def _day(text: str | None) -> date:
    from tco.catalog.values import iso_date

    if text is None:
        return datetime.now(UTC).date()
    try:
        return iso_date(text)
    except ValueError as error:
        raise InputError.one(Place("--as-of"), "bad-value", str(error)) from None


def comparison(
    workload: Path, offering: list[str] | None, sets: list[str] | None, chosen: Options, known: Catalog
) -> Comparison:
    """Read the workload and run the comparison."""
    from tco.analysis.compare import compare
    from tco.workload.plan import read_plan

    plan = read_plan(workload, known, pairs(sets, "--set"))
    return compare(known, plan, chosen, offering or ())
