"""Releases: freezing a catalog under a name, finding one by its name, and whether the head still holds all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from tco.catalog.files import RELEASES, Folder, Release, contents, frozen, read_release
from tco.catalog.load import Catalog
from tco.errors import Finding, InputError, Place, nearest

SUMS = "SHA256SUMS"
HEAD = "head"
_NAME = re.compile(r"20\d\d\.(1[0-2]|[1-9])\.[1-9]\d?", re.ASCII)
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)")


def released(folder: Path) -> list[str]:
    """Names of the releases of a catalog, oldest first."""
    names = [p.stem for p in (folder / RELEASES).glob("*.json")]
    return sorted(names, key=lambda n: [int(part) for part in n.split(".") if part.isdigit()])


def find(folder: Path, wanted: str) -> Path:
    """Return the path of a catalog: `head`, the name of a release, a folder or the file of a release.

    Raises:
        InputError: there is none of that name.
    """
    if wanted == HEAD:
        return folder
    if _NAME.fullmatch(wanted) and wanted in released(folder):
        return folder / RELEASES / f"{wanted}.json"
    if Path(wanted).exists():
        return Path(wanted)
    known = [HEAD, *released(folder)]
    hint = nearest(wanted, known) or f"known are {', '.join(known)}, or give a folder or the file of a release"
    raise InputError.one(Place("--catalog"), "no-catalog", f"no catalog '{wanted}'; {hint}")


def release_text(catalog: Catalog, name: str) -> str:
    """Return the text of the release that freezes a catalog.

    Raises:
        InputError: a bad name, or one that is taken.
    """
    if not _NAME.fullmatch(name):
        raise InputError.one(Place(name), "bad-name", "a release is called year.month.number, such as 2026.11.1")
    if name in released(catalog.files.path):
        raise InputError.one(
            Place(name), "released", f"{name} is there already and never changes; take the next number"
        )
    return frozen(name, contents(catalog.files))


def sums_text(folder: Path, name: str, text: str) -> str:
    """Return the file of checksums with one more line."""
    file = folder / RELEASES / SUMS
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    return f"{before}{hashlib.sha256(text.encode()).hexdigest()}  {name}.json\n"


def release_findings(folder: Path) -> Iterator[Finding]:
    """Find releases that have changed, and released prices that the head has lost."""
    file = folder / RELEASES / SUMS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    sums = {m[2]: m[1] for m in map(_SUM.fullmatch, lines) if m}
    for name in released(folder):
        path = folder / RELEASES / f"{name}.json"
        if sums.pop(path.name, "") != hashlib.sha256(path.read_bytes()).hexdigest():
            yield Finding(Place(str(path)), "release-changed", f"the file is not the one that {SUMS} names")
            continue
        yield from _lost(read_release(path), Folder(folder))
    for missing in sums:
        yield Finding(Place(str(file)), "release-gone", f"{missing} is named here and is not there")


def _lost(release: Release, head: Folder) -> Iterator[Finding]:
    """Price points of a release that the head has no more, or has otherwise."""
    for name in release.names("prices/*.csv"):
        kept = {tuple(row.values()) for _, row in head.table(name).rows} if (head.path / name).exists() else set()
        for _, row in release.table(name).rows:
            if tuple(row.values()) not in kept:
                what = ":".join(row[c] for c in ("offering", "meter", "region", "variant") if row[c])
                text = (
                    f"{what} of {row['effective_from']} is in release {release.name} and changed or gone here; append"
                )
                yield Finding(Place(str(head.path / name)), "released-price", text)
