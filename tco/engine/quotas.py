"""Ceilings on all clusters and links of an account together: how much of each an estate uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from tco.catalog.schema import Quota
from tco.engine.estate import EstateOutcome, Placement
from tco.engine.link import LinkOutcome, runs_side
from tco.model.evaluate import end_of


@dataclass(frozen=True)
class QuotaUse:
    """A quota of an account and what an estate needs of it.

    Attributes:
        where: region, or "" where the quota is of the account as a whole.
        used: most in any month, in the quota's unit.
    """

    of: str
    where: str
    quota: Quota
    used: float

    @property
    def exceeded(self) -> bool:
        """Whether the estate needs more than one account has."""
        return self.used > float(self.quota.value)

    @property
    def accounts(self) -> int:
        """Accounts that the estate needs without a raise."""
        return max(1, ceil(self.used / float(self.quota.value)))


def quota_uses(outcome: EstateOutcome) -> list[QuotaUse]:
    """Return every quota that the offerings and mechanisms of an outcome have, with what is used of it."""
    found: dict[tuple[str, str, str], tuple[Quota, np.ndarray]] = {}
    for of, where, name, quota, used in _uses(outcome):
        key = of, where if quota.each == "region" else "", name
        before = found[key][1] if key in found else np.zeros(outcome.horizon)
        found[key] = quota, before + used
    return [QuotaUse(of, where, quota, float(used.max())) for (of, where, _), (quota, used) in found.items()]


def _uses(outcome: EstateOutcome) -> Iterator[tuple[str, str, str, Quota, np.ndarray]]:
    for p in outcome.placements:
        for name, quota in p.group.subject.offering.quotas.items():
            yield p.offering, p.group.subject.site.region, name, quota, _of_clusters(p, quota.counts)
    for x in outcome.links:
        for name, quota in x.mechanism.quotas.items():
            site = x.source.site if runs_side(x.flow, x.mechanism) == "source" else x.target.site
            yield x.mechanism.id, site.region, name, quota, _of_links(x, quota.counts)


def _of_clusters(placement: Placement, row: str) -> np.ndarray:
    """A row of a kind of cluster by month, all of its kind and their environments."""
    values = placement.group.values
    each = np.ones((1, 1, 1, 1)) if row == "clusters" else values[row]
    counted = each * values["cluster.count"]
    whole = np.broadcast_to(end_of(counted)[0], (len(placement.group.choices), placement.group.horizon))
    return np.asarray(whole[list(placement.places)].sum(axis=0))


def _of_links(link: LinkOutcome, row: str) -> np.ndarray:
    counts = np.asarray(link.monthly("cluster.count")[0, 0, 0])
    if row == "links":
        return counts
    return np.asarray(end_of(link.monthly(row))[0, 0] * counts)
