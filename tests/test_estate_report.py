"""The report on an estate: sums that add up, everything named, and no way in for what a file says."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from typer.testing import CliRunner

from tco.analysis.estates import EstateComparison, compare_estate, optimize
from tco.analysis.mix import Constraint
from tco.analysis.recovery import REGION, objectives
from tco.cli.commands import app
from tco.data import folder
from tco.engine.estate import INVOICED
from tco.engine.options import Options
from tco.report.estate_html import render_estate_html, render_estate_pdf
from tco.report.estate_json import estate_json
from tco.report.estate_ledger import to_the_cent
from tco.report.estate_terminal import ranking_text
from tco.report.estate_words import assignment_text, rto_text
from tco.report.topology import SIZE, Box, Edge, Label, Node, Topology, draw, text_width, wrapped
from tco.report.words import money
from tco.workload.estate import estate_from_text
from tco.workload.estate_rules import warnings
from tests.estates import MSK, data_of, text_of, work
from tests.test_report_pdf import AS_OF, EVIL, Cells, catalog, elements, number

FLEET = folder("examples") / "estates" / "payments-fleet.yaml"
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
INK = "{http://www.w3.org/2000/svg}"


@cache
def fleet() -> EstateComparison:
    read = estate_from_text(FLEET.read_text(encoding="utf-8"), FLEET.name, catalog())
    return compare_estate(catalog(), read, Options(AS_OF), [MSK, "aws.self-managed"])


@cache
def fleet_html() -> str:
    return render_estate_html(fleet())


def estate(**top: str) -> EstateComparison:
    """A pair whose standby has less than its source, with something to warn of."""
    clusters = {
        "here": {"team": "a"},
        "there": {"role": "standby", "region": "us-west-2", "environment": "spare", "team": "b"},
        "apart": {"role": "aggregate", "team": "b"},
    }
    known = {"work": work(requirements={"rpo": "1 s", "rto": "10 min"})}
    text = text_of(data_of(clusters, {"pair": ("here", "there")}, known, **top))
    return compare_estate(catalog(), estate_from_text(text, "estate.yaml", catalog()), Options(AS_OF), [MSK])


@pytest.fixture(scope="module")
def raw() -> bytes:
    return render_estate_pdf(fleet())


@pytest.fixture(scope="module")
def pdf(raw: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(raw)) as opened:
        yield opened


def table(text: str, *heads: str) -> list[list[str]]:
    """Rows of the table that begins with these heads."""
    return next(t[1:] for t in Cells(text).tables if tuple(t[0][: len(heads)]) == heads)


def cents(text: str) -> int:
    return int(text.removeprefix("≥ ").replace(",", "").replace(".", ""))


def test_every_sum_is_the_same_to_the_cent_and_its_rows_add_up_to_it() -> None:
    for comparison in (fleet(), shared(), estate()):
        outcome, text = comparison.candidates[0].outcome, render_estate_html(comparison)
        cut = [t for t in Cells(text).tables if t[0][1:] == ["USD", "Of all"]]
        assert {"Part", "Team", "Payer"} <= {head for (head, *_), *_ in cut}
        for _, *rows, total in cut:
            assert total[0] == "Sum"
            assert cents(total[1]) == round(outcome.invoices * 100)
            assert cents(total[1]) == sum(cents(r[1]) for r in rows)
        summed = {r[0]: r[1] for r in table(text, "Part", "USD")}
        for head in ("Cluster", "Link"):
            *rows, total = table(text, head, "Count")
            assert total[-1] == summed[total[0].lower()]
            assert cents(total[-1]) == sum(cents(r[-1]) for r in rows)
            for r in rows:
                assert cents(r[-1]) == pytest.approx(outcome.total(f"{r[0]}.invoices") * 100, abs=3)
    teams = {r[0]: cents(r[1]) for r in table(fleet_html(), "Team", "USD")}
    risk = {"virginia_risk", "oregon_risk", "risk", "reference_risk"}
    found = fleet().candidates[0].outcome
    assert teams["risk"] == pytest.approx(sum(found.total(f"{n}.invoices") for n in risk) * 100, abs=12)


@pytest.mark.parametrize(
    ("values", "total", "expected"),
    [
        ([0.005, 0.005, 0.0], 0.01, [1, 0, 0]),
        ([1 / 3, 1 / 3, 1 / 3], 1.0, [34, 33, 33]),
        ([12.34, 0.66], 13.0, [1234, 66]),
        ([-0.5, 1.5], 1.0, [-50, 150]),
        ([], 0.0, []),
    ],
)
def test_cents_are_given_out_whole(values: list[float], total: float, expected: list[int]) -> None:
    assert to_the_cent(values, total) == expected


def shared() -> EstateComparison:
    """The fleet where support is shared by the account."""
    other = next(c for c in fleet().candidates if c.offering == "aws.self-managed")
    return EstateComparison(fleet().catalog, fleet().estate, fleet().options, fleet().costing, [other])


def test_clusters_links_and_what_is_shared_are_the_whole() -> None:
    outcome, text = shared().candidates[0].outcome, render_estate_html(shared())
    clusters, links = table(text, "Cluster", "Count"), table(text, "Link", "Count")
    for rows, word in ((clusters, "All clusters"), (links, "All links")):
        *each, total = rows
        assert total[0] == word
        assert number(total[1]) == pytest.approx(sum(number(r[-2]) for r in each), abs=len(each) / 2 + 1)
    both = number(clusters[-1][1]) + number(links[-1][1])
    account = sum(outcome.total(r.cost) for r in outcome.account if r.cost and r.line.line.payer in INVOICED)
    assert account > 1
    assert both + account == pytest.approx(outcome.invoices, abs=2)


def test_shares_of_the_account_are_shown_and_add_up() -> None:
    *rows, total = table(render_estate_html(shared()), "What", "USD")
    assert rows
    for _, cost, shares in rows:
        found = [number(s.split()[-1].rstrip(",")) for s in re.split(r",(?=\s)", shares)]
        assert sum(found) == pytest.approx(number(cost), abs=len(found) / 2 + 1)
    assert number(total[1]) == pytest.approx(sum(number(r[1]) for r in rows), abs=len(rows))


def test_every_cluster_link_warning_and_objective_appears() -> None:
    for comparison in (fleet(), estate()):
        text = unescape(render_estate_html(comparison))
        picture = next(iter(SVG.findall(text)))
        names = [m.name for m in comparison.estate.members]
        assert [r[0] for r in table(text, "Cluster", "Count")[:-1]] == names
        assert [r[0] for r in table(text, "Link", "Count")[:-1]] == [x.name for x in comparison.estate.links]
        assert all(name in picture for name in names)
        found = warnings(comparison.estate, catalog())
        assert all(w.text in text for w in found)
        outcome = comparison.candidates[0].outcome
        lost = {o.cluster: o for o in objectives(catalog(), comparison.costing, outcome) if o.loss == REGION}
        shown = {r[0]: r[3] for r in table(text, "Cluster", "By", "RPO", "RTO")}
        assert shown == {name: rto_text(o) for name, o in lost.items()}
    assert warnings(estate().estate, catalog())


def test_what_speaks_against_it_stands_on_the_first_page() -> None:
    shown = unescape(render_estate_html(estate()))
    assert "Nothing settles whether the RPO asked for is met: here" in shown
    assert "The RTO asked for is not met: here, apart" in shown
    assert "brokers of an account in a region: 1,047 of 90 in us-east-1" in unescape(fleet_html())
    asked = [p for p in fleet().candidates[0].outcome.placements if p.member.plan.workload.requirements.uptime]
    less = [p.member.name for p in asked if p.sla and p.sla.required > float(p.sla.percent or 0)]
    assert len(less) > 4
    said = f"{', '.join(less[:4])} and {len(less) - 4} more"
    assert f"Less uptime is promised than asked for: {said}" in unescape(fleet_html())


def test_other_offerings_are_ranked_beside_the_one_that_it_is_about() -> None:
    rows = table(fleet_html(), "#", "Offering")
    assert [r[2] for r in rows] == [money(c.outcome.invoices) for c in fleet().ranked]
    assert "Ranked by invoices" not in render_estate_html(estate())


def test_the_cheapest_mix_stands_in_the_answer_and_with_what_each_cluster_runs_on() -> None:
    mixes = optimize(fleet(), [Constraint("without constraints")])
    best, first = mixes[0].outcome, fleet().candidates[0].outcome
    assert best
    shown = unescape(render_estate_html(fleet(), None, mixes))
    assert f"without constraints: {money(best.invoices)} USD" in shown
    assert all(line in shown for line in assignment_text(mixes[0]))
    assert ("A mix of offerings, cluster by cluster, comes to" in shown) is (best.invoices < first.invoices - 1)
    assert shown.split("<pre>")[1].split("</pre>")[0].endswith("--optimize")
    assert "--optimize" not in fleet_html()


def test_the_command_names_all_that_were_compared() -> None:
    assert f"--offering {MSK} --offering aws.self-managed" in unescape(fleet_html())


def test_an_estate_that_cannot_be_is_not_recommended_and_still_told() -> None:
    text = text_of(data_of({"here": {}, "there": {"cloud": "gcp", "region": "us-east1"}}, {"pair": ("here", "there")}))
    read = estate_from_text(text, "estate.yaml", catalog())
    shown = unescape(render_estate_html(compare_estate(catalog(), read, Options(AS_OF), [MSK])))
    assert "Not recommended, infeasible" in shown
    assert "cannot run here" in shown
    assert "not costed" in shown


def test_what_has_no_price_is_asked_for_in_every_sum_and_never_nought() -> None:
    """The line of one's own between two sites, and the workers there, are priced by nobody."""
    file = folder("examples") / "estates" / "hybrid.yaml"
    read = estate_from_text(file.read_text(encoding="utf-8"), file.name, catalog())
    compared = compare_estate(catalog(), read, Options(AS_OF), ["azure.self-managed"])
    shown = unescape(render_estate_html(compared))
    (link, _), rest = table(shown, "Link", "Count"), money(compared.candidates[0].outcome.invoices)
    assert link[-2:] == ["quote needed", "quote needed"]
    assert "kafka.mirrormaker2 quote\u00a0needed" in re.sub(r"</text>\s*<text[^>]*>", " ", shown)
    sums = {head: table(shown, head, "USD") for head in ("Part", "Team", "Payer")}
    assert all(rows[-1][1].startswith(f"≥ {rest}.") for rows in sums.values())
    assert {r[0]: r[1] for r in sums["Part"]}["all links"] == "quote needed"
    assert [r[0] for r in sums["Team"] if r[1].startswith("≥ ")] == ["digital", "Sum"]
    assert [r[0] for r in sums["Payer"] if r[1].startswith("≥ ")] == ["Cloud invoices", "Sum"]
    assert "≥ 0" not in shown


def test_where_clients_are_is_told_when_clusters_may_be_on_another_cloud() -> None:
    read = estate_from_text(text_of(data_of({"here": {}})), "estate.yaml", catalog())
    for any_cloud in (True, False):
        compared = compare_estate(catalog(), read, Options(AS_OF, any_cloud=any_cloud), ["gcp.self-managed", MSK])
        for shown in (unescape(render_estate_html(compared)), " ".join(ranking_text(compared, []).split())):
            assert ("Clients are taken to be beside the brokers" in shown) is any_cloud


def test_a_file_says_text_and_nothing_else() -> None:
    hostile = estate(name=EVIL[:80], about=f"{EVIL} {{{{ 7*7 }}}} {{% raw %}} {'long' * 300}")
    text = render_estate_html(hostile)
    assert "<script" not in text
    assert not re.search(r"<(?:img|iframe|object|embed|link|base|form)\b", text)
    assert not re.search(r"\bsrc=|@import|url\(", text)
    heading = re.search(r"<h1>(.*?)</h1>", text)
    assert heading
    assert unescape(heading[1]) == EVIL[:80]
    assert "{{ 7*7 }}" in unescape(text)
    ElementTree.fromstring(SVG.findall(text)[0])
    with pikepdf.open(io.BytesIO(render_estate_pdf(hostile))) as opened:
        assert set(opened.attachments) == {"estate.yaml", "results.json"}


def test_the_longest_names_leave_nothing_outside_the_page(tmp_path: Path) -> None:
    long, longer = "m" * 41, "w" * 41
    clusters = {long: {"team": long, "environment": longer}, longer: {"role": "standby", "region": "us-west-2"}}
    text = text_of(data_of(clusters, {"l" * 41: (long, longer)}))
    read = estate_from_text(text, "estate.yaml", catalog())
    file = tmp_path / "long.pdf"
    file.write_bytes(render_estate_pdf(compare_estate(catalog(), read, Options(AS_OF), [MSK])))
    made = subprocess.run(["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True)
    for page in re.findall(r"<page .*?</page>", made.stdout.decode(), re.DOTALL):
        width = float(re.findall(r'page width="([\d.]+)"', page)[0])
        margin = 15 / 25.4 * 72
        for right, word in re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>', page):
            assert float(right) <= width - margin + 1, word


def test_the_pdf_is_tagged_and_carries_the_estate(pdf: pikepdf.Pdf) -> None:
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang) == "en"
    kinds = {str(e.S) for e in elements(pdf)}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Caption", "/Figure", "/Link", "/L"} <= kinds
    figures = [e for e in elements(pdf) if str(e.S) == "/Figure"]
    assert [len(str(f.Alt)) > 20 for f in figures] == [True]
    carried = {name: spec.get_file().read_bytes().decode() for name, spec in pdf.attachments.items()}
    assert carried == {"estate.yaml": FLEET.read_text(encoding="utf-8"), "results.json": estate_json([fleet()])}


def test_the_first_page_of_a_large_estate_ranks_its_offerings(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "fleet.pdf"
    file.write_bytes(raw)
    made = subprocess.run(["pdftotext", "-layout", "-l", "1", str(file), "-"], capture_output=True, check=True)
    first = made.stdout.decode()
    assert "Cheapest of 2 offerings" in first
    assert all(money(c.outcome.invoices) in first for c in fleet().ranked)


def test_the_picture_and_what_it_means_are_on_one_page(tmp_path: Path) -> None:
    mixes = optimize(fleet(), [Constraint("without constraints")])
    file = tmp_path / "fleet.pdf"
    file.write_bytes(render_estate_pdf(fleet(), None, mixes))
    made = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    (page,) = [p for p in made.stdout.decode().split("\f") if "Columns are regions" in p]
    assert "virginia_reference" in page


def test_the_same_bytes_every_time() -> None:
    made = estate()
    assert render_estate_pdf(made) == render_estate_pdf(estate())
    assert render_estate_html(made) == render_estate_html(estate())


def box(text: ElementTree.Element) -> Box:
    label = Label(float(text.attrib["x"]), float(text.attrib["y"]), text.text or "", "font-weight" in text.attrib)
    return label.box


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def segments(topology: Topology) -> Iterator[Box]:
    for arrow in topology.arrows:
        points = [tuple(map(float, p.split(","))) for p in arrow.points.split()]
        for (x1, y1), (x2, y2) in pairwise(points):
            yield Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))


def test_the_picture_is_xml_alone_and_its_texts_do_not_overlap() -> None:
    picture = SVG.findall(fleet_html())[0]
    assert "href" not in picture
    assert "url(" not in picture
    root = ElementTree.fromstring(picture)
    assert root.findtext(f"{INK}title")
    assert "virginia_core" in (root.findtext(f"{INK}desc") or "")
    texts = [box(t) for t in root.iter(f"{INK}text")]
    assert len(texts) > 14 * 3
    assert not [pair for pair in combinations(texts, 2) if overlap(*pair)]
    width = float(root.attrib["viewBox"].split()[2])
    assert all(b.x + b.width <= width for b in texts)


@pytest.mark.parametrize(("kinds", "regions"), [(16, 1), (16, 3), (16, 4), (16, 7), (16, 16), (1, 1), (40, 5)])
def test_pictures_of_many_kinds_and_links_keep_text_lines_and_boxes_apart(kinds: int, regions: int) -> None:
    said = [
        "primary · confluent.cloud-enterprise",
        "12,345,678 USD · SLA 99.99 % ?",
        "RPO 1 s to 60 s (met, 60 s asked)",
    ]
    nodes = [Node(f"{'w' * 40}{i}", f"{'w' * 40}{i} × 99", f"aws eu-central-{i % regions}", said) for i in range(kinds)]
    ends = [(i * 7 % kinds, (i * 11 + 3) % kinds) for i in range(20)]
    edges = [Edge(nodes[a].name, nodes[b].name, f"→ {b}: kafka.mirrormaker2 1 USD", "feeds") for a, b in ends if a != b]
    made = draw("Estate", "All of it", nodes, edges)
    texts = [label.box for label in made.labels]
    assert not [pair for pair in combinations(texts, 2) if overlap(*pair)]
    assert not [pair for pair in combinations(made.boxes, 2) if overlap(*pair)]
    lines = list(segments(made))
    assert len(made.arrows) == len(edges)
    assert not [(t, s) for t in texts for s in lines if overlap(t, s)]
    assert all(b.x >= 0 and b.x + b.width <= made.width for b in [*texts, *made.boxes, *lines])
    assert all(b.y >= 0 and b.y + b.height <= made.height for b in [*texts, *made.boxes, *lines])
    assert draw("Estate", "All of it", nodes, edges) == made


def test_estimated_widths_are_no_less_than_those_of_the_packaged_font() -> None:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    for file, strong in (("Inter-Regular.otf", False), ("Inter-SemiBold.otf", True)):
        font = TTFont(folder("templates") / "fonts" / file)
        names, per_em = font.getBestCmap(), font["head"].unitsPerEm
        for text in ("virginia_reference × 13", "→ ohio_core × 6: kafka.mirrormaker2 1,154,218 USD", "RPO 1 s to 60 s"):
            real = sum(font["hmtx"][names[ord(c)]][0] for c in text) / per_em * SIZE
            assert real <= text_width(text, strong) <= 1.25 * real


def test_words_longer_than_a_line_are_broken_and_none_is_lost() -> None:
    text = "a " + "w" * 90 + " b"
    lines = wrapped(text, 100.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line) <= 100.0 for line in lines)


def test_the_command_writes_an_estate_in_the_formats_asked_for(tmp_path: Path) -> None:
    file = folder("examples") / "estates" / "disaster-recovery.yaml"
    common = ["report", str(file), "-o", MSK, "--as-of", AS_OF.isoformat(), "--out", str(tmp_path)]
    mixed = ["--optimize", "--vendors", "1", "--uptime", "99.9"]
    made = CliRunner().invoke(app, [*common, *mixed, "-f", "xlsx", "-f", "html", "-f", "json", "--set", "horizon=12"])
    assert made.exit_code == 0, made.output
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".html", ".json", ".xlsx"]
    shown = unescape((tmp_path / "disaster-recovery.html").read_text(encoding="utf-8"))
    assert "invoices over 12 months" in shown
    command = re.search(r"<pre>(tco report estate.yaml .*)</pre>", shown)
    assert command
    assert " --set horizon=12 " in command[1]
    assert command[1].endswith(f" --offering {MSK} --optimize --vendors 1 --uptime 99.9")
