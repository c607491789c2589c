"""What a new workload file asks: the inputs that change the answer most, each answer checked as it is given."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

import typer

from tco.errors import InputError

if TYPE_CHECKING:
    from tco.catalog.load import Catalog

_QUESTIONS = {
    "name": ("Name", "my workload"),
    "cloud": ("Cloud (aws, azure, gcp)", "aws"),
    "region": ("Region", "us-east-1"),
    "average": ("Bytes written on average, after compression", "10 MB/s"),
    "peak": ("Bytes written at peak", "25 MB/s"),
    "fanout": ("How many times each byte is read", "2"),
    "retention": ("Kept for", "7 days"),
    "partitions": ("Partitions, before replication", "500"),
    "access": ("How clients reach the brokers (any, in_vpc, peering, private_link, transit_gateway, public)", "any"),
    "produce_p99": ("Longest produce latency, 99th percentile (such as 50 ms)", "none"),
}


def filled(template: str, catalog: Catalog, ask: bool) -> str:
    """Return the text of a workload file, from answers on the terminal or from the defaults.

    Args:
        template: text with a `$name` for each answer.
        catalog: to check the answers against.
        ask: whether someone is there to answer.
    """
    answers = {key: default for key, (_, default) in _QUESTIONS.items()} | {"environments": "# "}
    if ask:
        for key, (words, _) in _QUESTIONS.items():
            answers = _asked(template, catalog, answers, key, words)
        if typer.confirm("Stage and development clusters beside it"):
            answers["environments"] = ""
    return _text(template, answers)


def _asked(template: str, catalog: Catalog, answers: dict[str, str], key: str, words: str) -> dict[str, str]:
    """Ask until the file would be right with the answer."""
    from tco.workload.plan import plan_from_text

    while True:
        new = answers | {key: typer.prompt(words, answers[key])}
        if key == "cloud":
            regions = (name for name, r in catalog.regions.regions.items() if r.cloud == new["cloud"])
            new["region"] = next(regions, "")
        if key == "average":  # the peak comes next, and must not be below it
            new["peak"] = new["average"]
        try:
            plan_from_text(_text(template, new), "answer", catalog)
        except InputError as error:
            typer.echo("\n".join(f"  {f.text}" for f in error.findings), err=True)
        else:
            return new


def _text(template: str, answers: dict[str, str]) -> str:
    latency = answers["produce_p99"]
    wanted = {"latency": "# ", "produce_p99": "50 ms"} if latency == "none" else {"latency": ""}
    return Template(template).substitute(answers | wanted)
