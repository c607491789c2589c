"""The row language: units, parsing, checking, evaluating, explaining, writing to Excel."""
