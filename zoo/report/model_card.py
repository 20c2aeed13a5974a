"""Model cards: metadata, network, claim, results, weights, input format, licences and limits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.analysis.statistics import mean_words, summarize
from zoo.config.entry import Claim, Entry, Origin, SplitName
from zoo.config.results import Result
from zoo.files import read_bounded
from zoo.formatting import count, percent, verdict_words
from zoo.markdown import inline, link, paragraph, row
from zoo.report.front_matter import front_matter, is_stand_in
from zoo.training.weights import WeightsMetadata

# the headings of the tables in NAME.chosen.md and NAME.worth.md
TITLES = {"chosen": "Choice of the recipe", "worth": "Ablation study"}
MAX_BYTES = 1_000_000  # of a table
MAX_VARIANTS = 6  # in the table of the choice


def tables_of(name: str, folder: Path) -> dict[str, str]:
    """Return the tables of an entry in a folder, by their headings; only the best variants."""
    paths = {kind: folder / f"{name}.{kind}.md" for kind in TITLES}
    texts = {
        kind: read_bounded(path, MAX_BYTES).decode()
        for kind, path in paths.items()
        if path.exists()
    }
    if "chosen" in texts:
        texts["chosen"] = _best_variants(texts["chosen"], paths["chosen"].name)
    return {TITLES[kind]: text for kind, text in texts.items()}


def _best_variants(text: str, link: str) -> str:
    """Return Markdown with the first rows of its table, and a link to the file with all rows."""
    lines = text.splitlines(keepends=True)
    rows = [number for number, line in enumerate(lines) if line.startswith("|")][2:]
    if len(rows) <= MAX_VARIANTS:
        return text
    note = f"\n[All {len(rows)} variants]({link}); these are the best.\n"
    return "".join([*lines[: rows[MAX_VARIANTS]], note, *lines[rows[-1] + 1 :]])


def card(
    entry: Entry,
    facts: WeightsMetadata,
    results: Sequence[Result],
    tables: Mapping[str, str] | None = None,
) -> str:
    """Return the card as Markdown.

    `tables` has the Markdown of further sections by their headings.
    """
    sections = "".join(f"## {title}\n\n{text}\n" for title, text in (tables or {}).items())
    shape, source = inline(entry.architecture), entry.data.source
    replaced = ", replaced by\n42,000 images drawn from MNIST" if is_stand_in(facts) else ""
    return f"""{front_matter(entry, facts)}
# {entry.name}

{paragraph(entry.summary)}
A fully connected network, {shape}, with {entry.parameters:,} parameters, trained from scratch
with NumPy.
{_variant(entry)}
```
zoo predict {entry.name} digit.png
zoo evaluate {entry.name}
zoo export {entry.name} --onnx
```
{_claimed(entry.claim, entry.origin) if entry.claim and entry.origin else ""}
{_reached(entry, results)}
{sections}## These weights

Seed {facts.seed} is number {(len(results) + 1) // 2} of {len(results)} seeds by accuracy on the
{entry.selection_split} split: the median. The test split was not used to choose it.

| split | images | accuracy | loss |
|---|---:|---:|---:|
{_scores(facts)}
| file | content |
|---|---|
| `{entry.name}.safetensors` | the weights and the recipe; fingerprint `{facts.fingerprint}` |
| `{entry.name}.onnx` | the network for any runtime, with the scaling of pixels |
| `{entry.name}.json` | the verification of the ONNX file; three images and their predictions |

## Input

{paragraph(source.appearance)}
`zoo predict` converts any image to this form, and makes its strokes as wide as in the data. For
other software, convert the images first; "Prepare an image" in `zoo help export` has a program.

## Data and licences

Trained on {inline(source.title)} ({inline(source.licence)}){replaced}.
SHA-256 of the data: `{facts.data}`.
The weights are MIT, as zoo is.

## Known limits

- {_mistakes(entry, facts)}
- It classifies only digits: for a letter, a face or a scribble it predicts a digit, often with a
  high probability.
- It reads one digit per image; split a number of several digits first.
- Its probabilities are those of the softmax, without calibration; `zoo evaluate {entry.name}` shows
  the calibration error.
"""


def _variant(entry: Entry) -> str:
    name = entry.variant_of
    return f"The architecture of [{name}]({name}.md) with another recipe.\n" if name else ""


def _claimed(claim: Claim, origin: Origin) -> str:
    title = link(origin.title, origin.url) if origin.url else f"“{inline(origin.title)}”"
    by = "" if origin.author == "not named" else f" by {inline(origin.author)}"
    return f"""
## The original's claim

> {paragraph(claim.quote)}

{title}{by}; licence: {inline(origin.licence)}.
zoo checks it on the {claim.split} split:
{percent(claim.value)} ± {percent(claim.tolerance)}.
"""


def _reached(entry: Entry, results: Sequence[Result]) -> str:
    summary = summarize([result.accuracy for result in results])
    if not summary:
        return ""
    verdict = entry.claim and verdict_words(entry.claim.verdict(summary.mean))
    return f"""## {"Reproduction" if entry.claim else "Results"}

{mean_words(summary, 2)} on {entry.evaluation_split}, mean and standard deviation over
{count(summary.n, "seed")}{f": **{verdict}**" if verdict else ""}.
[results.csv](results.csv) has the accuracy of every seed. To train them again:

```
zoo train {entry.name} --seeds {summary.n}
```
"""


def _scores(facts: WeightsMetadata) -> str:
    return "".join(
        row([name, f"{score.n:,}", percent(score.accuracy), f"{score.loss:.4f}"])
        for name, score in facts.scores.items()
    )


def _mistakes(entry: Entry, facts: WeightsMetadata) -> str:
    split: SplitName = "test" if "test" in facts.scores else entry.selection_split
    score = facts.scores[split]
    wrong = score.n - round(score.accuracy * score.n)
    return f"It misclassifies {wrong:,} of the {score.n:,} images of its {split} split."
