"""The entry with the best settings of a search."""

from zoo.analysis import search_space
from zoo.analysis.search import Search
from zoo.analysis.studies import Trial
from zoo.config import load
from zoo.config.entry import Raw
from zoo.config.toml_comments import Comments, attach
from zoo.formatting import percent

WHERE = "the best settings of the search"


def best_toml(search: Search, raw: Raw, best: Trial, *, trials: int, text: str) -> str:
    """Return the TOML of the entry with the best settings; it trains on the validation rows too.

    `text` is the TOML of the entry that was searched, before all changes; its comments are kept.
    """
    from zoo.config.toml_edit import edit

    plain = load.check(raw, where=search.name)
    changed = load.override(
        raw,
        [
            *search_space.settings(plain, best.values),
            ("name", f"{search.name}-tuned"),
            ("summary", f"{search.name}, tuned: best of {trials} trials on validation."),
            ("variant_of", search.name),
            *((key, None) for key in ("origin", "results", "weights")),
        ],
    )
    if "patience" in changed["train"]:  # early stopping needs the validation split
        held_out = load.check(search.raw, where=search.name).data.split.validation
        changed = load.override(changed, [("data.split.validation", held_out)])
    original = load.check(load.parse(text, where=search.name), where=search.name)
    if load.check(changed, where=WHERE).architecture != original.architecture:
        # the claim is of another network
        changed = load.override(changed, [("variant_of", None), ("claim", None)])
    seeds = "seed" if len(search.seeds) == 1 else "seeds"
    comment = (
        f"# zoo tune {search.name}: trial {best.number} of {trials} reached "
        f"{percent(best.accuracy or 0, 2)} on the validation split,\n"
        f"# the mean over {seeds} {', '.join(map(str, search.seeds))}; the test split was not "
        "looked at.\n"
    )
    # above the summary, so that another search over this entry replaces both
    return attach(edit(text, changed), {("summary",): Comments(above=comment)})
