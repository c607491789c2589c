"""What reading and writing depends on, part by part, with who promises what of it: promises, and no forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tco.catalog.schema import Offering
from tco.catalog.yamlfile import Document
from tco.model.evaluate import Array
from tco.model.scope import Draft
from tco.sla.rows import SHEET
from tco.sla.verdict import SlaVerdict, ever

_SCOPES = {
    "virtual_machine": "Machines",
    "control_plane": "Management",
    "cluster": "Cluster",
    "data_plane": "Reading and writing",
    "unknown": "Cluster, as far as is known",
}


@dataclass(frozen=True)
class Part:
    """A part and its promise.

    Attributes:
        percent: monthly uptime promised; None: nobody promises any, or no document was read.
        run_by: who keeps it running.
        source: id of the source, or "".
    """

    name: str
    percent: Decimal | None
    run_by: str
    source: str
    note: str = ""


def layer_rows(offering: Offering, document: Document) -> list[Draft]:
    """Rows `layer.<name>` that are 1 where the plan depends on a part."""
    return [
        Draft(f"layer.{name}", f"Depends on: {layer.part}", "1", layer.when, SHEET, document.place("layers", name))
        for name, layer in offering.layers.items()
    ]


def parts(offering: Offering, sla: SlaVerdict | None, values: Mapping[str, Array]) -> list[Part]:
    """Return what production depends on: what the offering's own document is about, then its layers."""
    found = []
    if sla is not None:
        name, who = _SCOPES[sla.terms.scope], "cloud" if sla.terms.scope == "virtual_machine" else "vendor"
        found.append(Part(name, sla.percent, who, sla.terms.source))
    for name, layer in offering.layers.items():
        if ever(values[f"layer.{name}"]):
            found.append(Part(layer.part, layer.percent, layer.run_by, layer.source, layer.note))
    return found


def composite(found: Sequence[Part]) -> Decimal | None:
    """Promised uptime of all parts in series, percent; a part without a promise is a gap and not a factor."""
    promised = [p.percent for p in found if p.percent is not None]
    if not promised:
        return None
    share = Decimal(1)
    for percent in promised:
        share *= percent / 100
    return share * 100
