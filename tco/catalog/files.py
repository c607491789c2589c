"""Where a catalog's files come from: a folder, or a release that holds them all in one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

from tco.catalog.csvfile import Table, read_csv
from tco.catalog.yamlfile import Document, read_text, read_yaml
from tco.errors import InputError, Place

#: Number of the row language and of the catalog's schema; goes up when an older tool would misread a newer catalog.
LANGUAGE = 1
RELEASES = "releases"
_MAX_BYTES = 100_000_000
_HEAD_LENGTH = 400
_HEAD = ("release", "language", "sha256")


class Files(Protocol):
    """The files of a catalog by their path in it, such as `offerings/aws.msk-standard.yaml`."""

    @property
    def path(self) -> Path:
        """The folder, or the file of the release."""

    def names(self, pattern: str) -> list[str]:
        """Return the paths that match a pattern such as `offerings/*.yaml`, sorted."""

    def document(self, name: str) -> Document:
        """Return a YAML file."""

    def table(self, name: str) -> Table:
        """Return a CSV file."""


@dataclass(frozen=True)
class Folder:
    """A catalog's folder, each file of which is read once."""

    path: Path
    _documents: dict[str, Document] = field(default_factory=dict, compare=False, repr=False)
    _tables: dict[str, Table] = field(default_factory=dict, compare=False, repr=False)

    def names(self, pattern: str) -> list[str]:
        """Return the paths that match a pattern, sorted."""
        return sorted(p.relative_to(self.path).as_posix() for p in self.path.glob(pattern))

    def document(self, name: str) -> Document:
        """Read a YAML file."""
        if name not in self._documents:
            self._documents[name] = read_yaml(self.path / name)
        return self._documents[name]

    def table(self, name: str) -> Table:
        """Read a CSV file."""
        if name not in self._tables:
            self._tables[name] = read_csv(self.path / name)
        return self._tables[name]


@dataclass(frozen=True)
class Release:
    """A frozen catalog.

    Attributes:
        path: of its file.
        name: such as 2026.11.1.
        sha256: digest of its contents.
        contents: path to data of each YAML file, and to the rows of each CSV file, the head first.
    """

    path: Path
    name: str
    sha256: str
    contents: dict[str, Any] = field(repr=False)

    def names(self, pattern: str) -> list[str]:
        """Return the paths that match a pattern, sorted."""
        return sorted(n for n in self.contents if fnmatchcase(n, pattern) and n.count("/") == pattern.count("/"))

    def document(self, name: str) -> Document:
        """Return a YAML file's data."""
        return Document(self._place(name).file, self._data(name), {})

    def table(self, name: str) -> Table:
        """Return a CSV file's rows."""
        file = self._place(name).file
        try:
            columns, *rows = self._data(name)
            named = [dict(zip(columns, map(str, row), strict=True)) for row in rows]
        except (TypeError, ValueError):
            raise InputError.one(Place(file), "bad-row", "not a table") from None
        return Table(file, tuple(columns), [(Place(file, i), row) for i, row in enumerate(named, 2)])

    def _place(self, name: str) -> Place:
        return Place(f"{self.path}/{name}")

    def _data(self, name: str) -> Any:
        if name not in self.contents:
            raise InputError.one(self._place(name), "no-file", "the release holds no such file")
        return self.contents[name]


def contents(files: Files) -> dict[str, Any]:
    """Return the data of every file: what a release freezes, and what a digest is taken of."""
    if isinstance(files, Release):
        return files.contents
    found: dict[str, Any] = {n: files.document(n).data for n in (*files.names("*.yaml"), *files.names("*/*.yaml"))}
    for name in files.names("*/*.csv"):
        table = files.table(name)
        found[name] = [list(table.columns), *([row[c] for c in table.columns] for _, row in table.rows)]
    return {n: found[n] for n in sorted(found)}


def digest(data: dict[str, Any]) -> str:
    """SHA-256 of a catalog's data, the same for a folder and for the release made from it."""
    return _digest(_lines(data))


def _digest(lines: Iterable[str]) -> str:
    total = hashlib.sha256()
    for line in lines:
        total.update(line.encode())
    return total.hexdigest()


def frozen(name: str, data: dict[str, Any]) -> str:
    """Return the text of a release: a line a file, so that two of them can be compared."""
    said = zip(_HEAD, (name, LANGUAGE, digest(data)), strict=True)
    head = ",".join(f"{json.dumps(k)}:{json.dumps(v)}" for k, v in said)
    return f'{{{head},"files":{{\n' + ",\n".join(_lines(data)) + "\n}}\n"


def read_release(path: Path) -> Release:
    """Read a release.

    Raises:
        InputError: not a release, of another language, or not what its digest says.
    """
    place = Place(str(path))
    text = read_text(path, _MAX_BYTES)
    try:
        data = json.loads(text)
        name, language, sha256 = (data[k] for k in _HEAD)
        release = Release(path, str(name), str(sha256), dict(data["files"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError.one(place, "not-a-release", "the file is not a release of the catalog") from None
    if language != LANGUAGE:
        why = f"made for language {language}; this tool reads {LANGUAGE}, so take the tool of that time"
        raise InputError.one(place, "other-language", why)
    if _digest(line.removesuffix(",") for line in text.split("\n")[1:-2]) != sha256:
        raise InputError.one(place, "release-changed", "its contents are not those that its digest was taken of")
    return release


def read_head(path: Path) -> Release:
    """Read what a release says of itself, without its contents."""
    with path.open(encoding="utf-8") as file:
        first = file.readline(_HEAD_LENGTH)
    try:
        data = json.loads(first.removesuffix(',"files":{\n') + "}")
        return Release(path, str(data["release"]), str(data["sha256"]), {})
    except (ValueError, KeyError, TypeError):
        raise InputError.one(Place(str(path)), "not-a-release", "the file is not a release of the catalog") from None


def _lines(data: dict[str, Any]) -> Iterator[str]:
    for name, value in data.items():
        yield f"{json.dumps(name)}:{json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
