"""The catalog: clean, without numbers in formulas or prices in code, cited, and safe to read from strangers."""

from __future__ import annotations

import ast
import csv
import io
import ipaddress
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.analysis.compare import compare
from tco.analysis.lint import check_catalog
from tco.catalog.csvfile import Table, read_csv
from tco.catalog.prices import ANY_REGION, COLUMNS, PriceBook, PricePoint, read_prices
from tco.catalog.yamlfile import parse_yaml, read_text, read_yaml
from tco.data import folder
from tco.engine.options import Options
from tco.errors import InputError, Place
from tco.workload.plan import plan_from_text
from tests.test_workbook import catalog, text_of

ROOT = Path(__file__).resolve().parent.parent
DATA = folder("pricing_data")
#: Keys of catalog files under which a formula stands.
FORMULAS = {"formula", "quantity", "baseline", "when", "trigger"}
DAY = date(2026, 11, 24)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A catalog of one's own to spoil."""
    return shutil.copytree(DATA, tmp_path / "data")


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file.name} has no {old!r}"
    file.write_text(text.replace(old, new, 1))


def findings(data: Path) -> list[str]:
    try:
        check_catalog(data)
    except InputError as error:
        return [str(f) for f in error.findings]
    return []


def test_the_shipped_catalog_is_clean() -> None:
    counts = check_catalog(DATA)
    assert counts["offerings"] == len(list((DATA / "offerings").glob("*.yaml"))) > 0
    rows = [row for f in DATA.glob("prices/*.csv") for row in csv.DictReader(io.StringIO(f.read_text()))]
    assert counts["price points"] == len(rows) > 0


# --- formulas carry no numbers ---


def formulas(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every formula of a parsed catalog file and where it stands; the facts an offering gives its SLA are formulas."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        here = (*path, str(key))
        is_fact = path == ("sla", "facts")
        if isinstance(value, str) and (key in FORMULAS or is_fact):
            yield here, value
        else:
            yield from formulas(value, here)


def catalog_files(data: Path) -> list[Path]:
    """The files of a catalog folder in which formulas stand."""
    return [file for part in ("model", "offerings", "sla") for file in sorted((data / part).glob("*.yaml"))]


def literals(data: Path) -> list[tuple[str, str, object]]:
    """File, place and value of every literal but 0, 1 and 2 in a formula of a catalog folder."""
    return [
        (file.name, ".".join(path), node.value)
        for file in catalog_files(data)
        for path, text in formulas(read_yaml(file).data)
        for node in ast.walk(ast.parse(re.sub(r"\{(\w+)\}", r"\1", text), mode="eval"))  # people_{model}
        if isinstance(node, ast.Constant) and not (type(node.value) is int and node.value in (0, 1, 2))
    ]


def test_no_formula_of_the_catalog_holds_a_number_but_0_1_and_2() -> None:
    assert literals(DATA) == []
    kinds = {path[-1] for file in catalog_files(DATA) for path, _ in formulas(read_yaml(file).data)}
    assert kinds >= FORMULAS, "the walk no longer sees every kind of formula"


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("offerings/aws.msk-express.yaml", "formula: ceil(replicas /", "formula: ceil(1.5 * replicas /", "rows."),
        ("offerings/aws.msk-serverless.yaml", "quantity: ", "quantity: 730 * ", "lines."),
        ("model/client_paths.yaml", "quantity: if_else(local", "quantity: 3 * if_else(local", "lines."),
        ("model/timeline.yaml", "formula: stored * reads", "formula: 0.5 * stored * reads", "rows."),
        ("sla/aws-msk.yaml", "when: ", "when: 3 < 4 and ", "commitments."),
        ("sla/confluent-cloud.yaml", "trigger: always", "trigger: requirement_uptime > 99.9", "caveats."),
    ],
)
def test_a_number_in_a_formula_is_found_and_refused(copy: Path, file: str, old: str, new: str, place: str) -> None:
    spoil(copy / file, old, new)
    found = literals(copy)
    assert found and all(name == Path(file).name and path.startswith(place) for name, path, _ in found)
    assert any("only 0, 1 and 2 may stand in a formula" in text for text in findings(copy))


@pytest.mark.parametrize(
    ("section", "key"), [("limits", "formula"), ("rules", "formula"), ("lines", "baseline"), ("sla", "facts")]
)
def test_a_number_in_any_other_kind_of_formula_is_refused(copy: Path, section: str, key: str) -> None:
    """In the first offering that has such a formula, replaced by its own text plus a number."""
    file, path, text = next(
        (file, path, text)
        for file in sorted([*(copy / "offerings").glob("*.yaml"), *(copy / "model").glob("*.yaml")])
        for path, text in formulas(read_yaml(file).data)
        if path[0] == section and key in path and len(text) > 8
    )
    spoil(file, text, f"{text} * 7")
    assert (file.name, ".".join(path), 7) in literals(copy)
    assert any("literal 7" in text for text in findings(copy))


# --- code carries no prices ---


@cache
def prices() -> frozenset[Decimal]:
    """Every price of the catalog that cannot be another number by chance: not whole, four digits or more."""
    found = set()
    for file in DATA.glob("prices/*.csv"):
        for row in csv.DictReader(io.StringIO(file.read_text())):
            found |= {Decimal(row[k]).normalize() for k in ("price", "low", "high") if row[k] not in ("", "ended")}
    return frozenset(p for p in found if p % 1 and len(p.as_tuple().digits) >= 4)


def numbers_in(text: str) -> set[Decimal]:
    """Numbers with a point that stand in a text by themselves, and not in a version or an identifier."""
    return {Decimal(t).normalize() for t in re.findall(r"(?<![\w.])\d*\.\d+(?![\w.]*\.\d)", text)}


def test_no_price_stands_in_code_or_templates() -> None:
    assert len(prices()) > 50
    files = [p for p in folder("templates").rglob("*") if p.suffix in (".j2", ".css", ".yaml")]
    files += (ROOT / "tco").rglob("*.py")
    assert len(files) > 50
    found = {f.name: numbers_in(f.read_text()) & prices() for f in files}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_a_price_in_code_would_be_seen() -> None:
    price = max(prices())
    for text in (f"cost = hours * {price}", f"Decimal('{price}')", f"<td>{price} USD</td>", f"rate={price},"):
        assert numbers_in(text) & prices(), text
    assert not numbers_in(f"schema 1.{price} and v{price} and a{price}") & prices()


#: The floats that code outside the reports may hold, and why. 0 and 1 are the neutral elements.
FLOATS = {
    "tco/analysis/estates.py": {0.005},  # two totals are equal to the cent
    "tco/analysis/mix.py": {0.5, 1e-9, 0.001},  # a binary variable is taken; tolerances of the solver
    "tco/workload/estate_rules.py": {6371.0, 100.0},  # radius of the earth, km; light in fibre, km for 1 ms both ways
    "tco/analysis/verify.py": {1e-9},  # comparisons are relative to this
    "tco/model/evaluate.py": {1e-6, 1e-9},  # tolerances of ceil and of comparisons
}


def floats(code: str) -> set[float]:
    return {n.value for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Constant) and type(n.value) is float}


def test_every_float_in_the_code_is_on_a_short_list_with_its_reason() -> None:
    """What a report looks like needs numbers; everything that reaches a total comes from the catalog."""
    found = {}
    for file in (ROOT / "tco").rglob("*.py"):
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith("tco/report/") and (values := floats(file.read_text()) - {0.0, 1.0}):
            found[name] = values
    assert found == FLOATS


# --- sources ---

#: From the surest on.
TRUST = ("official", "official-mirror", "third-party", "derived", "assumption")
#: Hosts that print invented figures.
BANNED = ("fate-oracle.com", "brick-house.org", "meltdown.zone", "techmarmot.com")


def is_public(url: str) -> bool:
    """Whether an address is https, of a host with a public name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        named = "." in host and not host.endswith((".local", ".internal", ".lan", ".test", ".example", ".localhost"))
        return parts.scheme == "https" and named and parts.username is None
    return False


@pytest.mark.parametrize(
    ("url", "public"),
    [("https://aws.amazon.com/msk/pricing/", True), ("http://aws.amazon.com/", False), ("https://10.0.0.1/x", False),
     ("https://localhost/", False), ("https://wiki.internal/", False), ("aws.amazon.com", False),
     ("file:///tmp/x", False), ("https://me:secret@aws.amazon.com/", False)],
)  # fmt: skip
def test_public_addresses_are_told_apart(url: str, public: bool) -> None:
    assert is_public(url) == public


def test_every_source_has_a_public_address() -> None:
    assert [name for name, s in catalog().sources.items() if not is_public(s.url)] == []
    assert [t.id for t in catalog().terms.values() if not is_public(t.url)] == []
    assert [o.id for o in catalog().offerings.values() if not is_public(o.documentation)] == []


def test_every_price_has_a_registered_source_that_was_seen_before_it_was_recorded() -> None:
    for point in catalog().prices.points:
        source = catalog().sources[point.source]
        assert is_public(source.url), point.id
        assert source.seen is None or source.seen <= point.recorded, point.id
        assert TRUST.index(point.confidence) >= TRUST.index(source.kind), "no price is surer than its source"


def test_banned_hosts_are_never_cited() -> None:
    everything = [DATA, folder("examples"), folder("templates"), ROOT / "docs", ROOT / "tco"]
    texts = [p for at in everything for p in at.rglob("*") if p.suffix in (".yaml", ".csv", ".md", ".j2", ".py")]
    texts += [ROOT / "README.md", ROOT / "CHANGELOG.md"]
    assert len(texts) > 100
    assert [p.name for p in texts for host in BANNED if host in p.read_text() and p.name != "banned_hosts.yaml"] == []


#: Files that their keeper later marked as written by a sweep and not taken from the vendor.
UNVERIFIED = ("/warpstream/blob/fd26f25e1d8daf3fa5376554d25ec39e8c0718ee/",)


def test_what_its_keeper_calls_unverified_is_never_more_than_third_party_and_says_so() -> None:
    found = {name: s for name, s in catalog().sources.items() if any(part in s.url for part in UNVERIFIED)}
    assert found
    assert {name: s.kind for name, s in found.items()} == dict.fromkeys(found, "third-party")
    assert [name for name, s in found.items() if "unverified" not in s.title] == []


def test_a_file_of_a_repository_is_cited_at_a_commit() -> None:
    """A branch moves on, and then the number that was read is no longer there."""
    moving = re.compile(
        r"/refs/heads/|/(?:blob|tree|raw)/(?:main|master)/|githubusercontent\.com/[^/]+/[^/]+/(?:main|master)/"
    )
    assert [name for name, s in catalog().sources.items() if moving.search(s.url)] == []


# --- which point is in force ---


def point(price: str = "1", **changes: Any) -> PricePoint:
    value = Decimal(price)
    plain = PricePoint(
        "o", "m", "us", "", Decimal(0), value, value, value, "USD", catalog().units.parse("USD/hour"), "resource",
        date(2026, 1, 1), date(2026, 1, 2), "s", "official", "", Place("prices.csv", 1),
    )  # fmt: skip
    return replace(plain, **changes)


def selected(points: list[PricePoint], as_of: date, region: str = "us", proxy: str = "") -> list[Decimal]:
    return [p.base for p in PriceBook(points).select("o", "m", region, as_of, proxy)]


def test_a_price_holds_from_its_day_until_the_next() -> None:
    points = [point("1"), point("2", effective_from=date(2026, 6, 1))]
    assert selected(points, date(2025, 12, 31)) == []
    assert selected(points, date(2026, 1, 1)) == [1]
    assert selected(points, date(2026, 5, 31)) == [1]
    assert selected(points, date(2026, 6, 1)) == [2]
    assert selected(points, date(2036, 6, 1)) == [2]


def test_a_correction_of_the_same_day_replaces_and_an_old_one_does_not_come_back() -> None:
    wrong, right = point("1"), point("2", recorded=date(2026, 3, 1))
    newer = point("3", effective_from=date(2026, 2, 1), recorded=date(2026, 2, 2))
    assert selected([right, wrong], date(2026, 1, 15)) == [2]
    assert selected([newer, right, wrong], date(2026, 4, 1)) == [3], "recorded later, yet in force earlier"


def test_the_region_comes_before_any_region_and_that_before_the_proxy() -> None:
    here, anywhere, proxy = point("1"), point("2", region=ANY_REGION), point("3", region="eu")
    assert selected([proxy, anywhere, here], DAY, "us", "eu") == [1]
    assert selected([proxy, anywhere], DAY, "us", "eu") == [2]
    assert selected([proxy], DAY, "us", "eu") == [3]
    assert selected([proxy], DAY, "us", "") == []
    assert selected([here, proxy], DAY, "mars", "") == []
    later = replace(here, effective_from=date(2030, 1, 1))
    assert selected([later, anywhere], DAY) == [2], "a price that is not in force yet hides nothing"


def test_only_a_price_of_the_proxy_region_says_for_whom_it_stands_in() -> None:
    book = PriceBook([point("1"), point("2", region=ANY_REGION), point("3", region="eu")])
    assert [p.proxy_for for p in book.select("o", "m", "us", DAY, "eu")] == [""]
    assert [p.proxy_for for p in PriceBook([point(region="eu")]).select("o", "m", "us", DAY, "eu")] == ["us"]
    assert [p.proxy_for for p in PriceBook([point(region="eu")]).select("o", "m", "eu", DAY, "eu")] == [""]
    assert [p.region_unstated for p in book.select("o", "m", "mars", DAY, "eu")] == [True]


def test_variants_and_bands_are_chosen_each_by_itself_in_order() -> None:
    points = [
        point("5", variant="b"), point("4", variant="a", tier_from=Decimal(10)), point("3", variant="a"),
        point("9", variant="a", effective_from=date(2026, 3, 1)),
    ]  # fmt: skip
    found = PriceBook(points).select("o", "m", "us", DAY)
    assert [(p.variant, int(p.tier_from), int(p.base)) for p in found] == [("a", 0, 9), ("a", 10, 4), ("b", 0, 5)]
    assert PriceBook(points).meters("o") == {"m"} and PriceBook(points).meters("other") == set()


DATES = st.sampled_from([date(2026, 1, 1) + timedelta(days=30 * n) for n in range(6)])
POINTS = st.lists(
    st.builds(
        point,
        price=st.integers(0, 9).map(str),
        region=st.sampled_from(["us", "eu", "ap", ANY_REGION]),
        variant=st.sampled_from(["", "a"]),
        tier_from=st.sampled_from([Decimal(0), Decimal(10)]),
        effective_from=DATES,
        recorded=DATES,
    ),
    max_size=14,
    unique_by=lambda p: (p.region, p.variant, p.tier_from, p.effective_from, p.recorded),
)


@settings(max_examples=300, deadline=None)
@given(POINTS, DATES, st.sampled_from(["us", "eu"]), st.sampled_from(["", "eu", "ap"]), st.randoms())
def test_selection_keeps_its_rules_for_any_points(
    points: list[PricePoint], as_of: date, region: str, proxy: str, random: Any
) -> None:
    found = PriceBook(points).select("o", "m", region, as_of, proxy)
    shuffled = list(points)
    random.shuffle(shuffled)
    assert PriceBook(shuffled).select("o", "m", region, as_of, proxy) == found, "the order of a file means nothing"
    announced = [p for p in points if p.effective_from <= as_of]
    assert PriceBook(announced).select("o", "m", region, as_of, proxy) == found, "what comes later moves nothing"
    keys = [(p.variant, p.tier_from) for p in found]
    assert keys == sorted(set(keys)), "one a variant and band, in order"
    regions = {p.region for p in found}
    assert len(regions) <= 1, "regions are never mixed"
    order = [r for r in (region, ANY_REGION, proxy) if r]
    with_points = [r for r in order if any(p.region == r for p in announced)]
    assert regions == set(with_points[:1])
    for p in found:
        assert (p.proxy_for == region) == (p.region not in (region, ANY_REGION))
        rivals = [
            q for q in announced if (q.region, q.variant, q.tier_from) == (p.region, p.variant, p.tier_from)
        ]  # fmt: skip
        assert max((q.effective_from, q.recorded) for q in rivals) == (p.effective_from, p.recorded)
    assert {(q.variant, q.tier_from) for q in announced if q.region in regions} == set(keys), "none left out"


# --- reading a price table ---

ROW = {
    "offering": "o", "meter": "m", "region": "us-east-1", "variant": "", "tier_from": "", "price": "0.1", "low": "",
    "high": "", "currency": "USD", "unit": "hour", "scope": "resource", "effective_from": "2026-01-01",
    "recorded": "2026-01-02", "source": "s", "confidence": "official", "note": "",
}  # fmt: skip


def priced(folder_: Path, *rows: dict[str, str]) -> Table:
    return read_csv(table(folder_, *rows))


def table(folder_: Path, *rows: dict[str, str]) -> Path:
    file = folder_ / "prices.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(ROW | row for row in rows)
    return file


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"price": "0.1"}, ("0.1", "0.1", "0.1")),
        ({"price": "", "low": "1", "high": "3"}, ("1", "2", "3")),
        ({"price": "1.25", "low": "1", "high": "3"}, ("1", "1.25", "3")),
        ({"price": "0"}, ("0", "0", "0")),
        ({"price": "0.10000000000000000001"}, ("0.10000000000000000001",) * 3),
    ],
)
def test_a_price_is_read_exactly_and_a_range_stays_one(
    tmp_path: Path, given_: dict[str, str], expected: tuple[str, str, str]
) -> None:
    (found,) = read_prices(priced(tmp_path, given_), catalog().units)
    assert (found.low, found.base, found.high) == tuple(Decimal(e) for e in expected)
    assert found.is_range == (expected[0] != expected[2])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"price": ""}, "give price, or low and high"),
        ({"price": "", "low": "1"}, "give price, or low and high"),
        ({"price": "0.1", "high": "1"}, "give price, or low and high"),
        ({"price": "", "low": "3", "high": "1"}, "ascend"),
        ({"price": "5", "low": "1", "high": "3"}, "ascend"),
        ({"price": "-1"}, "not negative"),
        ({"price": "nan"}, "not a number"),
        ({"price": "1,5"}, "not a number"),
        ({"price": "1e999"}, "not a number"),
        ({"price": "=1+1"}, "not a number"),
        ({"tier_from": "ten"}, "not a number"),
        ({"unit": "furlong"}, "furlong"),
        ({"unit": ""}, "unit is empty"),
        ({"source": ""}, "source is empty"),
        ({"region": ""}, "region is empty"),
        ({"currency": "EUR"}, "not USD"),
        ({"scope": "galaxy"}, "scope"),
        ({"confidence": "sure"}, "confidence"),
        ({"effective_from": "2026-13-01"}, "month"),
        ({"recorded": "yesterday"}, "not a date"),
    ],
)
def test_a_bad_price_row_is_refused_with_its_line(tmp_path: Path, change: dict[str, str], word: str) -> None:
    with pytest.raises(InputError) as error:
        read_prices(priced(tmp_path, {}, change | {"meter": "other"}), catalog().units)
    (finding,) = error.value.findings
    assert finding.place.line == 3 and word in finding.text


def test_the_same_price_twice_is_refused_and_a_correction_is_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="duplicate-price: o:m:us-east-1 is already given in line 2"):
        read_prices(priced(tmp_path, {}, {"price": "0.2"}), catalog().units)
    assert len(read_prices(priced(tmp_path, {}, {"price": "0.2", "recorded": "2026-02-02"}), catalog().units)) == 2


def test_a_range_of_a_price_stays_one_through_the_total() -> None:
    """A cluster hour that may be 0.25 less or 0.35 more moves the ends of the total by that, times the hours."""
    points = [
        replace(p, low=p.base - Decimal("0.25"), high=p.base + Decimal("0.35"))
        if (p.offering, p.meter, p.region) == ("aws.msk-serverless", "cluster_hour", "us-east-1")
        else p
        for p in catalog().prices.points
    ]
    known = replace(catalog(), prices=PriceBook(points))
    plan = plan_from_text(text_of("team"), "team", known)
    before, after = (
        compare(k, plan, Options(DAY), ["aws.msk-serverless"]).outcomes[0].interval("total") for k in (catalog(), known)
    )
    hours = 36 * 730
    assert after.base == pytest.approx(before.base, rel=1e-12)
    assert before.low - after.low == pytest.approx(0.25 * hours, rel=1e-9)
    assert after.high - before.high == pytest.approx(0.35 * hours, rel=1e-9)


# --- a spoilt catalog is refused, never half-believed ---


def line(file: Path, start: str) -> str:
    return next(text for text in file.read_text().splitlines() if text.startswith(start))


def doubled(file: str, start: str, old: str, new: str, into: str = "") -> Callable[[Path], None]:
    """Append a row of a table once more, changed, to the same table or to another."""

    def change(data: Path) -> None:
        row = line(data / file, start)
        assert old in row
        target = data / (into or file)
        target.write_text(target.read_text().rstrip("\n") + "\n" + row.replace(old, new, 1) + "\n")

    return change


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda data: spoil(data / file, old, new)


def rewritten(file: str, content: str) -> Callable[[Path], object]:
    return lambda data: (data / file).write_text(content)


GAP = "[{below: 99.9, at_least: 99, percent: 10}, {below: 95, at_least: 0, percent: 25}]"
SERVERLESS = "prices/aws.msk-serverless.csv"
CLUSTER_HOUR = "aws.msk-serverless,cluster_hour,us-east-1"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (doubled(SERVERLESS, CLUSTER_HOUR, ",0", ",8"), "already given"),
        (
            doubled(SERVERLESS, CLUSTER_HOUR, ",0", ",8", into="prices/gcp.network.csv"),
            "belongs in prices/aws.",
        ),
        (doubled(SERVERLESS, CLUSTER_HOUR, "us-east-1", "us-east-9"), "us-east-9"),
        (replaced("prices/aws.msk-standard.csv", ",kafka.m7g.large,", ",kafka.m7g.lrge,"), "kafka.m7g.lrge"),
        (doubled("paths/paths.csv", "aws,own,in_vpc", ",2,2", ",0,0"), "in_vpc"),
        (doubled("paths/paths.csv", "aws,own,in_vpc", "aws,", "awz,"), "awz"),
        (replaced("paths/paths.csv", "aws,own,in_vpc,2,2", "aws,own,in_vpc,-2,2"), "negative"),
        (replaced("paths/paths.csv", "produce_sides", "produce_size"), "produce_s"),
        (replaced("paths/paths.csv", "aws,msk,private_link", "aws,msk,private_lnk"), "private_l"),
        (replaced("sources/aws.yaml", "kind: ", "kind: hear"), "kind"),
        (rewritten("sources/aws.yaml", "- a list\n"), "aws.yaml"),
        (rewritten("sources/aws.yaml", "only text\n"), "aws.yaml"),
        (rewritten("model/inputs.yaml", "only text\n"), "inputs.yaml"),
        (rewritten("model/labour.yaml", ""), "labour.yaml"),
        (rewritten("units.yaml", "only text\n"), "units.yaml"),
        (rewritten("regions.yaml", "- a list\n"), "regions.yaml"),
        (rewritten("offerings/aws.msk-express.yaml", "- a list\n"), "aws.msk-express.yaml"),
        (replaced("offerings/aws.msk-express.yaml", "id: aws.msk-express", "id: aws.msk-other"), "must be named"),
        (replaced("sla/aws-msk.yaml", "bands: []", f"bands: {GAP}"), "gap or overlap"),
    ],
    ids=[
        "price-twice",
        "price-in-another-file",
        "price-of-no-region",
        "price-of-no-variant",
        "path-twice",
        "path-of-no-cloud",
        "path-negative",
        "path-column",
        "path-missing",
        "source-kind",
        "sources-list",
        "sources-text",
        "inputs-text",
        "sheet-empty",
        "units-text",
        "regions-list",
        "offering-list",
        "offering-name",
        "credit-gap",
    ],
)
def test_a_spoilt_catalog_is_refused(copy: Path, change: Callable[[Path], object], word: str) -> None:
    change(copy)
    found = findings(copy)
    assert found, "accepted"
    assert any(word in text for text in found), found[:3]


def test_a_note_with_a_comma_that_is_not_quoted_is_not_cut_short(copy: Path) -> None:
    doubled(SERVERLESS, CLUSTER_HOUR, "2025-04-04", "2025-05-05")(copy)
    file = copy / SERVERLESS
    file.write_text(file.read_text().rstrip("\n") + "list price, before tax\n")
    assert any(f"{SERVERLESS}:" in text for text in findings(copy)), "the rest of the note is lost without a word"


def test_a_field_without_end_is_refused_like_any_other_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_prices(priced(tmp_path, {"note": "x" * 200_000}), catalog().units)


def test_all_mistakes_of_all_files_are_shown_in_one_run(copy: Path) -> None:
    spoil(copy / "prices" / "aws.ec2.csv", "official-mirror", "hearsay")
    spoil(copy / "sources" / "gcp.yaml", "kind: ", "kind: hear")
    spoil(copy / "offerings" / "warpstream.byoc.yaml", "vendor: ", "vendr: ")
    text = "\n".join(findings(copy))
    assert "prices/aws.ec2.csv" in text and "sources/gcp.yaml" in text and "warpstream.byoc.yaml" in text


# --- YAML from strangers ---


def refused(text: str) -> str:
    with pytest.raises(InputError) as error:
        parse_yaml(text, "w.yaml")
    return str(error.value)


def test_yaml_gives_text_lists_and_mappings_and_nothing_else(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"""
a: !!python/object/apply:pathlib.Path.touch [{mark}]
b: !!python/name:os.system
c: !!int "5"
d: !!binary aGk=
e: 2027-01-01
f: yes
g: 1e3
h: ~
"""
    data = parse_yaml(text, "w.yaml").data
    assert data == {
        "a": [str(mark)], "b": "", "c": "5", "d": "aGk=", "e": "2027-01-01", "f": "yes", "g": "1e3", "h": None,
    } or data["b"] is None  # fmt: skip
    assert all(type(v) in (str, list, type(None)) for v in data.values())
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: &x 1\nb: *x\n", "w.yaml:1:4: alias"),
        ("a: &x {k: 1}\nb: {<<: *x}\n", "alias"),
        ("a: &a [1]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", "alias"),
        ("a: 1\nb: 2\na: 3\n", "w.yaml:3:1: duplicate-key: 'a' is given twice"),
        ("a: {b: 1, c: {d: 1, d: 2}}\n", "duplicate-key: 'd'"),
        ("'a': 1\na: 2\n", "duplicate-key"),
        ("? [a, b]\n: 1\n", "bad-key"),
        ("a: [1, 2\n", "not-yaml"),
        ("a: 1\n---\nb: 2\n", "not-yaml"),
        ("a: b: c\n", "not-yaml"),
        ("a: \x07\n", "not-yaml"),
        ("a: " + "[" * 21 + "]" * 21, "too-deep"),
        ("a: " + "[" * 100_000, ""),
        ("a: " + "{x: " * 100_000, ""),
        ("\t- a\n", "not-yaml"),
    ],
)  # fmt: skip
def test_yaml_beyond_the_plain_subset_is_refused(text: str, word: str) -> None:
    assert word in refused(text)


def test_an_anchor_that_nobody_uses_is_harmless() -> None:
    assert parse_yaml("a: &x 1\n", "w.yaml").data == {"a": "1"}


def test_twenty_levels_are_enough_and_read() -> None:
    data = parse_yaml("[" * 20 + "]" * 20, "w.yaml").data
    depth = 0
    while data:
        data, depth = data[0], depth + 1
    assert depth == 19


def test_a_file_with_too_many_values_is_one_finding_and_not_one_for_each() -> None:
    with pytest.raises(InputError) as error:
        parse_yaml("[" + "1," * 150_000 + "1]", "w.yaml")
    assert "too many values" in str(error.value)
    assert len(error.value.findings) < 10


def test_size_and_encoding_are_checked_before_the_content(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    for content, word in (
        (b"a: " + b"x" * 1_000_000, "larger than 1,000,000 bytes"),
        ("a: é".encode("latin-1"), "not UTF-8"),
        ("a: b".encode("utf-16"), "not UTF-8"),
    ):
        file.write_bytes(content)
        with pytest.raises(InputError, match=word):
            read_text(file)
    file.write_bytes(b"#" * 1_000_000)
    assert len(read_text(file)) == 1_000_000
    for odd in (tmp_path, tmp_path / "missing.yaml", Path("/dev/zero")):
        with pytest.raises(InputError, match="no such file"):
            read_text(odd)


def test_python_itself_is_never_asked_to_run_a_formula(copy: Path) -> None:
    code = "__import__('antigravity') * ceil(replicas /"
    spoil(copy / "offerings" / "aws.msk-express.yaml", "formula: ceil(replicas /", f"formula: {code}")
    assert any("bad-formula" in text for text in findings(copy))
    assert "antigravity" not in sys.modules
