"""Rows of the catalog's shared sheets as drafts."""

from __future__ import annotations

from tco.catalog.load import Catalog
from tco.catalog.schema import Row
from tco.catalog.yamlfile import Document
from tco.model.scope import Draft


def sheet_drafts(catalog: Catalog, sheet: str) -> list[Draft]:
    """Rows of a shared sheet as drafts."""
    document = catalog.documents[sheet]
    return [row_draft(name, row, sheet, document) for name, row in catalog.sheets[sheet].rows.items()]


def row_draft(name: str, row: Row, sheet: str, document: Document) -> Draft:
    """Turn a row of a file into a draft that knows its place."""
    return Draft(name, row.label, row.unit, row.formula, sheet, document.place("rows", name, "formula"), row.note)
