"""The workbook: every row a live formula with the engine's value cached beside it."""

from tco.report.xlsx.workbook import write_workbook

__all__ = ["write_workbook"]
