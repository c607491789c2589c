"""The PDF and the HTML: structure, the engine's figures, and no way in for a workload's text."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from html import unescape
from html.parser import HTMLParser

import pikepdf
import pytest

from tco.analysis.compare import Comparison, compare
from tco.catalog.load import Catalog, load_catalog
from tco.data import folder
from tco.engine.options import Options
from tco.errors import InputError
from tco.report.html import render_html
from tco.report.json_report import render_json
from tco.report.pdf import _FONTS, _fetcher, render_pdf
from tco.report.words import money
from tco.workload.plan import plan_from_text

AS_OF = date(2026, 11, 24)
EVIL = "<script>alert(1)</script><link rel=attachment href=file:///etc/passwd>"
SMALL = """
name: {name}
cloud: aws
region: us-east-1
ingress: {{average: 5 MB/s, peak: 10 MB/s}}
retention: {{total: 3 days}}
partitions: 100
"""


@cache
def catalog() -> Catalog:
    return load_catalog(folder("pricing_data"))


@cache
def comparison() -> Comparison:
    text = (folder("examples") / "workloads" / "payments.yaml").read_text(encoding="utf-8")
    return compare(catalog(), plan_from_text(text, "payments.yaml", catalog()), Options(AS_OF))


def small(name: str, *offerings: str, **inputs: str) -> Comparison:
    plan = plan_from_text(SMALL.format(name=f'"{name}"'), "small.yaml", catalog(), inputs)
    return compare(catalog(), plan, Options(AS_OF), offerings)


@pytest.fixture(scope="module")
def raw() -> bytes:
    return render_pdf(comparison())


@pytest.fixture(scope="module")
def pdf(raw: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(raw)) as opened:
        yield opened


def elements(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    found, queue = [], [pdf.Root.StructTreeRoot]
    while queue:
        node = queue.pop()
        if isinstance(node, pikepdf.Array):
            queue += list(node)
        elif isinstance(node, pikepdf.Dictionary):
            found.append(node)
            queue += [node.K] if "/K" in node else []
    return [n for n in found if "/S" in n]


class Cells(HTMLParser):
    """Rows of every table, a list of texts each, under the table's caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def number(text: str) -> float:
    return float(text.removeprefix("≥ ").replace(",", ""))


def test_the_pdf_is_tagged_titled_and_in_english(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    assert bool(root.MarkInfo.Marked)
    assert str(root.Lang) == "en"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    assert str(pdf.docinfo.Title) == "Total cost of running Apache Kafka: payments"
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    assert "/Outlines" in root
    kinds = {str(e.S) for e in elements(pdf)}
    assert {"/H1", "/H2", "/H3", "/Table", "/THead", "/TH", "/TD", "/Caption", "/Figure", "/Link", "/L"} <= kinds


def test_every_figure_says_what_it_shows_and_every_font_is_embedded(pdf: pikepdf.Pdf) -> None:
    figures = [e for e in elements(pdf) if str(e.S) == "/Figure"]
    assert len(figures) == 2
    assert all(len(str(f.Alt)) > 40 for f in figures)
    descriptors = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
    assert descriptors
    assert any("Inter" in str(d.FontName) for d in descriptors)
    assert all("/FontFile" in d or "/FontFile2" in d or "/FontFile3" in d for d in descriptors)


def test_header_cells_name_what_they_head(pdf: pikepdf.Pdf) -> None:
    cells = [e for e in elements(pdf) if str(e.S) == "/TD"]
    headed = [c for c in cells if "/A" in c and "/Headers" in c.A and len(c.A.Headers)]
    assert len(headed) > 0.9 * len(cells)


def test_workload_and_results_travel_inside(pdf: pikepdf.Pdf) -> None:
    carried = {name: spec.get_file() for name, spec in pdf.attachments.items()}
    assert set(carried) == {"workload.yaml", "results.json"}
    assert carried["workload.yaml"].read_bytes().decode() == comparison().plan.text
    assert carried["results.json"].read_bytes().decode() == render_json(comparison())
    for file in carried.values():
        assert file.creation_date is not None
        assert file.creation_date.date() == AS_OF


def test_every_page_says_which_of_how_many_and_for_what(raw: bytes, pdf: pikepdf.Pdf) -> None:
    made = subprocess.run(["pdftotext", "-layout", "-", "-"], input=raw, capture_output=True, check=True)
    text = made.stdout.decode()
    pages = text.removesuffix("\f").split("\f")
    assert len(pages) == len(pdf.pages)
    for i, page in enumerate(pages, 1):
        assert f"page {i} of {len(pages)}" in page
        assert f"payments · prices of 2026-11-24 · catalog {catalog().name} {catalog().digest[:12]}" in page


def test_the_html_shows_the_engines_totals_and_lines_that_add_up() -> None:
    tables = Cells(render_html(comparison())).tables
    ranking = next(t for t in tables if "NPV" in " ".join(t[0]))
    assert [r[1] for r in ranking[1:]] == [o.subject.offering.name for o in comparison().ranked]
    for row, o in zip(ranking[1:], comparison().ranked, strict=True):
        expected = [o.interval(r).base for r in ("total", "npv", "total_with_labour")]
        assert [number(row[i]) for i in (2, 4, 5)] == [round(v) for v in expected]
        assert number(row[6]) == round(float(o.monthly("invoices")[0]))
    lines = [t for t in tables if t[0][0] == "Line"]
    assert len(lines) == len(comparison().ranked[:4])
    for table, o in zip(lines, comparison().ranked, strict=False):
        sums = {row[0]: number(row[-1]) for row in table if row[-1].replace(",", "").isdigit()}
        own = [ln for ln in o.priced_lines if ln.line.payer != "labour"]
        for ln in own:
            assert money(o.cost(ln)) in {row[-1] for row in table if row[0].startswith(ln.line.label)}
        total = next(v for k, v in sums.items() if k.startswith("Invoices") and "labour" not in k)
        assert total == round(o.interval("total").base)
        assert sum(o.cost(ln) for ln in own) == pytest.approx(total, abs=0.6)


def test_the_html_needs_nothing_from_elsewhere() -> None:
    text = render_html(comparison())
    assert "<script" not in text
    assert not re.search(r"<(?:img|iframe|object|embed|link|base|form)\b", text)
    assert not re.search(r"\bsrc=|@import|url\(", text)
    assert 'name="viewport"' in text
    assert "@media print" in text


@pytest.mark.parametrize("name", [EVIL, "=cmd()|' /C calc'!A0", "{{ 7 * 7 }}{% raw %}", "\\u202egnp.exe\\u0007"])
def test_a_name_is_only_text(name: str) -> None:
    result = small(name, "aws.msk-serverless")
    text = render_html(result)
    assert text.count("<script") == 0
    assert "<link" not in text
    heading = re.search(r"<h1>(.*?)</h1>", text)
    assert heading
    assert unescape(heading[1]) == re.sub("[\u202e\x07]", "", result.plan.workload.name)


def test_a_link_in_a_name_embeds_no_file() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(small(EVIL, "aws.msk-serverless")))) as opened:
        assert set(opened.attachments) == {"workload.yaml", "results.json"}
        assert EVIL in str(opened.docinfo.Title)
        for spec in opened.attachments.values():
            assert b"root:" not in spec.get_file().read_bytes()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://localhost/", "https://example.com/", "data:,x", "tco-font:../x"]
)
def test_the_fetcher_serves_packaged_fonts_and_nothing_else(address: str) -> None:
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError):
        _fetcher()(address)
    for font in _FONTS:
        assert _fetcher()(font).read()[:4] == b"OTTO"


def test_without_pango_the_message_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name.partition(".")[0] == "weasyprint":
                raise OSError("cannot load library 'libgobject-2.0-0'")

    for name in [n for n in sys.modules if n.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(InputError, match=r"libpango-1\.0-0 libpangoft2-1\.0-0 libharfbuzz-subset0.*html"):
        render_pdf(comparison())


def test_weasyprint_is_loaded_only_to_render() -> None:
    code = "import sys, tco.report.pdf; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_tie_is_said_and_nothing_is_recommended() -> None:
    text = (folder("examples") / "workloads" / "payments.yaml").read_text(encoding="utf-8")
    wide = Options(AS_OF, assumptions={"model_error": "0.9"})
    result = compare(catalog(), plan_from_text(text, "payments.yaml", catalog()), wide)
    assert len(result.tied) > 1
    shown = unescape(render_html(result))
    assert "Tied: public evidence does not decide between" in shown
    assert "Recommended" not in shown
    for o in result.tied:
        assert o.subject.offering.name in shown


def test_a_plan_that_nothing_can_carry_gives_reasons_and_no_ranking() -> None:
    result = small("nothing", **{"requirements.produce_p99": "0.01 ms"})
    assert not result.ranked
    shown = unescape(render_html(result))
    assert "No recommendation" in shown
    for o in result.outcomes:
        assert o.subject.offering.name in shown
    assert render_pdf(result).startswith(b"%PDF-")


def test_long_horizons_turn_the_page_and_production_only_is_said() -> None:
    result = small("long", "aws.msk-standard", "aws.msk-serverless", horizon="66")
    with pikepdf.open(io.BytesIO(render_pdf(result))) as opened:
        wide = [p for p in opened.pages if p.mediabox[2] > p.mediabox[3]]
        assert 0 < len(wide) < len(opened.pages)
    shown = render_html(result)
    assert "Year 6 (6 months)" in shown
    assert "Production only." in shown
