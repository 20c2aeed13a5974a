"""The output of `zoo data`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zoo.config.dataset_info import SOURCES, describe_size
from zoo.formatting import count, size
from zoo.system.commands import quote

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from zoo.data.inventory import Check


def datasets_result(locations: dict[str, str | None]) -> Result:
    """Return the result of `zoo data list`: each dataset with its location, or how to get it."""
    facts = [
        {
            "name": source.name,
            "train": source.train,
            "test": source.test,
            "shape": source.shape,
            "classes": source.classes,
            "licence": source.licence,
            "where": locations[source.name],
        }
        for source in SOURCES.values()
    ]
    rows = [
        (
            source.name,
            f"{source.train + source.test:,}",
            describe_size(source.shape),
            source.licence,
            locations[source.name] or f"missing: `{source.remedy}`",
        )
        for source in SOURCES.values()
    ]
    columns = ("name", "images", "shape", "licence", "location")
    return Result(facts, tables=[Table(columns, rows, right=("images",))])


def files_result(paths: Iterable[Path]) -> Result:
    """Return the result of a command that makes or finds files: their paths."""
    facts = [{"name": path.name, "path": str(path)} for path in paths]
    return Result(facts, lines=[file["path"] for file in facts])


def samples_result(folder: Path, paths: Sequence[Path], *, is_plan: bool) -> Result:
    """Return the result of `zoo data sample`: the paths, and the command to run next."""
    result = files_result(paths)
    command = f"zoo predict mnist-128-best {quote(f'{folder.as_posix()}/')}"
    ending = "Nothing was written." if is_plan else f"next     {command}"
    names = list(map(str, paths))
    return replace(result, lines=[*names, ending], names=names)


def check_result(check: Check) -> Result:
    """Return the result of the check of one file: a line, and its problem below it."""
    facts = {"name": check.path.name, "path": str(check.path), "problem": check.problem}
    status = "ok     " if check.problem is None else "DIFFERS"
    lines = [f"{status}  {check.path}", *([f"  {check.problem}"] if check.problem else [])]
    return Result(facts, lines=lines)


def removal_result(paths: Sequence[Path], cache: Path, *, is_plan: bool) -> Result:
    """Return the result of `zoo data clear`: each file with its size."""
    sizes = [path.stat().st_size for path in paths]
    names = [path.relative_to(cache).as_posix() for path in paths]
    facts = [
        {"name": name, "path": str(path), "bytes": n_bytes}
        for name, path, n_bytes in zip(names, paths, sizes, strict=True)
    ]
    rows = [(name, size(n_bytes)) for name, n_bytes in zip(names, sizes, strict=True)]
    verb = "would be deleted" if is_plan else "deleted"
    notes = [f"{files_words(paths)} in {cache} {verb}."]
    return Result(facts, tables=[Table(("file", "size"), rows, right=("size",), notes=notes)])


def files_words(paths: Sequence[Path]) -> str:
    """Return text such as "3 files, 1.2 MB"."""
    return f"{count(len(paths), 'file')}, {size(sum(path.stat().st_size for path in paths))}"
