"""How the tests run: the longest first, those that share something large in one process."""

from __future__ import annotations

import gc

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]

#: Started first, so that at the end no process waits for a long one; a test that is not here only starts later.
LONGEST = (
    "test_engine.py::test_more_work_is_never_cheaper",
    "test_workbook.py::test_every_formula",
    "test_formula_lint.py::",
    "test_reports.py::test_all_reports",
    "test_cli.py::test_every_example_of_every_help_runs[report]",
    "test_cli.py::test_the_readme_can_be_followed",
    "test_compare.py::test_the_workbook",
    "test_report_pdf.py::",
    "test_estate_report.py::",
    "test_excel_functions.py::",
    "test_release.py::",
    "test_workbook.py::",
    "test_oracle.py::",
)
#: Files whose tests share what takes seconds to make: a PDF, two recalculations, a release, a list of all formulas.
TOGETHER = (
    "test_estate_report.py",
    "test_excel_functions.py",
    "test_formula_lint.py",
    "test_release.py",
    "test_report_pdf.py",
)


def name_of(nodeid: str) -> str:
    """A test's file and name, without folders."""
    file, _, name = nodeid.partition("::")
    return f"{file.rpartition('/')[2]}::{name}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        name = name_of(item.nodeid)
        return next((i for i, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is loaded by now stays, and workbooks are made of so many cells that looking for cycles took long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to the process that is free, the tests of some files to one."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if name_of(nodeid).startswith(TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)
