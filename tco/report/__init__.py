"""Reports: terminal, workbook, PDF, HTML, Markdown, CSV, JSON. They emit rows and results and compute nothing."""
