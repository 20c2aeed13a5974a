"""Loading data in files of the user's, and completing an entry with what is in them."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from zoo.config.catalog import CatalogEntry
from zoo.config.entry import Raw
from zoo.config.load import check, override
from zoo.config.own_data import CsvData, FileData, FolderData, IdxData, NpzData
from zoo.data.dataset import Dataset, combined_digest, dataset_from_arrays
from zoo.data.own import array_data, csv_data, folder_data
from zoo.data.own.file_content import FileContent
from zoo.data.own.file_stamp import file_stamp
from zoo.data.own.table_chunks import delimiter_in
from zoo.errors import DataError

Request = tuple[str, tuple[bytes, ...]]  # what is read, and the stamps of the files
# What was read last: an entry is completed from its files, and then they are loaded.
_KEPT: deque[tuple[Request, FileContent]] = deque(maxlen=4)


def load_own(data: FileData, given: Path | None = None) -> Dataset:
    """Return the dataset in the files of an entry; `given` replaces the main file or folder."""
    data = _replaced(data, given)
    if given and isinstance(data, CsvData):  # which may have another delimiter
        delimiter = delimiter_in(given, data.columns, data.delimiter)
        data = data.model_copy(update={"delimiter": delimiter})
    main = Path(getattr(data, data.paths[0]))
    if not main.is_absolute() and not main.exists():  # a model file names its data without folders
        raise DataError(
            f"{main} is not in this folder; it is the data of the model.",
            hint="Give it with --data PATH.",
        )
    content = _content(data)
    return content_dataset(data, content, where=str(getattr(data, data.paths[0])))


def content_dataset(data: FileData, content: FileContent, *, where: str) -> Dataset:
    """Return the dataset of the rows in the files."""
    complete = data.model_copy(update=content.facts)
    dataset = dataset_from_arrays(
        complete.source,
        content.train.values,
        content.train.labels,
        content.test,
        where=where,
    )
    digest = dataset.digest
    for array in (content.groups, content.validation):
        if array is not None:
            digest = combined_digest((digest, array.tobytes().hex()))
    return replace(dataset, groups=content.groups, validation=content.validation, digest=digest)


def completed(
    listed: CatalogEntry, changes: Sequence[tuple[str, object]] = (), given: Path | None = None
) -> CatalogEntry:
    """Return the entry with what it does not state about its files; they are read for that.

    Its paths become absolute. `changes` are values at dotted keys; those of the data count before
    the files are read. `given` replaces the main file or folder.
    """
    if not isinstance(listed.entry.data, FileData):
        return listed
    where = str(listed.path)
    raw = override(listed.raw, [(key, value) for key, value in changes if key.startswith("data.")])
    stated = check(raw, where=where).data
    if not isinstance(stated, FileData):
        return listed
    data = _replaced(_absolute(stated, listed.path.parent), given)
    content = _content(data)
    paths = {key: getattr(data, key) for key in data.paths}
    raw = with_facts(raw, content, paths)
    return replace(listed, entry=check(raw, where=where), raw=raw)


def with_facts(raw: Raw, content: FileContent, paths: Mapping[str, str | None]) -> Raw:
    """Return the tables of an entry with the facts about its files, and with these paths."""
    facts = {**paths, **content.facts}
    if content.validation is not None and content.validation.any():
        facts["split.validation"] = int(content.validation.sum())
    return override(raw, [(f"data.{key}", _as_raw(value)) for key, value in facts.items()])


def _as_raw(value: object) -> object:
    """Return a value as TOML has it, with lists."""
    if isinstance(value, dict):
        return {key: _as_raw(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _absolute(data: FileData, folder: Path) -> FileData:
    """Return the data with absolute paths; those in an entry are relative to its folder."""
    paths = {key: getattr(data, key) for key in data.paths}
    absolute = {
        key: str((folder / Path(path).expanduser()).absolute())
        for key, path in paths.items()
        if path
    }
    return data.model_copy(update=absolute)


def _replaced(data: FileData, given: Path | None) -> FileData:
    """Return the data with the main file or folder replaced; of IDX files, all four."""
    if given is None:
        return data
    if isinstance(data, IdxData):
        names = {key: getattr(data, key) for key in data.paths}
        return data.model_copy(
            update={key: str(given / Path(name).name) for key, name in names.items() if name}
        )
    return data.model_copy(update={data.paths[0]: str(given)})


def _check_facts(data: FileData, content: FileContent) -> None:
    """Raise if the files have changed since the facts about them were stated."""
    for key in ("rows", "test_rows"):
        stated, number = getattr(data, key), content.facts[key]
        if stated is not None and stated != number:
            raise DataError(
                f"{getattr(data, data.paths[0])} has changed: data.{key} is {stated:,}, and it has "
                f"{number:,}.",
                hint=f"Remove data.{key} from the entry, or train a new run, for what it has now.",
            )


def _content(data: FileData) -> FileContent:
    """Return what is in the files of an entry; they are not read again while they stay the same."""
    files = [Path(path) for key in data.paths if (path := getattr(data, key))]
    stamps = tuple(map(file_stamp, files))
    request = _request(data, stamps)
    for kept, content in tuple(_KEPT):
        if kept == request:
            return content
    typed = data.model_copy(update={key: _as_typed(getattr(data, key)) for key in data.paths})
    content = _read(typed)
    _check_facts(typed, content)
    for path, before in zip(files, stamps, strict=True):
        if file_stamp(path) != before:
            raise DataError(
                f"{_as_typed(str(path))} changed while it was read.",
                hint="Run the command again when it is complete.",
            )
    for rows in (content.train, content.test):
        if rows:
            rows.values.flags.writeable = False
    complete = data.model_copy(update=content.facts)
    _KEPT.extend((key, content) for key in (request, _request(complete, stamps)))
    return content


def _as_typed(path: str | None) -> str | None:
    """Return a path in the current folder as a user would type it; an entry's are absolute."""
    try:
        return str(Path(path).relative_to(Path.cwd())) if path else path
    except (ValueError, OSError):  # it lies elsewhere, or the current folder is gone
        return path


def _request(data: FileData, stamps: tuple[bytes, ...]) -> Request:
    """Return what identifies the rows of an entry: all of its data but the sizes of the splits."""
    columns = data.split.group, data.split.column
    return f"{data.model_dump_json(exclude={'split'})} {columns}", stamps


def _read(data: FileData) -> FileContent:
    match data:
        case CsvData():
            return csv_data.find(data)
        case FolderData():
            return folder_data.find(data)
        case IdxData():
            return array_data.find_idx(data)
        case NpzData():
            return array_data.find_npz(data)
    raise TypeError(data)
