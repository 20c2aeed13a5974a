"""The texts of an ablation study, for the terminal, Markdown and the HTML page alike."""

from zoo.analysis.ablation import Ablation, Effect
from zoo.analysis.statistics import mean_words
from zoo.formatting import count, points

Cells = tuple[str, ...]
COLUMNS = ("without", "accuracy", "effect", "95% interval", "")
EFFECT = "effect: accuracy with all components minus accuracy without this one, in points."
UNCLEAR = "unclear: the interval contains 0, so the effect is not significant at 5%."
EARLY_STOPPING = (
    "Early stopping has no verdict: it chose its weights by the images that evaluate it, so that "
    "its effect looks larger than it is."
)


def effect_rows(ablation: Ablation) -> list[Cells]:
    """Return the texts of each component, the largest effect first."""
    rows = [
        (
            effect.component.label,
            f"{mean_words(effect.accuracy)} ({effect.accuracy.n})",
            points(effect.difference.mean),
            _interval(effect),
            effect.finding or "",
        )
        for effect in ablation.effects
    ]
    return rows + [(component.label, "-", "-", "-", "failed") for component in ablation.unknown]


def _interval(effect: Effect) -> str:
    low, high = effect.difference.low, effect.difference.high
    return "-" if low is None or high is None else f"{points(low)} to {points(high)}"


def full_accuracy(ablation: Ablation) -> str:
    """Return the accuracy of the complete recipe, with the number of seeds in brackets."""
    summary = ablation.full_accuracy
    return f"{mean_words(summary)} ({summary.n})" if summary else "-"


def notes(ablation: Ablation) -> list[str]:
    """Return the meaning of the columns, and the caveats."""
    is_unclear = any(effect.finding == "unclear" for effect in ablation.effects)
    return [EFFECT, *([UNCLEAR] if is_unclear else []), *caveats(ablation)]


def caveats(ablation: Ablation) -> list[str]:
    """Return the caveats that a reader of the table must know."""
    train = ablation.entry.train
    is_fair = all(effect.component.is_fair for effect in ablation.effects)
    texts = [] if is_fair else [EARLY_STOPPING]
    if train.length != ablation.recipe_length:
        # the cards of the shipped models have this sentence
        texts.append(
            f"Measured over {count(train.length, train.unit)} instead of the recipe's "
            f"{ablation.recipe_length:,}; over those, a component may have another effect."
        )
    return texts
