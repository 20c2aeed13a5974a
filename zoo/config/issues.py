"""What pydantic finds wrong with an entry, said in sentences that help to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zoo.config.base import BUILTIN_TAG, PLUGIN_TAG, PluginKind, expand_shorthand

ModelType = type[BaseModel]
KeyPath = tuple[str | int, ...]  # keys, and numbers in lists

COMPARISONS = {
    "greater than or equal to": "at least",
    "greater than": "above",
    "less than or equal to": "at most",
    "less than": "below",
}


class Issue(NamedTuple):
    """What is wrong at one place of an entry."""

    path: KeyPath
    message: str

    @property
    def key(self) -> str:
        """The keys with dots between them."""
        return ".".join(map(str, self.path)) or "the entry"

    def __str__(self) -> str:
        """Return the key with what is wrong there."""
        return f"{self.key}: {self.message}"


class InconsistentEntryError(ValueError):
    """Values that are each well formed and do not fit together; raised by a section's validator."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("; ".join(map(str, issues)))
        self.issues = issues


def issues_from(error: ValidationError, schema: ModelType) -> list[Issue]:
    """Return every fault: where, what was expected and what was got."""
    several: list[Issue] = []
    for detail in error.errors(include_url=False):
        inner = detail.get("ctx", {}).get("error")
        if isinstance(inner, InconsistentEntryError):
            path, _, _ = _locate(detail["loc"], schema)
            several += [Issue((*path, *one.path), one.message) for one in inner.issues]
            continue
        fault = _issue(detail, schema)
        if not several or fault.path != several[-1].path:  # of a union pydantic has several to say
            several.append(fault)
    return several


def plugin_kinds_in(
    raw: Mapping[str, Any], schema: ModelType, path: KeyPath = ()
) -> Iterator[tuple[KeyPath, PluginKind]]:
    """Yield what packages bring to tables that need not be valid, with its place."""
    for name, field in schema.model_fields.items():
        value, models = raw.get(name), _models_in(field.annotation)
        several = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, one in several:
            place = (*path, name, *([] if number is None else [number]))
            table = expand_shorthand(one)
            if not isinstance(table, dict):
                continue
            chosen = models.get(str(table.get("kind", "")))
            if chosen and issubclass(chosen, PluginKind):
                with suppress(ValidationError):  # which is found where all of it is validated
                    yield place, chosen.model_validate(table)
            elif chosen:
                yield from plugin_kinds_in(table, chosen, place)


def _issue(detail: ErrorDetails, schema: ModelType) -> Issue:  # noqa: PLR0911 - one return for each kind there is
    """Say what was expected, what was got and, for an unknown key, the nearest one."""
    path, known, kinds = _locate(detail["loc"], schema)
    got = detail["input"]
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return Issue(path, f"unknown key.{_nearest(str(path[-1]), known)}")
        case "union_tag_invalid":
            words = f"there is no {context['tag']!r}.{_nearest(context['tag'], kinds)}"
            return Issue((*path, "kind"), words)
        case "literal_error" if path[-1:] == ("kind",) and isinstance(got, str):
            return Issue(path, f"there is no {got!r}.{_nearest(got, kinds)}")
        case "union_tag_not_found":
            return Issue((*path, "kind"), f"missing; it is one of {', '.join(kinds)}.")
        case "missing":
            return Issue(path, "missing.")
        case "value_error":
            return Issue(path, f"{context['error']}.")
        case "string_pattern_mismatch":
            expected = "expected a name such as my-net-2"
        case "model_type" | "model_attributes_type" | "dict_type":
            expected = "expected a table"
        case _:
            expected = detail["msg"].replace("Input should be", "expected").replace("tuple", "list")
            for pydantics, ours in COMPARISONS.items():
                expected = expected.replace(pydantics, ours)
    return Issue(path, f"{expected[0].lower()}{expected[1:]}, got {_short(got)}.")


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}..."


def _nearest(word: str, known: Sequence[str]) -> str:
    if not known:
        return " It takes none."
    close = get_close_matches(word, known, n=1)
    if close:
        return f" Did you mean {close[0]!r}?"
    return f" Known: {', '.join(known)}."


def _locate(
    location: tuple[int | str, ...], schema: ModelType
) -> tuple[KeyPath, list[str], list[str]]:
    """Turn a place in the schema into a path of keys, the keys known there and the kinds."""
    path: list[str | int] = []
    models: dict[str, ModelType] = {"": schema}  # by kind; one without a kind under ""
    chosen: ModelType | None = schema
    for index, part in enumerate(location):
        if part in {BUILTIN_TAG, PLUGIN_TAG}:
            whose = [
                one
                for one in models.values()
                if issubclass(one, PluginKind) == (part == PLUGIN_TAG)
            ]
            chosen = whose[0] if len(set(whose)) == 1 else chosen
            continue
        if isinstance(part, str) and part in models and part:  # a union's tag is no key
            chosen = models[part]
            continue
        path.append(part)
        if isinstance(part, str):
            field = chosen.model_fields.get(part) if chosen else None
            kinds = [kind for kind in models if kind]
            models = _models_in(field.annotation) if field else {}
            if not models:
                known = list(chosen.model_fields) if chosen else []
                rest = (part for part in location[index + 1 :] if isinstance(part, int))
                return (*path, *rest), known, kinds
            if set(models) == {""}:
                chosen = models[""]
    known = list(chosen.model_fields) if chosen else []
    return tuple(path), known, [kind for kind in models if kind]


def _models_in(annotation: object) -> dict[str, ModelType]:
    """Find the sections that a field can hold, by their kind."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if issubclass(annotation, PluginKind):
            return dict.fromkeys(annotation.available(), annotation)
        kind = annotation.model_fields.get("kind")
        return {get_args(kind.annotation)[0] if kind else "": annotation}
    found: dict[str, ModelType] = {}
    for argument in get_args(annotation):
        found |= _models_in(argument)
    return found
