"""`based_on`: an offering file that gives only what differs from another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tco.catalog.yamlfile import Document, Path_
from tco.errors import Finding, InputError

KEY, WHOLE = "based_on", "replaces"


def completed(name: str, documents: Mapping[str, Document], above: tuple[str, ...] = ()) -> Document:
    """Return a document with what it leaves to the one it is based on.

    Mappings are merged key by key, null takes a key out, and lists and text stand instead of those of the base.
    `replaces` names mappings, such as `tables.size.rows`, that stand instead of the base's as well.
    Places of what is taken over are those of the base's file.

    Args:
        name: id of the offering.
        documents: all of them by id.
        above: those that lead to it.

    Raises:
        InputError: a base that is not there or leads back to the file, a null where there is nothing to take out, or
            a replacement that is not given.
    """
    own = documents[name]
    base = own.data.get(KEY) if isinstance(own.data, dict) else None
    if base is None:
        return own
    if base in (name, *above) or base not in documents:
        why = "leads back here" if base in (name, *above) else "is no offering"
        raise InputError.one(own.place(KEY), "bad-base", f"'{base}' {why}; name the id of another offering")
    below = completed(base, documents, (name, *above))
    findings: list[Finding] = []
    said = {k: v for k, v in own.data.items() if k not in (KEY, WHOLE)}
    data = _merged(_less(below.data, own, findings), said, own, (), findings)
    if findings:
        raise InputError(findings)
    return Document(own.file, data, below.marks | own.marks)


def _less(base: Any, own: Document, findings: list[Finding]) -> Any:
    """The base without the mappings that the document gives whole."""
    wanted = own.data.get(WHOLE, [])
    for i, path in enumerate(wanted if isinstance(wanted, list) else []):
        *way, last = str(path).split(".")
        base = dict(base)
        above, given = base, own.data
        for key in way:
            above[key] = dict(above[key]) if isinstance(above.get(key), dict) else {}
            above, given = above[key], given.get(key) if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(given.get(last), dict) or above.pop(last, None) is None:
            text = f"'{path}' is to be a mapping both here and in the base"
            findings.append(Finding(own.place(WHOLE, i), "nothing-to-replace", text))
    return base


def _merged(base: Any, own: Any, document: Document, path: Path_, findings: list[Finding]) -> Any:
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    result = dict(base)
    for key, value in own.items():
        if value is None:
            if result.pop(key, None) is None:
                text = f"the base has no '{key}' to take out"
                findings.append(Finding(document.place(*path, key), "nothing-to-remove", text))
        else:
            below = base.get(key)
            if isinstance(value, dict) and not isinstance(below, dict):
                below = {}
            result[key] = _merged(below, value, document, (*path, key), findings)
    return result
