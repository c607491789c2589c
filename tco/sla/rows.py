"""SLA conditions and caveat triggers as rows, so that they are checked, run and shown like any other."""

from __future__ import annotations

from tco.catalog.load import Catalog
from tco.catalog.schema import Constant, Offering
from tco.catalog.yamlfile import Document
from tco.errors import Finding, InputError
from tco.model.scope import Draft

SHEET = "sla"
#: Names that SLA formulas use for parts of the plan.
PLAN_NAMES = {
    "requirement_uptime": "requirements.uptime",
    "production": "cluster.production",
    "private_network": "sla.private_network",
}


def sla_rows(catalog: Catalog, offering: Offering, document: Document) -> tuple[dict[str, Constant], list[Draft]]:
    """Turn the SLA document of an offering into constants and rows of the offering's book.

    Rows are named `sla.<fact>`, `sla.commitment.<n>`, `sla.condition.<id>` and `caveat.<code>`; each
    of the last three is 1 where it holds for the plan.

    Raises:
        InputError: the document is unknown, or the offering does not supply a fact that it needs.
    """
    link = offering.sla
    assert link is not None  # noqa: S101 - callers ask only for offerings with an SLA
    terms = catalog.terms.get(link.terms)
    if terms is None:
        raise InputError.one(
            document.place("sla", "terms"),
            "unknown-sla",
            f"no SLA document '{link.terms}'; known are {', '.join(sorted(catalog.terms))}",
        )
    missing = sorted(set(terms.facts) - set(link.facts))
    if missing:
        raise InputError(
            Finding(
                document.place("sla"),
                "missing-fact",
                f"SLA document {terms.id} needs the fact '{m}' ({terms.facts[m]})",
            )
            for m in missing
        )
    source = catalog.documents[f"sla:{terms.id}"]

    def rename(name: str) -> str:
        if name in PLAN_NAMES:
            return PLAN_NAMES[name]
        return f"sla.{name}" if name in terms.facts or name in terms.constants else name

    drafts = [
        Draft(
            "sla.private_network",
            "Clients reach the brokers privately",
            "1",
            "not access.public",
            SHEET,
            source.place(),
        )
    ]
    for fact, unit in terms.facts.items():
        drafts.append(
            Draft(
                f"sla.{fact}",
                f"SLA fact: {fact.replace('_', ' ')}",
                unit,
                link.facts[fact],
                SHEET,
                document.place("sla", "facts", fact),
            )
        )
    for i, commitment in enumerate(terms.commitments):
        drafts.append(
            Draft(
                f"sla.commitment.{i}",
                f"{commitment.percent} %: {commitment.text}",
                "1",
                commitment.when,
                SHEET,
                source.place("commitments", i),
                rename=rename,
            )
        )
    for i, condition in enumerate(terms.conditions):
        drafts.append(
            Draft(
                f"sla.condition.{condition.id}",
                condition.text,
                "1",
                condition.when,
                SHEET,
                source.place("conditions", i),
                rename=rename,
            )
        )
    for i, caveat in enumerate(terms.caveats):
        drafts.append(
            Draft(
                f"caveat.{caveat.code}",
                caveat.text,
                "1",
                caveat.trigger,
                SHEET,
                source.place("caveats", i),
                rename=rename,
            )
        )
    return {f"sla.{n}": c for n, c in terms.constants.items()}, drafts
