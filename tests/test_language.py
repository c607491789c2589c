"""The row language: what is read, which units meet, what is refused, and what each function gives on arrays."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, reduce
from itertools import product

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tco.catalog.load import load_catalog
from tco.data import folder
from tco.engine.book import Book, clusters_array, months_array, triple_array
from tco.engine.offering import OfferingBook, Site
from tco.engine.run import LOW_BASE_HIGH, evaluate_book
from tco.errors import InputError, Place
from tco.model.check import Checked, check
from tco.model.evaluate import CEIL_TOLERANCE, Array, Run, evaluate
from tco.model.parse import FUNCTIONS, FormulaError, parse
from tco.model.scope import Draft, Item, Scope, Table
from tco.model.tree import Arithmetic, Call, Compare, Convert, Logic, Name, Node, Number, names, walk
from tco.model.units import PURE, Unit, UnitError, Units, conversion, without_basis

PROPERTY = settings(max_examples=150, deadline=None, derandomize=True)


@cache
def units() -> Units:
    return Units(yaml.safe_load((folder("pricing_data") / "units.yaml").read_text()))


def unit(text: str) -> Unit:
    return units().parse(text)


# -- parse ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", Name("a")),
        (" price.broker_hour ", Name("price.broker_hour")),
        ("a + b * c", Arithmetic("+", Name("a"), Arithmetic("*", Name("b"), Name("c")))),
        ("a - b - c", Arithmetic("-", Arithmetic("-", Name("a"), Name("b")), Name("c"))),
        ("a ** b ** 2", Arithmetic("**", Name("a"), Arithmetic("**", Name("b"), Number(2)))),
        ("-a ** 2", Arithmetic("-", Number(0), Arithmetic("**", Name("a"), Number(2)))),
        ("a / -b", Arithmetic("/", Name("a"), Arithmetic("-", Number(0), Name("b")))),
        ("not a and b or c", Logic("or", (Logic("and", (Logic("not", (Name("a"),)), Name("b"))), Name("c")))),
        ("a + 1 <= b", Compare("<=", Arithmetic("+", Name("a"), Number(1)), Name("b"))),
        ("sum_lines()", Call("sum_lines", ())),
        (
            "min(a, max(b, 0), ceil(c))",
            Call("min", (Name("a"), Call("max", (Name("b"), Number(0))), Call("ceil", (Name("c"),)))),
        ),
    ],
)
def test_formulas_are_read_as_written(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "().__class__.__bases__[0]",
        "a.b()",
        "a().b",
        "(a + b).c",
        "min(a, b).real",
        "eval(a)",
        "open(a)",
        "lambda: a",
        "(lambda: a)()",
        "a[0]",
        "a[0:1]",
        "[a, b]",
        "(a, b)",
        "a, b",
        "{a: b}",
        "{a}",
        "[a for a in b]",
        "min(a for a in b)",
        "min(*a, b)",
        "min(a, b, key=a)",
        "min(**a)",
        "(a := b)",
        "a if b else c",
        "await a",
        "yield a",
        "f'{a}'",
        "f'{a!r:>{b}}'",
        "'a'",
        "b'a'",
        "...",
        "None",
        "a % b",
        "a // b",
        "a @ b",
        "a << b",
        "a | b",
        "a & b",
        "a ^ b",
        "~a",
        "+a",
        "a is b",
        "a in b",
        "a < b < c",
        "a = b",
        "a; b",
        "a\nb",
        "import os",
        "*a",
        "a b",
        "a +",
        "(a",
        "",
        " ",
        "a\0",
        "\ud800",
        "=a",
    ],
)  # fmt: skip
def test_nothing_else_of_python_is_read(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize(
    "number",
    ["3", "10", "730", "0.5", "2.0", "1e0", "1e999", "1j", "1_0", "0x10", "True", "False", "9**9**9**9", "a * 24"],
)
def test_a_number_needs_a_name_and_a_source(number: str) -> None:
    with pytest.raises(FormulaError, match=r"constant with a unit and a source|True and False"):
        parse(number)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_zero_one_and_two_may_stand(number: int) -> None:
    assert parse(str(number)) == Number(number)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("abs(a)", "unknown function 'abs'"),
        ("MIN(a, b)", "unknown function 'MIN'"),
        ("ceil(a, b)", "ceil takes 1 arguments, not 2"),
        ("ceil()", "ceil takes 1 arguments, not 0"),
        ("min(a)", "min takes 2 to 16 arguments, not 1"),
        ("max(" + ", ".join("a" * 17) + ")", "not 17"),
        ("if_else(a, b)", "if_else takes 3"),
    ],
)
def test_functions_are_those_of_the_language(text: str, word: str) -> None:
    with pytest.raises(FormulaError, match=word.replace("(", r"\(")):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "a + " * 200 + "a",
        "(" * 25 + "a" + ")" * 25,
        "-" * 30 + "a",
        "not " * 30 + "a",
        "a ** " * 30 + "a",
        "min(a, " * 26 + "a" + ")" * 26,
        "a" * 601,
        # nothing of the language, nested as deep as 600 characters allow
        "~" * 599 + "a",
        "+" * 599 + "a",
        "lambda:" * 80 + "a",
        "a[" * 190 + "a" + "]" * 190,
        "[" * 199 + "]" * 199,
    ],
    ids=lambda t: t[:12],
)
def test_length_and_depth_are_bounded(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_bounds_leave_room() -> None:
    assert len(names(parse(" + ".join(f"row_number_{i}" for i in range(20))))) == 20
    assert parse("(" * 24 + "a" + ")" * 24) == Name("a")


def printed(node: Node) -> str:
    """A tree as a formula, bracketed throughout."""
    match node:
        case Number(value):
            return str(value)
        case Name(name):
            return name
        case Arithmetic("-", Number(0), operand):
            return f"-({printed(operand)})"
        case Arithmetic(operator, a, b) | Compare(operator, a, b):
            return f"({printed(a)}) {operator} ({printed(b)})"
        case Logic("not", (part,)):
            return f"not ({printed(part)})"
        case Logic(operator, parts):
            return f" {operator} ".join(f"({printed(p)})" for p in parts)
        case Call(function, arguments):
            return f"{function}({', '.join(printed(a) for a in arguments)})"
    raise AssertionError("a conversion has no spelling")


WORDS = st.sampled_from(["a", "b_2", "price.broker_hour", "topic.orders.share", "_x"])


def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    two = st.tuples(inner, inner)
    calls = st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda f: st.lists(inner, min_size=FUNCTIONS[f][0], max_size=min(3, FUNCTIONS[f][1])).map(
            lambda arguments: Call(f, tuple(arguments))
        )
    )
    return st.one_of(
        st.builds(lambda o, p: Arithmetic(o, *p), st.sampled_from(["+", "-", "*", "/", "**"]), two),
        st.builds(lambda o, p: Compare(o, *p), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), two),
        st.builds(Logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
        inner.map(lambda n: Logic("not", (n,))),
        calls,
    )


FORMULAS: st.SearchStrategy[Node] = st.recursive(
    st.one_of(WORDS.map(Name), st.sampled_from([Number(0), Number(1), Number(2)])), grown, max_leaves=9
)


@PROPERTY
@given(FORMULAS)
def test_a_printed_tree_is_read_back_as_it_was(node: Node) -> None:
    text = printed(node)
    if text.count("(") <= 24 and len(text) <= 600:
        assert parse(text) == node
        assert parse(f"({text})" if text.count("(") < 24 else text) == node


# -- units ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("MiB[wire]/s", "MB[wire]/s", Fraction(1048576, 1000000)),
        ("GB[wire]", "GiB[wire]", Fraction(10**9, 2**30)),
        ("TiB[disk]", "kB[disk]", Fraction(2**40, 1000)),
        ("MB[wire]/s", "GB[wire]/hour", Fraction(36, 10)),
        ("day", "s", Fraction(86400)),
        ("days", "hour", Fraction(24)),
        ("year", "month", Fraction(12)),
        ("%", "1", Fraction(1, 100)),
        ("USD/(broker*hour)", "USD/broker/day", Fraction(24)),
        ("USD/(1000*request)", "USD/Mrequest", Fraction(1000)),
        ("cluster*(15*min)", "cluster*hour", Fraction(1, 4)),
        ("1.5*s", "ms", Fraction(1500)),
        ("vcpu*month", "month*vcpu", Fraction(1)),
    ],
)
def test_conversions_are_exact(source: str, target: str, factor: Fraction) -> None:
    assert conversion(unit(source), unit(target)) == factor
    assert conversion(unit(target), unit(source)) == 1 / factor


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("GB[wire]", "GB[replicated]"),
        ("GB[wire]", "GB[raw]"),
        ("GB[wire]/s", "GB[wire]"),
        ("partition", "replica"),
        ("month", "hour"),
        ("year", "day"),
        ("broker", "cluster"),
        ("USD/hour", "USD/month"),
        ("broker", "1"),
    ],
)
def test_different_things_do_not_convert(left: str, right: str) -> None:
    assert not unit(left).converts_to(unit(right))
    with pytest.raises(UnitError, match="cannot turn"):
        conversion(unit(left), unit(right))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("GB", r"does not say which bytes; .*GB\[wire\]"),
        ("GB[cold]", "unknown basis 'cold'"),
        ("USD[wire]", "takes no basis"),
        ("Gib[wire]", "did you mean GiB"),
        ("EUR", "unknown unit 'EUR'"),
        ("", "too early"),
        ("GB[wire]*", "too early"),
        ("/s", "stands where a unit should"),
        ("(s", "not closed"),
        ("s)", "is not a unit"),
        ("s s", "is not a unit"),
        ("s**2", "stands where a unit should"),
        ("-1*s", "cannot read"),
        ("GB[wire]]", "cannot read"),
        ("(" * 60 + "s", "not closed"),
        ("s*" * 60 + "s", "longer than"),
        ("1/0", "0"),
        ("MB[wire]/0", "0"),
        ("0*USD", "0"),
    ],
)
def test_what_is_no_unit(text: str, word: str) -> None:
    with pytest.raises(UnitError, match=word):
        unit(text)


@pytest.mark.parametrize("text", ["broker", "partition", "1", "%", "Mrequest", "vcpu"])
def test_counts_can_be_rounded_up(text: str) -> None:
    assert units().is_count(unit(text))


@pytest.mark.parametrize("text", ["GB[wire]", "broker/s", "1/s", "hour", "cluster*hour", "USD", "month", "USD/broker"])
def test_bytes_time_money_and_rates_are_no_counts(text: str) -> None:
    assert not units().is_count(unit(text))


ATOMS = [
    "s", "hour", "days", "month", "year", "%", "USD", "broker", "cluster", "krequest", "Mevent",
    "MB[wire]", "GiB[wire]", "GB[raw]", "TiB[replicated]", "kB[disk]",
]  # fmt: skip
UNITS: st.SearchStrategy[Unit] = st.recursive(
    st.sampled_from(ATOMS).map(unit),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]), st.tuples(inner, inner).map(lambda p: p[0] / p[1])
    ),
    max_leaves=5,
)


@PROPERTY
@given(UNITS, st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3))
def test_conversion_round_trips(a: Unit, others: list[str]) -> None:
    # the same dimensions by another way: times and divided by the same
    b = reduce(lambda u, t: u * unit(t) / unit(ATOMS[0]) / unit(t) * unit("hour"), others, a)
    assert a.converts_to(b)
    assert conversion(a, b) * conversion(b, a) == 1
    assert conversion(a, a.canonical()) == conversion(a, b) * conversion(b, a.canonical())


@PROPERTY
@given(UNITS)
def test_a_spelled_unit_is_read_back(a: Unit) -> None:
    if len(str(a)) <= 120:
        assert unit(str(a)).same_as(a)


@PROPERTY
@given(UNITS, UNITS, UNITS)
def test_units_multiply_and_divide(a: Unit, b: Unit, c: Unit) -> None:
    assert (a * b).same_as(b * a)
    assert ((a * b) / b).same_as(a)
    assert (a / (b * c)).same_as(a / b / c)
    assert (a / (b / c)).same_as(a * c / b)


def test_a_reader_may_not_need_the_basis() -> None:
    assert without_basis("GB[wire]*month") == "GB*month"


# -- check ---------------------------------------------------------------------------------------------

GIVEN = {
    "wire": "GB[wire]", "mib": "MiB[wire]", "copies": "GB[replicated]", "raw": "GB[raw]", "speed": "MB[wire]/s",
    "cap": "MiB[wire]/(broker*s)", "brokers": "broker", "clusters": "cluster", "partitions": "partition",
    "replicas": "replica", "hours": "hour/month", "months": "month", "week": "day", "years": "year",
    "price": "USD/GB[wire]", "price_gib": "USD/GiB[wire]", "money": "USD", "share": "1",
    "percent": "%", "requests": "request/s",
}  # fmt: skip
MONTHLY = {"wire", "speed", "money"}
BANDS = Table("bands", unit("GB[wire]"), unit("USD/GB[wire]"), (0.0, 10.0), ((0.1,) * 3, (0.05, 0.06, 0.07)), True)
SIZES = Table("sizes", unit("broker"), unit("USD"), (1.0, 3.0, 9.0), ((5.0,) * 3, (7.0,) * 3, (8.0,) * 3))
ITEMS = {n: Item(n, n, unit(u), "input", monthly=n in MONTHLY, uncertain=n == "price") for n, u in GIVEN.items()}
ITEMS["each"] = Item("each", "each", unit("broker"), "input", per_cluster=True)
SCOPE = Scope(ITEMS, {"bands": BANDS, "sizes": SIZES})


def checked(formula: str, declared: str) -> Checked:
    return check(parse(formula), unit(declared), SCOPE, units())


def factors(formula: str, declared: str) -> list[Fraction]:
    return [n.factor for n in walk(checked(formula, declared).node) if isinstance(n, Convert)]


@pytest.mark.parametrize(
    ("formula", "declared", "converted"),
    [
        ("wire + mib", "GB[wire]", [Fraction(2**20, 10**9)]),
        ("mib + wire", "MiB[wire]", [Fraction(10**9, 2**20)]),
        ("mib + wire", "GB[wire]", [Fraction(2**20, 10**9), Fraction(10**9, 2**20)]),
        ("max(0, wire, mib)", "GB[wire]", [Fraction(2**20, 10**9)]),
        ("wire > mib", "1", [Fraction(2**20, 10**9)]),
        ("ceil(speed / cap)", "broker", [Fraction(10**6, 2**20)]),
        ("wire * price", "USD", []),
        ("wire * price_gib", "USD", [Fraction(10**9, 2**30)]),
        ("if_else(share, wire, mib)", "GB[wire]", [Fraction(2**20, 10**9)]),
        ("trailing(wire, years)", "GB[wire]", [Fraction(12)]),
        ("tiered(mib, bands)", "USD", [Fraction(2**20, 10**9)]),
        ("brokers * hours * months", "broker*hour", []),
        ("percent ** share", "1", [Fraction(1, 100)]),
        ("share", "%", [Fraction(100)]),
        ("0", "USD", []),
        ("0 * wire", "broker", []),
        ("min(0, 0)", "USD", []),
        ("-wire", "GB[wire]", []),
        ("ratio(copies, wire)", "GB[replicated]/GB[wire]", []),
        ("step_up(sizes, brokers)", "USD", []),
        ("sum_horizon(wire)", "GB[wire]", []),
        ("sum_clusters(each)", "broker", []),
    ],
)  # fmt: skip
def test_conversion_only_where_two_meet(formula: str, declared: str, converted: list[Fraction]) -> None:
    assert factors(formula, declared) == converted


@pytest.mark.parametrize(
    ("formula", "declared", "word"),
    [
        ("wire + copies", "GB[wire]", "'+' joins GB[wire] and GB[replicated]"),
        ("wire - raw", "GB[wire]", "'-' joins GB[wire] and GB[raw]"),
        ("partitions - replicas", "partition", "'-' joins"),
        ("min(wire, copies)", "GB[wire]", "min joins"),
        ("max(0, wire, share)", "GB[wire]", "max joins"),
        ("wire > copies", "1", "'>' joins"),
        ("wire == speed", "1", "'==' joins"),
        ("brokers < 2", "1", "'<' joins broker and 1"),
        ("wire + 1", "GB[wire]", "'+' joins GB[wire] and 1"),
        ("if_else(share, wire, copies)", "GB[wire]", "if_else joins"),
        ("wire", "GB[replicated]", "the formula gives GB[wire], the row declares GB[replicated]"),
        ("wire * price", "GB[wire]", "the row declares GB[wire]"),
        ("hours", "cluster*hour", "the row declares cluster*hour"),
        ("brokers * hours", "broker*hour", "the row declares broker*hour"),
        ("months", "hour", "the formula gives month"),
        ("week + months", "day", "'+' joins day and month"),
        ("ceil(speed)", "MB[wire]/s", "ceil rounds up things that are counted"),
        ("ceil(wire)", "GB[wire]", "ceil rounds up things that are counted"),
        ("ceil(requests)", "request/s", "ceil rounds up things that are counted"),
        ("ceil(week)", "day", "ceil rounds up things that are counted"),
        ("ceil(money)", "USD", "ceil rounds up things that are counted"),
        ("wire ** 2", "GB[wire]", "the base of ** must be a pure number"),
        ("share ** months", "1", "the exponent of ** must be a pure number"),
        ("wire and share", "1", "'and' must be a pure number"),
        ("not brokers", "1", "'not' must be a pure number"),
        ("if_else(brokers, 1, 2)", "1", "the condition of if_else"),
        ("share / 0", "1", "division by 0"),
        ("share / (0 * wire)", "1", "division by 0"),
        ("wires + wire", "GB[wire]", "unknown name 'wires'; did you mean wire"),
        ("price.broker_hour * brokers", "USD", "unknown name 'price.broker_hour'"),
        ("wire.__class__", "GB[wire]", "unknown name 'wire.__class__'"),
        ("bands * wire", "USD", "'bands' is a table"),
        ("tiered(wire, price)", "USD", "tiered needs the name of a table"),
        ("tiered(bands, wire)", "USD", "tiered needs the name of a table"),
        ("lookup(brokers, sizes)", "USD", "lookup needs the name of a table"),
        ("step_up(sizes, clusters)", "USD", "table sizes is keyed by broker, not by cluster"),
        ("tiered(copies, bands)", "USD", "table bands is keyed by GB[wire], not by GB[replicated]"),
        ("trailing(wire, week)", "GB[wire]", "the window of trailing is in month, not day"),
        ("trailing(wire + mib, months)", "GB[wire]", "by name, not on an expression"),
        ("previous(2 * share)", "1", "by name, not on an expression"),
        ("sum_horizon(-money)", "USD", "by name, not on an expression"),
        ("sum_clusters(each + brokers)", "broker", "by name, not on an expression"),
    ],
)  # fmt: skip
def test_what_the_check_refuses(formula: str, declared: str, word: str) -> None:
    with pytest.raises(FormulaError) as error:
        checked(formula, declared)
    assert word in str(error.value)


@pytest.mark.parametrize(
    ("formula", "declared", "monthly", "per_cluster", "uncertain"),
    [
        ("brokers + each", "broker", False, True, False),
        ("wire * price", "USD", True, False, True),
        ("sum_clusters(each)", "broker", False, False, False),
        ("sum_horizon(wire)", "GB[wire]", False, False, False),
        ("sum_horizon(wire) + mib", "GB[wire]", False, False, False),
        ("running_max(wire)", "GB[wire]", True, False, False),
        ("tiered(mib, bands)", "USD", False, False, True),
        ("step_up(sizes, each)", "USD", False, True, False),
        ("max(max_horizon(speed), speed)", "MB[wire]/s", True, False, False),
    ],
)
def test_what_a_row_varies_with(formula: str, declared: str, monthly: bool, per_cluster: bool, uncertain: bool) -> None:
    found = checked(formula, declared)
    assert (found.monthly, found.per_cluster, found.uncertain) == (monthly, per_cluster, uncertain)


def book() -> Book:
    result = Book(units(), tables=dict(SCOPE.tables))
    for item in ITEMS.values():
        result.give(item, np.ones((1, 1, 1, 1)), "given")
    return result


def draft(name: str, declared: str, formula: str, line: int) -> Draft:
    return Draft(name, name, declared, formula, "rows", Place("sheet.yaml", line, 5))


def no_lines(function: str, arguments: tuple[Node, ...]) -> list[str] | None:
    return None


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ({"a": "b + share", "b": "c", "c": "a * 2"}, "rows depend on each other: a -> b -> c -> a"),
        ({"a": "a"}, "sheet.yaml:1:5: cycle: rows depend on each other: a -> a"),
        ({"a": "previous(b)", "b": "a + share"}, "cycle: rows depend on each other: a -> b -> a"),
        ({"a": "share", "b": "wire"}, "sheet.yaml:2:5: bad-formula: b: the formula gives GB[wire], the row declares 1"),
        ({"a": "nope"}, "sheet.yaml:1:5: bad-formula: a: unknown name 'nope'"),
        ({"a": "3 * share"}, "sheet.yaml:1:5: bad-formula: a: literal 3"),
        ({"share": "1"}, "'share' is already defined"),
        ({"a": "sum_lines(vendor)"}, "sum_lines cannot be used here"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_row(rows: dict[str, str], finding: str) -> None:
    with pytest.raises(InputError) as error:
        book().define([draft(n, "1", f, i) for i, (n, f) in enumerate(rows.items(), 1)], {}, no_lines)
    assert finding in str(error.value)


def test_all_mistakes_in_one_run_and_only_first_causes() -> None:
    rows = {"a": "3", "b": "a + share", "c": "wire", "d": "share"}
    with pytest.raises(InputError) as error:
        book().define([draft(n, "1", f, i) for i, (n, f) in enumerate(rows.items(), 1)], {}, no_lines)
    assert [f.place.line for f in error.value.findings] == [1, 3]


def test_rows_run_in_the_order_of_their_needs() -> None:
    found = book()
    rows = {"last": "middle * 2", "middle": "first + share", "first": "share"}
    found.define([draft(n, "1", f, i) for i, (n, f) in enumerate(rows.items(), 1)], {}, no_lines)
    assert found.order == ["first", "middle", "last"]


def test_sum_lines_adds_up_what_it_is_given() -> None:
    found = book()
    found.define(
        [draft("a", "GB[wire]", "2 * sum_lines(vendor)", 1), draft("none", "USD", "sum_lines(cloud)", 2)],
        {},
        lambda _, arguments: ["wire", "mib", "wire"] if arguments == (Name("vendor"),) else [],
    )
    values = {"wire": scalar(5), "mib": scalar(1e9 / 2**20)}
    assert value_of(found.items["a"].node, values) == pytest.approx(22)
    assert value_of(found.items["none"].node, values) == 0


# -- evaluate ------------------------------------------------------------------------------------------

HORIZON = 6
RANDOM = np.random.default_rng(20261124)
#: (evidence, configuration, cluster, month), of length 1 where a value does not vary.
VALUES: dict[str, Array] = {
    "x": RANDOM.uniform(-3, 12, (3, 4, 2, HORIZON)),
    "y": np.where(RANDOM.random((1, 4, 1, HORIZON)) < 0.3, 0.0, RANDOM.uniform(-3, 12, (1, 4, 1, HORIZON))),
    "z": RANDOM.uniform(0.1, 4, (3, 1, 1, 1)),
    "w": RANDOM.uniform(0, 9, (1, 1, 2, 1)),
    "flag": RANDOM.integers(0, 2, (1, 4, 2, 1)).astype(float),
}
COUNTS = clusters_array((2.0, 5.0))
TABLES = {
    "bands": Table("bands", PURE, PURE, (0.0, 2.0, 5.0), ((0.3, 0.4, 0.5), (0.2, 0.2, 0.2), (0.0, 0.1, 0.3)), True),
    "sizes": Table("sizes", PURE, PURE, (1.0, 2.0, 4.0, 8.0), ((1.0,) * 3, (2.0,) * 3, (3.0,) * 3, (5.0, 6.0, 7.0))),
}


def scalar(value: float) -> Array:
    return np.full((1, 1, 1, 1), float(value))


def run(values: Mapping[str, Array], horizon: int = HORIZON, evidence: tuple[int, ...] = (0, 1, 2)) -> Run:
    return Run(values, TABLES, COUNTS, True, evidence, horizon)


def value_of(node: Node | None, values: Mapping[str, Array]) -> float:
    assert node is not None
    result = evaluate(node, run(values, 1, (1,)))
    assert result.shape == (1, 1, 1, 1)
    return float(result.item())


def months(formula: str, **rows: list[float]) -> list[float]:
    """A formula over rows of one cluster, month by month."""
    horizon = max(len(r) for r in rows.values())
    result = evaluate(parse(formula), run({n: months_array(r) for n, r in rows.items()}, horizon, (1,)))
    return [float(v) for v in np.broadcast_to(result, (1, 1, 1, horizon)).ravel()]


FUNCTION_FORMULAS = [
    "x + y", "x - y", "x * y", "x / z", "z ** x", "x < y", "x >= z", "x == y", "x != y", "flag and x > y", "flag or y",
    "not y", "min(x, y, z)", "max(x, 0)", "ceil(x)", "if_else(flag, x, y)", "ratio(x, y)", "ratio(z, flag)",
    "lookup(sizes, z)", "step_up(sizes, x)", "tiered(x, bands)", "tiered(w, bands)", "trailing(x, w)", "trailing(x, z)",
    "trailing(z, w)", "previous(x)", "previous(z)", "running_max(x)", "running_max(w)", "sum_horizon(x)",
    "sum_horizon(z)", "max_horizon(x)", "max_horizon(flag)", "-x * 2 + 1",
]  # fmt: skip


@pytest.mark.parametrize("formula", FUNCTION_FORMULAS)
def test_arrays_give_what_each_slice_gives(formula: str) -> None:
    """Evidence, configurations and clusters at once, against one at a time."""
    node = parse(formula)
    whole = np.broadcast_to(evaluate(node, run(VALUES)), (3, 4, 2, HORIZON))
    for e, c, k in product(range(3), range(4), range(2)):
        one = {
            n: v[np.ix_(*([min(i, s - 1)] for i, s in zip((e, c, k), v.shape[:3], strict=True)), range(v.shape[3]))]
            for n, v in VALUES.items()
        }
        part = np.broadcast_to(evaluate(node, run(one, evidence=(e,))), (1, 1, 1, HORIZON))
        assert np.array_equal(whole[e, c, k], part.ravel()), (formula, e, c, k)


def test_every_function_is_evaluated_on_arrays() -> None:
    used = {n.function for f in FUNCTION_FORMULAS for n in walk(parse(f)) if isinstance(n, Call)}
    assert used | {"sum_lines", "sum_topics", "sum_clusters", "of_cluster"} == set(FUNCTIONS)


def test_clusters_are_added_up_by_their_counts() -> None:
    found = evaluate(parse("sum_clusters(x)"), run(VALUES))
    assert found.shape == (3, 4, 1, HORIZON)
    assert found[:, :, 0] == pytest.approx(VALUES["x"][:, :, 0] * 2 + VALUES["x"][:, :, 1] * 5)
    apart = evaluate(parse("sum_clusters(x)"), Run(VALUES, TABLES, COUNTS, False, (0, 1, 2), HORIZON))
    assert np.array_equal(apart, VALUES["x"])
    # a row that does not differ between clusters counts once for each of the seven
    assert evaluate(parse("sum_clusters(z)"), run(VALUES)) == pytest.approx(VALUES["z"] * 7)


def test_one_cluster_of_a_row() -> None:
    node = Call("of_cluster", (Name("x"), Number(1)))
    for pooled in (True, False):
        found = evaluate(node, Run(VALUES, TABLES, COUNTS, pooled, (0, 1, 2), HORIZON))
        assert np.array_equal(found, VALUES["x"][:, :, 1:])
    assert np.array_equal(evaluate(Call("of_cluster", (Name("z"), Number(1))), run(VALUES)), VALUES["z"])


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        ((0.1 + 0.2) * 10, 3),
        (3 + 0.9e-6, 3),
        (3 + 1.1e-6, 4),
        (3 - 1e-9, 3),
        (2.5, 3),
        (0.0, 0),
        (1e-9, 0),
        (-0.5, 0),
        (-2.5, -2),
        (1e12, 1e12),
        (1e12 + 0.5, 1e12 + 1),
    ],
)
def test_ceil_forgives_a_millionth(number: float, rounded: float) -> None:
    result = value_of(parse("ceil(x)"), {"x": scalar(number)})
    assert result == rounded
    assert math.copysign(1, result) > 0 or rounded < 0  # never -0, which reports would show


@PROPERTY
@given(st.integers(-1000, 10**6), st.floats(-0.999e-6, 0.999e-6))
def test_ceil_of_nearly_whole_is_whole(whole: int, off: float) -> None:
    assert value_of(parse("ceil(x)"), {"x": scalar(whole + off * (1 - 1e-3))}) == whole


@pytest.mark.parametrize(
    ("a", "b", "larger"),
    [
        (1.0, 1.0, 0),
        (1 + 0.9e-9, 1.0, 0),
        (1 + 1.2e-9, 1.0, 1),
        (1e12 + 900, 1e12, 0),
        (1e12 + 1100, 1e12, 1),
        (2e-12, 1e-12, 1),
        (1e-30, 0.0, 1),
        (0.0, 0.0, 0),
        (-1.0, 1.0, 0),
    ],
)
def test_comparisons_are_relative(a: float, b: float, larger: int) -> None:
    smaller = int(not larger and a < b - 0.5)
    expected = {">": larger, "<=": 1 - larger, "<": smaller, ">=": 1 - smaller, "==": 1 - max(larger, smaller)}
    expected["!="] = 1 - expected["=="]
    for operator, wanted in expected.items():
        assert value_of(parse(f"x {operator} y"), {"x": scalar(a), "y": scalar(b)}) == wanted, operator


@PROPERTY
@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15))
def test_comparisons_agree_with_each_other(a: float, b: float) -> None:
    v = {"x": scalar(a), "y": scalar(b)}
    more, less, same = (value_of(parse(f"x {o} y"), v) for o in (">", "<", "=="))
    assert more + less + same == 1
    assert value_of(parse("x >= y"), v) == 1 - less
    assert value_of(parse("x <= y"), v) == 1 - more
    assert value_of(parse("x != y"), v) == 1 - same


def test_a_ratio_to_nothing_is_nothing() -> None:
    with np.errstate(all="raise"):
        assert months("ratio(x, y)", x=[6.0, 6.0, 0.0, -6.0], y=[3.0, 0.0, 0.0, -0.0]) == [2.0, 0.0, 0.0, 0.0]


def test_if_else_takes_one_side() -> None:
    assert months("if_else(c, x, y)", c=[0.0, 1.0, -1.0, 2.0], x=[1.0] * 4, y=[9.0] * 4) == [9.0, 1.0, 1.0, 1.0]


EDGES = st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(lambda k: [0, *sorted(k)])
BAND_PRICES = st.lists(st.integers(0, 500), min_size=7, max_size=7)


def tiered(quantity: float, keys: list[int], prices: list[int]) -> float:
    values = tuple((p / 128,) * 3 for p in prices)
    table = Table("t", PURE, PURE, tuple(map(float, keys)), values)
    node = parse("tiered(x, t)")
    return float(evaluate(node, Run({"x": scalar(quantity)}, {"t": table}, COUNTS, True, (1,), 1)).item())


def integral(quantity: Fraction, keys: list[int], prices: list[int]) -> Fraction:
    """What each band holds, times its price, band by band."""
    total = Fraction(0)
    for i, (lower, price) in enumerate(zip(keys, prices, strict=False)):
        upper = Fraction(keys[i + 1]) if i + 1 < len(keys) else quantity
        total += max(Fraction(0), min(quantity, upper) - lower) * Fraction(price, 128)
    return total


@PROPERTY
@given(st.floats(-10, 1e9), EDGES, BAND_PRICES)
def test_tiered_is_the_exact_integral(quantity: float, keys: list[int], prices: list[int]) -> None:
    prices = prices[: len(keys)]
    # bands cancel in floats up to the size of what they add up to
    scale = sum(abs(p) for p in prices) / 128 * max(1.0, abs(quantity)) * 1e-12
    assert tiered(quantity, keys, prices) == pytest.approx(float(integral(Fraction(quantity), keys, prices)), abs=scale)


@PROPERTY
@given(st.integers(0, 1000), st.integers(0, 64), EDGES, BAND_PRICES)
def test_tiered_never_falls_and_never_jumps(start: int, more: int, keys: list[int], prices: list[int]) -> None:
    prices = prices[: len(keys)]
    low, high = tiered(start, keys, prices), tiered(start + more / 64, keys, prices)
    assert low <= high <= low + more / 64 * max(prices) / 128


@pytest.mark.parametrize("edge", [0, 10, 50])
def test_tiered_at_its_edges(edge: int) -> None:
    keys, prices = [0, 10, 50], [256, 128, 64]
    exact = float(integral(Fraction(edge), keys, prices))
    assert tiered(edge, keys, prices) == exact
    assert tiered(math.nextafter(edge, 1e9), keys, prices) == pytest.approx(exact, abs=1e-12)
    assert tiered(edge - 1e-9, keys, prices) == pytest.approx(exact, abs=1e-8)
    assert tiered(-5, keys, prices) == 0


@PROPERTY
@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=6, unique=True).map(sorted),
    st.lists(st.one_of(st.floats(-60, 60), st.integers(-55, 55).map(float)), min_size=1, max_size=5),
    st.sampled_from([0.0, 1e-9, -1e-9, 9e-7, -9e-7, 1.1e-6, 0.25]),
)
@pytest.mark.parametrize("function", ["lookup", "step_up"])
def test_the_first_key_not_below(function: str, keys: list[int], asked: list[float], off: float) -> None:
    table = Table("t", PURE, PURE, tuple(map(float, keys)), tuple((i, i + 100.0, i + 200.0) for i in range(len(keys))))
    key = np.asarray([a + off for a in asked]).reshape(1, 1, 1, -1)
    found = evaluate(parse(f"{function}(t, x)"), Run({"x": key}, {"t": table}, COUNTS, True, (0, 1, 2), len(asked)))
    for i, a in enumerate(key.ravel()):
        at = next((j for j, k in enumerate(keys) if not k < a - CEIL_TOLERANCE), len(keys) - 1)
        assert at == min(bisect_left(keys, a - CEIL_TOLERANCE), len(keys) - 1)
        assert found[:, 0, 0, i].tolist() == [at, at + 100.0, at + 200.0]


ROW = st.lists(st.integers(0, 4096).map(lambda n: n / 16), min_size=1, max_size=24)


@PROPERTY
@given(ROW, st.integers(0, 1600).map(lambda n: n / 64))
def test_trailing_sums_the_last_months(row: list[float], window: float) -> None:
    found = months("trailing(x, w)", x=row, w=[window])
    for m in range(len(row)):
        whole = int(window)
        wanted = sum(row[max(0, m - whole + 1) : m + 1]) if whole else 0.0
        wanted += row[m - whole] * (window - whole) if m - whole >= 0 else 0.0
        assert found[m] == pytest.approx(wanted)


def test_trailing_with_a_window_of_its_own_each_month() -> None:
    assert months("trailing(x, w)", x=[1.0, 2.0, 4.0, 8.0], w=[0.0, 1.0, 2.5, 100.0]) == [0.0, 2.0, 6.5, 15.0]


@PROPERTY
@given(ROW)
def test_previous_shifts(row: list[float]) -> None:
    assert months("previous(x)", x=row) == [0.0, *row[:-1]]


@PROPERTY
@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=24))
def test_running_max_never_falls(row: list[float]) -> None:
    found = months("running_max(x)", x=row)
    assert found == [max(0.0, *row[: m + 1]) for m in range(len(row))]
    assert months("running_max(x)", x=found) == found
    assert months("running_max(running_max(x))", x=row) == found


@PROPERTY
@given(ROW)
def test_sums_and_largest_over_the_horizon(row: list[float]) -> None:
    assert months("sum_horizon(x)", x=row) == [pytest.approx(sum(row))] * len(row)
    assert months("max_horizon(x)", x=row) == [max(row)] * len(row)
    assert months("-max_horizon(y)", y=[-v for v in row]) == [min(row)] * len(row)


def test_a_constant_counts_every_month() -> None:
    values = {"x": scalar(2.5)}
    assert evaluate(parse("sum_horizon(x)"), run(values)).ravel().tolist() == [15.0]
    assert evaluate(parse("trailing(x, x)"), run(values)).ravel().tolist() == [2.5, 5.0, 6.25, 6.25, 6.25, 6.25]
    assert evaluate(parse("previous(x)"), run(values)).ravel().tolist() == [0.0, *[2.5] * 5]


@pytest.mark.parametrize(
    ("formula", "month"),
    [
        ("x / (y - 2)", 2),
        ("(x - 1) ** (1 / 2)", 1),
        ("(1 + x) ** (2 ** (2 ** (2 ** (2 + y + y))))", 1),
        ("0 - 1 / (y - y)", 1),
    ],
)
def test_what_is_not_finite_is_named_with_its_row(formula: str, month: int) -> None:
    rows = Book(units())
    rows.give(Item("cluster.count", "count", PURE, "input"), 1.0, "given")
    rows.give(Item("x", "x", PURE, "input", monthly=True), months_array([0.5, 0.25, 0.75]), "given")
    rows.give(Item("y", "y", PURE, "input", monthly=True), months_array([1.0, 2.0, 3.0]), "given")
    rows.define([draft("fine", "1", "x + y", 1), draft("broken", "1", formula, month)], {}, no_lines)
    offering = next(iter(load_catalog(folder("pricing_data")).offerings.values()))
    subject = OfferingBook(offering, rows, Site("aws", "us-east-1"), [], {}, [], [], [])
    with pytest.raises(InputError) as error:
        evaluate_book(subject, [[{}]], True, LOW_BASE_HIGH, 3)
    assert f"sheet.yaml:{month}:5: not-a-number: row 'broken'" in str(error.value)
    assert formula in str(error.value)


def test_evidence_of_an_interval_stays_an_interval() -> None:
    values = {"price": triple_array((1.0, 2.0, 4.0)), "x": months_array([1.0, 3.0])}
    assert evaluate(parse("x * price"), run(values, 2))[:, 0, 0].tolist() == [[1, 3], [2, 6], [4, 12]]
    assert triple_array((2.0, 2.0, 2.0)).shape == (1, 1, 1, 1)
