"""Safe YAML with positions: text scalars only, no duplicate keys, no aliases, bounded in size and depth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tco.errors import Finding, InputError, Place

_MAX_BYTES, _MAX_DEPTH, _MAX_NODES = 1_000_000, 20, 100_000
_PLAIN_ERRORS = {
    "model_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
    "list_type": "must be a list",
    "string_type": "must be text",
}
_NULLS = {"", "~", "null", "Null", "NULL"}
Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """Plain data read from a YAML text, and where each part stands."""

    file: str
    data: Any
    marks: dict[Path_, Place]

    def place(self, *path: str | int) -> Place:
        """Return the position of a path, or of its nearest parent that is in the file."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.marks:
                return self.marks[path[:length]]
        return Place(self.file)

    def part(self, *path: str | int) -> Document:
        """Return what stands at a path as a document of its own, its places still those of the file."""
        data = self.data
        for step in path:
            data = data[step]
        inner = {k[len(path) :]: mark for k, mark in self.marks.items() if k[: len(path)] == path}
        return replace(self, data=data, marks=inner)


def read_text(path: Path, limit: int = _MAX_BYTES) -> str:
    """Read a text file of bounded size; a clear error for anything else."""
    place = Place(str(path))
    try:
        if not path.is_file():
            raise InputError.one(place, "no-file", "there is no such file")
        if path.stat().st_size > limit:
            raise InputError.one(place, "too-large", f"the file is larger than {limit:,} bytes")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError.one(place, "not-text", "the file is not UTF-8 text") from None
    except OSError as error:
        raise InputError.one(place, "no-file", f"cannot read the file: {error.strerror}") from None


def read_yaml(path: Path) -> Document:
    """Read a YAML file into text scalars, lists and mappings.

    Raises:
        InputError: not YAML, a duplicate key, an alias, or too large or too deep.
    """
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, file: str) -> Document:
    """Parse YAML text; see `read_yaml`."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        problem = getattr(error, "problem", None) or str(error)
        raise InputError.one(place, "not-yaml", f"not YAML: {problem}") from None
    except RecursionError:
        raise InputError.one(Place(file), "too-deep", f"nested deeper than {_MAX_DEPTH}") from None
    finally:
        loader.dispose()
    reader = _Reader(file)
    data = {} if node is None else reader.build(node, ())
    if reader.findings:
        raise InputError(reader.findings)
    return Document(file, data, reader.marks)


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.marks: dict[Path_, Place] = {}
        self.findings: list[Finding] = []
        self._seen: set[int] = set()

    def _fault(self, node: yaml.Node, code: str, text: str) -> None:
        self.findings.append(Finding(self._place(node), code, text))

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def build(self, node: yaml.Node, path: Path_) -> Any:
        if id(node) in self._seen:
            self._fault(node, "alias", "anchors and aliases are not allowed; write the value out")
            return None
        self._seen.add(id(node))
        if len(self._seen) > _MAX_NODES:
            text = f"more than {_MAX_NODES:,} values: too many values for one file"
            raise InputError([*self.findings, Finding(self._place(node), "too-large", text)])
        if len(path) > _MAX_DEPTH:
            self._fault(node, "too-deep", f"nested deeper than {_MAX_DEPTH}")
            return None
        self.marks.setdefault(path, self._place(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        if getattr(node, "style", None) in (None, "") and node.value in _NULLS:
            return None
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, "bad-key", "a key must be plain text")
                continue
            name = str(key.value)
            if name in result:
                self._fault(key, "duplicate-key", f"'{name}' is given twice here; keep one")
                continue
            self.marks[(*path, name)] = self._place(key)
            result[name] = self.build(value, (*path, name))
        return result


def load(document: Document, model: type[Model], at: Path_ = ()) -> Model:
    """Validate a document, or the part of it at a path, against a model.

    Raises:
        InputError: one finding for each mistake, each with its position and what would be right.
    """
    data = document.data
    for step in at:
        data = data[step]
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(_finding(document, model, at, e) for e in error.errors()) from None


def _finding(document: Document, model: type[BaseModel], at: Path_, error: Any) -> Finding:
    path = tuple(p for p in error["loc"] if isinstance(p, int | str))
    place = document.place(*at, *path)
    name = ".".join(str(p) for p in path) or "file"
    if error["type"] == "extra_forbidden":
        known = _fields_at(model, path[:-1])
        hint = f"; known here: {', '.join(known)}" if known else ""
        return Finding(
            place, "unknown-key", f"'{path[-1]}' is not a key of {name.rpartition('.')[0] or 'this file'}{hint}"
        )
    if error["type"] == "missing":
        return Finding(place, "missing-key", f"'{name}' is missing")
    text = _PLAIN_ERRORS.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    shown = error.get("input")
    given = f" (given: {str(shown)[:60]!r})" if isinstance(shown, str) else ""
    return Finding(place, "bad-value", f"{name}: {text}{given}")


def _fields_at(model: type[BaseModel], path: Path_) -> list[str]:
    """Names of the keys that a nested model allows, for a hint; empty where the path is not a model."""
    current: Any = model
    for step in path:
        fields = getattr(current, "model_fields", {})
        if step not in fields:
            return []
        current = fields[step].annotation
        arguments = [a for a in getattr(current, "__args__", ()) if hasattr(a, "model_fields")]
        current = arguments[0] if arguments else current
    return [f.alias or n for n, f in getattr(current, "model_fields", {}).items()]
