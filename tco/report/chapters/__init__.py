"""The chapters of the report: from a comparison to finished text, one module a chapter."""
