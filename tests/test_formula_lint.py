"""The formulas of the delivered workbook, as text: what a spreadsheet would take wrongly, silently or not at all."""

from __future__ import annotations

import io
import math
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.utils import column_index_from_string

from tco.analysis.compare import compare
from tco.catalog.load import Catalog, load_catalog
from tco.data import folder
from tco.report.xlsx import write_workbook
from tco.report.xlsx.canvas import Canvas
from tco.report.xlsx.grid import FIRST_MONTH, MONTH_ROW, quoted
from tco.workload.plan import plan_from_text
from tests.test_workbook import DELIVERED, OPTIONS, catalog, delivered, text_of

FUNCTIONS = {
    "ABS", "AND", "COUNTIF", "IF", "INDEX", "INT", "MATCH", "MAX", "MIN", "NPV", "OR", "ROWS", "SUM", "SUMPRODUCT",
}  # fmt: skip
#: Functions that take a range as it is; arithmetic on a range is for SUMPRODUCT alone.
TAKE_RANGES = {"COUNTIF", "INDEX", "MATCH", "MAX", "MIN", "NPV", "ROWS", "SUM", "SUMPRODUCT"}
NUMBERS = {"0", "1", "2"}
LONGEST_FORMULA, LONGEST_TEXT, LONGEST_TITLE = 8192, 255, 31
LAST_COLUMN, LAST_ROW = 16384, 1048576
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REFERENCE = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([A-Za-z_]\w*))!)?(\$?)([A-Z]{1,3})(\$?)(\d+)(?::(\$?)([A-Z]{1,3})(\$?)(\d+))?$"
)


# -- the linter ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """A cell or a range, as a formula writes it."""

    sheet: str
    quoted: bool
    absolute: tuple[bool, bool, bool, bool]  # first column, first row, last column, last row
    columns: tuple[int, int]
    rows: tuple[int, int]

    def holds(self, column: int, row: int) -> bool:
        return self.columns[0] <= column <= self.columns[1] and self.rows[0] <= row <= self.rows[1]

    def relative(self, column: int, row: int) -> str:
        """The reference as seen from a cell."""
        ends = zip((self.columns[0], self.rows[0], self.columns[1], self.rows[1]), self.absolute, strict=True)
        seen = [str(n) if fixed else f"[{n - (row if i % 2 else column)}]" for i, (n, fixed) in enumerate(ends)]
        return f"{self.sheet}!C{seen[0]}R{seen[1]}:C{seen[2]}R{seen[3]}"


@cache
def reference(text: str) -> Reference | None:
    """Read a reference; None for anything else, such as a defined name or a whole column."""
    match = REFERENCE.match(text)
    if not match:
        return None
    in_quotes, bare, a, first, b, top, c, last, d, bottom = match.groups()
    column, row = column_index_from_string(first), int(top)
    if last is None:
        c, last, d, bottom = a, first, b, top
    return Reference(
        (in_quotes or "").replace("''", "'") or bare or "",
        bool(in_quotes),
        (bool(a), bool(b), bool(c), bool(d)),
        (column, column_index_from_string(last)),
        (row, int(bottom)),
    )


def reads_as_cell(name: str) -> bool:
    """Whether a spreadsheet takes a name for a cell, in A1 or in R1C1 style."""
    match = re.fullmatch(r"([A-Za-z]{1,3})(\d+)", name)
    if match and column_index_from_string(match[1].upper()) <= LAST_COLUMN and 1 <= int(match[2]) <= LAST_ROW:
        return True
    return re.fullmatch(r"[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*", name) is not None


def findings(formula: str, sheet: str, cell: str, sheets: set[str]) -> list[str]:
    """What is wrong with a formula (with its '=') that stands in a cell."""
    found = []
    if len(formula) > LONGEST_FORMULA:
        found.append(f"longer than {LONGEST_FORMULA} characters")
    if re.search(r"https?:|ftp:|file:|\\\\", formula, re.IGNORECASE) or re.search(r"[\[\]|]", _without_text(formula)):
        found.append("refers to something outside the file")
    try:
        tokens = [t for t in _tokens(formula) if t.type != Token.WSPACE]
    except TokenizerError:
        return [*found, "is not a formula"]
    enclosing: list[str] = []
    for i, token in enumerate(tokens):
        if token.subtype == Token.OPEN and token.type in (Token.FUNC, Token.PAREN):
            enclosing.append(token.value[:-1].upper())
        elif token.subtype == Token.CLOSE and token.type in (Token.FUNC, Token.PAREN):
            enclosing.pop()
        elif token.type == Token.OPERAND:
            functions = [e for e in enclosing if e]
            found += _operand(token.value, token.subtype, functions, _alone(tokens, i), sheet, cell, sheets)
        found += _not_allowed(tokens, i)
    return found


def _not_allowed(tokens: list[Token], i: int) -> list[str]:
    """What is wrong with a function, a brace or a sign."""
    token = tokens[i]
    match token.type, token.subtype:
        case Token.FUNC, Token.OPEN if token.value[:-1].upper() not in FUNCTIONS:
            return [f"{token.value[:-1].upper()} is not on the list of functions"]
        case Token.ARRAY, _:
            return ["an array in braces"]
        case Token.OP_POST, _:
            return [f"{token.value} after a number"]
        case Token.OP_PRE, _ if _before_power(tokens, i):
            return ["a minus before a power, which Excel takes first"]
    return []


@cache
def _tokens(formula: str) -> tuple[Token, ...]:
    return tuple(Tokenizer(formula).items)


def _without_text(formula: str) -> str:
    """A formula without its texts and the names of its sheets."""
    return re.sub(r'"(?:[^"]|"")*"|\'(?:[^\'\[\]|]|\'\')*\'', "", formula)


def _alone(tokens: list[Token], i: int) -> bool:
    """Whether an operand is a whole argument of a function."""
    before, after = tokens[i - 1 : i], tokens[i + 1 : i + 2]
    opens = bool(before) and (before[0].type == Token.SEP or (before[0].type, before[0].subtype) == ("FUNC", "OPEN"))
    closes = bool(after) and (after[0].type == Token.SEP or (after[0].type, after[0].subtype) == ("FUNC", "CLOSE"))
    return opens and closes


def _before_power(tokens: list[Token], i: int) -> bool:
    """Whether what follows a sign is raised to a power; Excel takes the sign first, mathematics last."""
    depth = 0
    for at, token in enumerate(tokens[i + 1 :], i + 1):
        depth += {Token.OPEN: 1, Token.CLOSE: -1}.get(token.subtype, 0) if token.type != Token.OPERAND else 0
        if depth == 0 and token.type != Token.OP_PRE:
            return tokens[at + 1 : at + 2] != [] and tokens[at + 1].value == "^"
    return False


def _operand(
    value: str, kind: str, functions: list[str], alone: bool, sheet: str, cell: str, sheets: set[str]
) -> list[str]:
    if kind == Token.NUMBER:
        return [] if value in NUMBERS else [f"the number {value} has no cell of its own"]
    if kind == Token.TEXT:
        return [] if len(value) - 2 <= LONGEST_TEXT else [f"a text longer than {LONGEST_TEXT} characters"]
    if kind == Token.ERROR:
        return [f"the error {value}"]
    if kind != Token.RANGE:
        return []
    target = reference(value)
    if target is None:
        return [f"{value} is not a cell"]
    found = []
    if target.sheet and target.sheet not in sheets:
        found.append(f"there is no sheet {target.sheet}")
    if target.sheet and not target.quoted and reads_as_cell(target.sheet):
        found.append(f"the name of sheet {target.sheet} reads as a cell and needs quotes")
    own = reference(cell)
    assert own is not None
    if target.sheet in ("", sheet) and target.holds(own.columns[0], own.rows[0]):
        found.append(f"{value} holds the formula's own cell")
    if ":" in value and not _may_take_range(functions, alone):
        found.append(f"{value}: arithmetic on a range outside SUMPRODUCT")
    return found


def _may_take_range(functions: list[str], alone: bool) -> bool:
    if alone and functions and functions[-1] in TAKE_RANGES:
        return True
    # inside SUMPRODUCT only operators and ABS work on a whole range in every Excel; IF, AND and OR do not
    inner = list(functions)
    while inner and inner[-1] == "ABS":
        inner.pop()
    return bool(inner) and inner[-1] == "SUMPRODUCT"


def relative(formula: str, column: int, row: int) -> str:
    """A formula as seen from its cell, equal for formulas that differ only by being filled to the right."""
    parts = []
    for token in _tokens(formula):
        target = reference(token.value) if token.subtype == Token.RANGE else None
        parts.append(target.relative(column, row) if target else token.value)
    return "".join(parts)


# -- reading the file itself ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A cell as the file holds it: no library between the test and the bytes."""

    sheet: str
    at: str
    type: str
    formula: str | None
    attributes: tuple[str, ...]
    value: str | None
    text: str


def part(data: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return ElementTree.fromstring(archive.read(name))


def titles(data: bytes) -> list[str]:
    return [s.attrib["name"] for s in part(data, "xl/workbook.xml").iter(f"{MAIN}sheet")]


def cells(data: bytes) -> Iterator[Cell]:
    for i, title in enumerate(titles(data), 1):
        for c in part(data, f"xl/worksheets/sheet{i}.xml").iter(f"{MAIN}c"):
            f, v = c.find(f"{MAIN}f"), c.find(f"{MAIN}v")
            yield Cell(
                title,
                c.attrib["r"],
                c.attrib.get("t", "n"),
                None if f is None else f"={f.text or ''}",
                () if f is None else tuple(f.attrib),
                None if v is None else v.text or "",
                "".join(t.text or "" for t in c.iter(f"{MAIN}t")),
            )


@cache
def delivered_cells() -> list[Cell]:
    return list(cells(delivered("payments")[1]))


@cache
def delivered_formulas() -> list[Cell]:
    return [c for c in delivered_cells() if c.formula is not None]


def lint(found: list[Cell], sheets: set[str]) -> list[str]:
    """Findings over all formulas, each with its cell."""
    return [
        f"{c.sheet}!{c.at}: {f} in {c.formula}"
        for c in found
        if c.formula is not None
        for f in findings(c.formula, c.sheet, c.at, sheets)
    ]


def uncached(found: list[Cell]) -> list[str]:
    """Formulas whose value is missing, an error or no finite number, and array formulas."""
    wrong = []
    for c in found:
        sound = {"n": _is_number(c.value), "str": c.value is not None, "b": c.value in ("0", "1")}
        if c.attributes or not sound.get(c.type, False):
            wrong.append(f"{c.sheet}!{c.at}: {c.formula} shows {c.value!r} as {c.type} {c.attributes}")
    return wrong


def _is_number(value: str | None) -> bool:
    try:
        return value is not None and math.isfinite(float(value))
    except ValueError:
        return False


def uneven(found: list[Cell], monthly: set[str]) -> list[str]:
    """Rows whose formula is not the same in every month."""
    rows: dict[tuple[str, int], set[str]] = {}
    for c in found:
        own = reference(c.at)
        assert own is not None and c.formula is not None
        if c.sheet in monthly and own.columns[0] >= FIRST_MONTH:
            key = c.sheet, own.rows[0]
            rows.setdefault(key, set()).add(relative(c.formula, own.columns[0], own.rows[0]))
    return [f"{sheet}!{row}: {sorted(forms)[:2]}" for (sheet, row), forms in rows.items() if len(forms) > 1]


# -- the delivered workbook ----------------------------------------------------------------------------


def test_formulas_keep_the_rules() -> None:
    assert lint(delivered_formulas(), set(titles(delivered("payments")[1]))) == []


def test_there_is_something_to_lint() -> None:
    assert len(delivered_formulas()) > 20_000
    used = {t.value[:-1] for c in delivered_formulas() for t in _tokens(c.formula or "") if t.type == Token.FUNC}
    assert used - {""} == FUNCTIONS  # a function that is no longer written leaves the list


def test_every_formula_has_its_value_and_none_is_an_array() -> None:
    assert uncached(delivered_formulas()) == []


def test_a_row_has_one_formula_for_every_month() -> None:
    comparison, _ = delivered("payments")
    monthly = {c.sheet for c in delivered_cells() if c.at == f"C{MONTH_ROW}" and c.text == "month"}
    assert len(monthly) == len(comparison.outcomes) + 1
    assert uneven(delivered_formulas(), monthly) == []
    # and every row that has a formula in one month has it in all of them
    last = FIRST_MONTH + comparison.plan.workload.horizon - 1
    counts: dict[tuple[str, int], int] = {}
    for c in delivered_formulas():
        own = reference(c.at)
        if c.sheet in monthly and own is not None and own.columns[0] >= FIRST_MONTH:
            assert own.columns[0] <= last
            counts[c.sheet, own.rows[0]] = counts.get((c.sheet, own.rows[0]), 0) + 1
    assert set(counts.values()) == {comparison.plan.workload.horizon}


def test_no_name_and_no_title_is_taken_for_something_else() -> None:
    _, data = delivered("payments")
    defined = [n.attrib["name"] for n in part(data, "xl/workbook.xml").iter(f"{MAIN}definedName")]
    assert [n for n in defined if not n.startswith("_xlnm.")] == []
    assert max(map(len, titles(data))) <= LONGEST_TITLE
    assert len({t.lower() for t in titles(data)}) == len(titles(data))
    assert not [t for t in titles(data) if re.search(r"[\[\]:*?/\\]", t) or t.startswith("'") or t.endswith("'")]


def test_every_offering_gets_a_sheet_of_its_own() -> None:
    of_offerings = [i.partition(".")[2][:LONGEST_TITLE].lower() for i in DELIVERED]
    others = [t.lower() for t in titles(delivered("payments")[1]) if t.lower() not in of_offerings]
    assert len(set(of_offerings) | set(others)) == len(of_offerings) + len(others)


def test_nothing_in_the_file_leads_out_of_it() -> None:
    with zipfile.ZipFile(io.BytesIO(delivered("payments")[1])) as archive:
        names = archive.namelist()
        links = [n for n in names if n.endswith(".rels") and b'TargetMode="External"' in archive.read(n)]
        charts = "".join(archive.read(n).decode() for n in names if n.startswith("xl/charts/"))
    assert links == []
    assert not [n for n in names if re.search(r"external|connection|query|macro|vba|embed|ctrlProp|activeX", n)]
    assert not re.search(r"<(?:c:)?f>[^<]*\[", charts)


def test_lists_and_highlights_keep_the_rules() -> None:
    _, data = delivered("payments")
    sheets, lists = set(titles(data)), 0
    shown = {(c.sheet, c.at): c.text for c in delivered_cells()}
    for i, title in enumerate(titles(data), 1):
        sheet = part(data, f"xl/worksheets/sheet{i}.xml")
        for rule in sheet.iter(f"{MAIN}cfRule"):
            for formula in rule.iter(f"{MAIN}formula"):
                assert findings(f"={formula.text}", title, "A1", sheets) == []
        for validation in sheet.iter(f"{MAIN}dataValidation"):
            source = validation.findtext(f"{MAIN}formula1") or ""
            lists += 1
            if source.startswith('"'):
                assert len(source) <= LONGEST_TEXT + 2, source
                assert shown[title, validation.attrib["sqref"]] in source[1:-1].split(",")
            else:
                target = reference(source.removeprefix("="))
                assert target is not None and target.sheet in sheets, source
    assert lists > 10


# -- the linter finds what it is for -------------------------------------------------------------------

SHEETS = {"Rows", "Inputs", "msk-standard", "s3"}


@pytest.mark.parametrize(
    ("formula", "word"),
    [
        ("=SUMIFS(F1:F3,A1:A3,1)", "SUMIFS is not on the list"),
        ("=OFFSET(A1,1,1)", "OFFSET is not on the list"),
        ("=INDIRECT(A1)", "INDIRECT is not on the list"),
        ("=HYPERLINK(A1,A2)", "HYPERLINK is not on the list"),
        ("=WEBSERVICE(A1)", "WEBSERVICE is not on the list"),
        ("=CEILING(A1,1)", "CEILING is not on the list"),
        ("=_xlfn.XLOOKUP(A1,A2:A3,A4:A5)", "is not on the list"),
        ("=SUM(G5:G9)", "holds the formula's own cell"),
        ("=SUM(Rows!$G$7:$H$9)", "holds the formula's own cell"),
        ("=G7+1", "holds the formula's own cell"),
        ("=MAX('Rows'!A7:Z7)", "holds the formula's own cell"),
        ("=A1:A3*2", "arithmetic on a range outside SUMPRODUCT"),
        ("=MAX(A1:A3*2)", "arithmetic on a range outside SUMPRODUCT"),
        ("=SUM((A1:A3>1)*B1:B3)", "arithmetic on a range outside SUMPRODUCT"),
        ("=SUMPRODUCT(IF(A1:A3>1,B1:B3,0))", "arithmetic on a range outside SUMPRODUCT"),
        ("=IF(A1:A3,1,0)", "arithmetic on a range outside SUMPRODUCT"),
        ("=INDEX(A1:A3*2,1)", "arithmetic on a range outside SUMPRODUCT"),
        ("=SUM({1,2})", "an array in braces"),
        ("=A:A", "is not a cell"),
        ("=SUM(1:1)", "is not a cell"),
        ("=discount_rate*A1", "is not a cell"),
        ("=Inputs!rate", "is not a cell"),
        ("=A1*730", "the number 730"),
        ("=A1*0.5", "the number 0.5"),
        ("=A1*2.0", "the number 2.0"),
        ("=A1*1E6", "the number 1E6"),
        ("=A1*1%", "% after a number"),
        ("=[other.xlsx]Rows!A1", "outside the file"),
        ("='[other.xlsx]Rows'!A1", "outside the file"),
        ("='C:\\\\[other.xlsx]Rows'!A1", "outside the file"),
        ("=cmd|' /C calc'!A0", "outside the file"),
        ('=IF(A1,"https://example.com","")', "outside the file"),
        ("=Gone!A1", "there is no sheet Gone"),
        ("=s3!$D$4", "needs quotes"),
        ("=-A1^2", "a minus before a power"),
        ("=(-(A1+B1)^2)", "a minus before a power"),
        ("=A1*-MAX(A1,B1)^2", "a minus before a power"),
        ("=#REF!+1", "the error #REF!"),
        (f'=IF(A1,"{"x" * 256}","")', "a text longer than 255"),
        (f"=A1{'+A2' * 2800}", "longer than 8192"),
    ],
)
def test_a_poisoned_formula_is_found(formula: str, word: str) -> None:
    found = findings(formula, "Rows", "G7", SHEETS)
    assert any(word in f for f in found), found


@pytest.mark.parametrize(
    "formula",
    [
        "=SUMPRODUCT($G5:G5*(ABS(A1-(G$4-$G$4:G$4))-ABS(A1-(G$4-$G$4:G$4)-1)+1)/2)",
        "=INDEX(Inputs!$D$1:$D$9,MIN(ROWS(Inputs!$D$1:$D$9),SUMPRODUCT(--(Inputs!$C$1:$C$9<G8-A1))+1))",
        "=IF(AND(A1,B1),'msk-standard'!$D$4,0)",
        "='s3'!$D$4^2-A1^2",
        "=MAX(F7,G6)",
        "=(-A1)^2",
        '=IF(A1,"[a|b]","")',
        f'=IF(A1,"{"x" * 255}","")',
        "=SUM(G5:G6)",
        "=SUM(Inputs!G5:G9)",
    ],
)
def test_a_sound_formula_passes(formula: str) -> None:
    assert findings(formula, "Rows", "G7", SHEETS) == []


@pytest.mark.parametrize("name", ["AB12", "s3", "gp3", "XFD1048576", "R1C1", "rc", "R", "c", "r2", "a1"])
def test_names_that_read_as_a_cell(name: str) -> None:
    assert reads_as_cell(name)


@pytest.mark.parametrize("name", ["tier1", "XFE1", "A0", "A1048577", "rate", "msk", "R1C1x", "a_1"])
def test_names_that_do_not(name: str) -> None:
    assert not reads_as_cell(name)


@pytest.mark.parametrize("title", ["byoc", "msk-standard", "Cash flow", "it's", "s3", "gp3", "q1", "r1c1", "rc"])
def test_titles_are_quoted_where_they_must_be(title: str) -> None:
    assert findings(f"={quoted(title)}!$D$4", "Rows", "G7", {title}) == []


def test_an_uneven_row_is_found() -> None:
    forms = {"G7": "=G6*$D$3", "H7": "=H6*$D$3", "I7": "=I6*$D$4"}
    found = [Cell("Rows", at, "n", f, (), "1", "") for at, f in forms.items()]
    assert uneven(found[:2], {"Rows"}) == []
    assert uneven(found, {"Rows"}) != []
    # a range that grows is the same formula in every month
    growing = {"G8": "=SUM($G7:G7)", "H8": "=SUM($G7:H7)"}
    assert uneven([Cell("Rows", at, "n", f, (), "1", "") for at, f in growing.items()], {"Rows"}) == []


@pytest.mark.parametrize(
    ("kind", "value", "attributes"),
    [
        ("n", None, ()),
        ("n", "", ()),
        ("n", "nan", ()),
        ("e", "#DIV/0!", ()),
        ("b", "yes", ()),
        ("str", None, ()),
        ("n", "1", ("t",)),
    ],
)
def test_a_formula_without_a_sound_value_is_found(kind: str, value: str | None, attributes: tuple[str, ...]) -> None:
    assert uncached([Cell("Rows", "G7", kind, "=A1", attributes, value, "")]) != []


# -- text stays text -----------------------------------------------------------------------------------

HOSTILE = ["=cmd()", "+1", "-1", "@x", "\t=1+1", "=HYPERLINK(A1)", '"&cmd&"', "'=1", "a\n=1"]


def workbook_of(name: str, known: Catalog, offerings: tuple[str, ...] = ("aws.msk-serverless",)) -> bytes:
    """The workbook of the smallest example under another name."""
    text = text_of("team")
    old = yaml.safe_load(text)["name"]
    assert text.count(f"name: {old}\n") == 1
    text = text.replace(f"name: {old}\n", f"name: {_in_yaml(name)}\n")
    plan = plan_from_text(text, "team.yaml", known)
    assert plan.workload.name == name
    return write_workbook(compare(known, plan, OPTIONS, list(offerings)))


def _in_yaml(text: str) -> str:
    return '"' + "".join(c if c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'


@cache
def plain() -> list[Cell]:
    return list(cells(workbook_of("plain", catalog())))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(name: str) -> None:
    data = workbook_of(name, catalog())
    found = list(cells(data))
    assert [(c.sheet, c.at, c.formula) for c in found if c.formula] == [
        (c.sheet, c.at, c.formula) for c in plain() if c.formula
    ]
    named = [c for c in found if name in c.text]
    assert {c.sheet for c in named} >= {"Cover", "Summary"}
    assert {c.type for c in named} <= {"inlineStr", "s"}
    cover = load_workbook(io.BytesIO(data))["Cover"]["B3"]
    assert (cover.data_type, cover.value) == ("s", name)


@pytest.mark.parametrize("code", [0, 8, 0x0B, 0x1B, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_what_xml_cannot_hold_is_left_out(code: int) -> None:
    canvas = Canvas()
    sheet = canvas.sheet("Rows")
    canvas.text(sheet, 1, 1, f"before{chr(code)}after")
    value = str(sheet["A1"].value)
    assert chr(code) not in value
    assert value.startswith("before") and value.endswith("after")


@pytest.mark.parametrize("name", ["\x85", "\ue000", "\U0001f600", "line\u2028break"])
def test_a_name_of_rare_letters_arrives(name: str) -> None:
    cover = load_workbook(io.BytesIO(workbook_of(name, catalog())))["Cover"]["B3"]
    assert (cover.data_type, cover.value) == ("s", name)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_of_text_never_becomes_a_formula(text: str) -> None:
    canvas = Canvas()
    sheet = canvas.sheet("Rows")
    canvas.text(sheet, 1, 1, text)
    assert sheet["A1"].data_type == "s"
    canvas.styles.close(canvas.workbook)
    saved = io.BytesIO()
    canvas.workbook.save(saved)
    read = load_workbook(saved)["Rows"]["A1"]
    assert (read.data_type, read.value) == ("s", text)


def poisoned_catalog(tmp_path: Path, file: str, old: str, new: str) -> Catalog:
    target = tmp_path / "pricing_data"
    shutil.copytree(folder("pricing_data"), target)
    text = (target / file).read_text()
    assert old in text
    (target / file).write_text(text.replace(old, new, 1))
    return load_catalog(target)


def test_a_note_that_starts_with_a_tab_is_text(tmp_path: Path) -> None:
    sheet = yaml.safe_load((folder("pricing_data") / "model" / "assumptions.yaml").read_text())
    note = next(c["note"] for c in sheet["constants"].values() if c.get("note"))
    text = (folder("pricing_data") / "model" / "assumptions.yaml").read_text()
    old = next(w for w in (f'note: "{note}"', f"note: {note}") if w in text)
    known = poisoned_catalog(tmp_path, "model/assumptions.yaml", old, 'note: "\\t=1+1"')
    data = workbook_of("plain", known)
    noted = [c for c in cells(data) if c.text == "\t=1+1"]
    assert [c.sheet for c in noted] == ["Inputs"]
    assert [(c.type, c.formula) for c in noted] == [("inlineStr", None)]
    assert load_workbook(io.BytesIO(data))["Inputs"][noted[0].at].data_type == "s"


@pytest.mark.parametrize("label", ['Tiered "storage"', '"&A1&"', "=1"])
def test_a_label_with_quotes_stays_inside_its_text(label: str, tmp_path: Path) -> None:
    """Labels of choices stand inside a formula of the Summary."""
    old = "tiering: {label: Tiered storage,"
    known = poisoned_catalog(
        tmp_path, "offerings/aws.msk-standard.yaml", old, old.replace("Tiered storage", f"'{label}'")
    )
    data = workbook_of("plain", known, ("aws.msk-standard",))
    shown = [c for c in cells(data) if c.formula and c.sheet == "Summary" and c.at == "Q7"]
    texts = [t.value for t in _tokens(shown[0].formula or "") if t.subtype == Token.TEXT]
    assert '"' + label.lower().replace('"', '""') + ' "' in texts
    assert lint(shown, set(titles(data))) == []
