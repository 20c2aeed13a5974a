"""Issues of an entry: pydantic's validation errors as messages that help to correct it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zoo.config.base import BUILTIN_TAG, PLUGIN_TAG, PluginKind, expand_shorthand

ModelType = type[BaseModel]
KeyPath = tuple[str | int, ...]  # keys, and indices of lists

COMPARISONS = {
    "greater than or equal to": "at least",
    "greater than": "above",
    "less than or equal to": "at most",
    "less than": "below",
}


MAX_ISSUES = 20  # a file may have a hundred thousand unknown keys
MAX_LENGTH = 500  # of an issue in characters; the value that it quotes may have a million
ELSEWHERE = 0.75  # similarity of a suggested key in another table; with 0.6 path suggests batch
HABITS = {  # names that other libraries use: the last part of ours
    "lr": "rate",
    "learning_rate": "rate",
    "batch_size": "batch",
}


class Issue(NamedTuple):
    """An error at one key of an entry."""

    path: KeyPath
    message: str

    @property
    def key(self) -> str:
        """The dotted key."""
        return ".".join(map(str, self.path)) or "the entry"

    def __str__(self) -> str:
        """Return the key and the message; a long value in it is cut."""
        text = f"{self.key}: {self.message}"
        half = MAX_LENGTH // 2
        return text if len(text) <= MAX_LENGTH else f"{text[:half]} … {text[-half:]}"


class InconsistentEntryError(ValueError):
    """Values that are valid alone but not together; raised by the validator of a table."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("; ".join(map(str, issues)))
        self.issues = issues


def issues_from(error: ValidationError, schema: ModelType, table: KeyPath = ()) -> list[Issue]:
    """Return the issues, each with its key, the expected value and the actual one.

    The keys are those in the table; suggested keys begin with its path.
    """
    issues: list[Issue] = []
    details = error.errors(include_url=False)
    for number, detail in enumerate(details):
        if len(issues) >= MAX_ISSUES:
            return [*issues, Issue((), f"further problems: {len(details) - number:,}.")]
        inner = detail.get("ctx", {}).get("error")
        if isinstance(inner, InconsistentEntryError):
            path, _, _ = _locate(detail["loc"], schema)
            issues += [Issue((*path, *issue.path), issue.message) for issue in inner.issues]
            continue
        issue = _issue(detail, schema, table)
        # pydantic reports several errors at the key of a union, as of a number or a list
        if not issues or issue.path != issues[-1].path:
            issues.append(issue)
        elif detail["type"] == "too_long":
            issues[-1] = issue
    return issues


def iter_plugin_kinds_in(
    raw: Mapping[str, Any], schema: ModelType, path: KeyPath = ()
) -> Iterator[tuple[KeyPath, PluginKind]]:
    """Yield every plugin kind in tables that need not be valid, with its path of keys."""
    for name, field in schema.model_fields.items():
        value, models = raw.get(name), _models_in(field.annotation)
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, item in items:
            inner_path = (*path, name, *([] if index is None else [index]))
            table = expand_shorthand(item)
            if not isinstance(table, dict):
                continue
            model = models.get(str(table.get("kind", "")))
            if model and issubclass(model, PluginKind):
                with suppress(ValidationError):  # reported when the full entry is validated
                    yield inner_path, model.model_validate(table)
            elif model:
                yield from iter_plugin_kinds_in(table, model, inner_path)


def _issue(  # noqa: PLR0911 - one return for each kind there is
    detail: ErrorDetails, schema: ModelType, table: KeyPath
) -> Issue:
    """Return the issue of a pydantic error, with the nearest name for an unknown one."""
    path, keys, kinds = _locate(detail["loc"], schema)
    value = detail["input"]
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return Issue(path, f"unknown key.{_nearest_key((*table, *path), keys, schema)}")
        case "union_tag_invalid":
            message = f"there is no {context['tag']!r}.{_nearest(context['tag'], kinds)}"
            return Issue((*path, "kind"), message)
        case "literal_error" if path[-1:] == ("kind",) and isinstance(value, str):
            return Issue(path, f"there is no {value!r}.{_nearest(value, kinds)}")
        case "union_tag_not_found":
            return Issue((*path, "kind"), f"missing; expected one of {', '.join(kinds)}.")
        case "missing":
            return Issue(path, "missing.")
        case "value_error":
            return Issue(path, f"{context['error']}.")
        case "too_long":
            got = f"{context['actual_length']:,}"
        case _:
            got = f"{_short(value)}{_share_of(value, context)}"
    return Issue(path, f"{_expected(detail)}, got {got}.")


def _expected(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "string_pattern_mismatch":
            return "expected a name such as my-net-2"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "expected a table"
        case "too_long":
            return f"expected at most {detail['ctx']['max_length']:,} values"
    expected = detail["msg"].replace("Input should be", "expected").replace("tuple", "list")
    for comparison, plain in COMPARISONS.items():
        expected = expected.replace(comparison, plain)
    return f"{expected[0].lower()}{expected[1:]}"


def _share_of(value: object, context: Mapping[str, Any]) -> str:
    """Return how to write a percentage where a share is expected; empty for other values."""
    if context.get("lt") != 1 or not isinstance(value, int | float) or not 10 <= value <= 100:
        return ""
    return f"; write {value / 100:g} for {value:g} %"


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}..."


def _nearest_key(path: KeyPath, keys: Sequence[str], schema: ModelType) -> str:
    """Suggest this key at its right level, else the nearest one at this level, else at another."""
    name, here = str(path[-1]), ".".join(map(str, path[:-1]))
    elsewhere: dict[str, list[str]] = {}
    for level, key in _keys_by_level(schema):
        if level != here:  # here, it belongs to another kind
            elsewhere.setdefault(key, []).append(_dotted(level, key))
    name = HABITS.get(name, name) if HABITS.get(name) in {*keys, *elsewhere} else name
    if name in elsewhere and name not in keys:
        return _did_you_mean(elsewhere[name])
    if close := get_close_matches(name, keys, n=1):
        return _did_you_mean([_dotted(here, close[0])])
    if close := get_close_matches(name, elsewhere, n=1, cutoff=ELSEWHERE):
        return _did_you_mean(elsewhere[close[0]])
    return _nearest(name, keys)


def _dotted(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key


def _did_you_mean(names: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(map(repr, names))}?"


def _keys_by_level(schema: ModelType, level: str = "") -> dict[tuple[str, str], None]:
    """Return each dotted key once, as its table and its name; elements of lists have none."""
    found: dict[tuple[str, str], None] = {}
    for name, field in schema.model_fields.items():
        if name != "kind":
            found[level, name] = None
        if get_origin(field.annotation) is not tuple:
            for model in _models_in(field.annotation).values():
                found |= _keys_by_level(model, f"{level}.{name}".lstrip("."))
    return found


def _nearest(name: str, names: Sequence[str]) -> str:
    if not names:
        return " Expected no options."
    if close := get_close_matches(name, names, n=1):
        return _did_you_mean(close)
    return f" Known: {', '.join(names)}."


def _locate(
    location: tuple[int | str, ...], schema: ModelType
) -> tuple[KeyPath, list[str], list[str]]:
    """Return the path of keys of a location in the schema, the valid keys and the valid kinds."""
    path: list[str | int] = []
    models: dict[str, ModelType] = {"": schema}  # by kind; a model without a kind under ""
    model: ModelType | None = schema
    for index, part in enumerate(location):
        if part in {BUILTIN_TAG, PLUGIN_TAG}:
            tagged = [
                candidate
                for candidate in models.values()
                if issubclass(candidate, PluginKind) == (part == PLUGIN_TAG)
            ]
            model = tagged[0] if len(set(tagged)) == 1 else model
            continue
        if isinstance(part, str) and part in models and part:  # the tag of a union is not a key
            model = models[part]
            continue
        path.append(part)
        if isinstance(part, str):
            field = model.model_fields.get(part) if model else None
            kinds = [kind for kind in models if kind]
            models = _models_in(field.annotation) if field else {}
            if not models:
                keys = list(model.model_fields) if model else []
                rest = (part for part in location[index + 1 :] if isinstance(part, int))
                return (*path, *rest), keys, kinds
            if set(models) == {""}:
                model = models[""]
    keys = list(model.model_fields) if model else []
    return tuple(path), keys, [kind for kind in models if kind]


def _models_in(annotation: object) -> dict[str, ModelType]:
    """Return the models that a field can hold, by their kind."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, PluginKind):
            return dict.fromkeys(annotation.available(), annotation)
        kind = annotation.model_fields.get("kind")
        return {get_args(kind.annotation)[0] if kind else "": annotation}
    models: dict[str, ModelType] = {}
    for argument in get_args(annotation):
        models |= _models_in(argument)
    return models
