"""What a plan depends on, part by part, with who promises what of it: promises, and no forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod

from tco.catalog.schema import Offering
from tco.catalog.yamlfile import Document
from tco.model.evaluate import Array
from tco.model.scope import Draft
from tco.sla.rows import SHEET
from tco.sla.verdict import SlaVerdict, ever

_SCOPES = {
    "virtual_machine": "Machines",
    "control_plane": "Control plane",
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
        management: whether messages flow on while it is down.
        one_of: name of a group of which one part that is up is enough, or "".
    """

    name: str
    percent: Decimal | None
    run_by: str
    source: str
    note: str = ""
    management: bool = False
    one_of: str = ""


def layer_rows(offering: Offering, document: Document) -> list[Draft]:
    """Rows `layer.<name>` that are 1 where the plan depends on a part."""
    return [
        Draft(f"layer.{name}", f"Depends on: {layer.part}", "1", layer.when, SHEET, document.place("layers", name))
        for name, layer in offering.layers.items()
    ]


def parts(offering: Offering, sla: SlaVerdict | None, values: Mapping[str, Array]) -> list[Part]:
    """Return what production depends on: what the offering's own document is about, then its layers."""
    found = [_own(sla)] if sla is not None else []
    for name, layer in offering.layers.items():
        if ever(values[f"layer.{name}"]):
            management, group = layer.needed_for == "management", layer.one_of or ""
            found.append(Part(layer.part, layer.percent, layer.run_by, layer.source, layer.note, management, group))
    return found


def _own(sla: SlaVerdict) -> Part:
    """What the offering's own document is about; without a promise where the plan does not qualify."""
    terms, lost = sla.terms, bool(sla.failed)
    name = "Management" if terms.for_management else _SCOPES[terms.scope]
    who = "cloud" if terms.scope == "virtual_machine" else "vendor"
    note = "no promise, since the plan does not qualify" if lost else ""
    return Part(name, None if lost else sla.percent, who, terms.source, note, terms.for_management)


def composite(found: Sequence[Part]) -> Decimal | None:
    """Promised uptime of reading and writing, percent: the product over all that it needs.

    A group of which one is enough is one factor; what has no promise is a gap and none.
    """
    promised = [share for _, share in _series(found) if share is not None]
    return 100 * prod(promised, start=Decimal(1)) if promised else None


def gaps(found: Sequence[Part]) -> list[str]:
    """What reading and writing needs and nobody promises."""
    return [name for name, share in _series(found) if share is None]


def _series(found: Sequence[Part]) -> list[tuple[str, Decimal | None]]:
    """All that has to be up for reading and writing, with the share of time promised for it."""
    members: dict[tuple[str, int], list[Part]] = {}
    for i, part in enumerate(found):
        if not part.management:
            members.setdefault((part.one_of, 0 if part.one_of else i), []).append(part)
    return [(" or ".join(p.name for p in some), _one_is_enough(some)) for some in members.values()]


def _one_is_enough(some: Sequence[Part]) -> Decimal | None:
    """Share of time promised for at least one, as if they failed apart; what has no promise adds nothing."""
    down = [1 - p.percent / 100 for p in some if p.percent is not None]
    return 1 - prod(down, start=Decimal(1)) if down else None
