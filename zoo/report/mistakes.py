"""The images of mistakes, each with the probability of every class."""

from html import escape

from zoo import html
from zoo.analysis.evaluate import EvaluationReport, Mistake
from zoo.config.dataset_info import Source
from zoo.data.dataset import Values, describe_row
from zoo.data.images.png import png
from zoo.formatting import percent
from zoo.svg.axis import width_of
from zoo.svg.figure import element, text

STYLE = """
.mistakes { display: grid; gap: 1.25rem 1rem; padding: 0;
  grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)) }
figure { margin: 0 } figcaption { font-size: .9rem; line-height: 1.35 }
figure img, figure svg { display: block; width: 8rem; height: auto }
figure svg { margin-top: .4rem } figure svg text { font-size: 11px }
figure svg text:is(.blue, .orange) { font-weight: 700 }
"""

SIDE = 128  # pixels of an image on the page, and of the bars below it
TALL = 36  # pixels of a probability of 1


def mistake_figures(report: EvaluationReport, shown: tuple[Mistake, ...]) -> list[str]:
    """Return the images of mistakes, each with the probability of every class."""
    if not shown:
        return ["<p>There are no mistakes.</p>"]
    wrong = len(report.evaluation.mistakes)
    return [
        (
            f"<p>The {len(shown):,} most confident of {wrong:,}. Below each {report.source.noun} "
            f"is the probability of every {report.source.label_noun}: the prediction is orange, "
            "the label is blue.</p>"
        ),
        '<div class="mistakes">',
        *(_figure(report, mistake) for mistake in shown),
        "</div>",
    ]


def shown_row(image: Values, source: Source, *, alt: str) -> str:
    """Return a row of the data as an image, or as numbers if the data is a table."""
    if source.has_images:
        return html.image(png(image, highest=source.highest), alt=alt, side=SIDE)
    return f"<code>{escape(describe_row(image, source.table))}</code>"


def _figure(report: EvaluationReport, mistake: Mistake) -> str:
    names = report.source.names
    alt = f"A {names[mistake.label]} that was read as {names[mistake.answer]}"
    image = shown_row(mistake.image, report.source, alt=alt)
    location = escape(report.example(mistake))
    caption = f"{escape(report.describe_mistake(mistake))}<br><span class='soft'>{location}</span>"
    return f"<figure>{image}{_bars(mistake, names)}<figcaption>{caption}</figcaption></figure>"


def _bars(mistake: Mistake, names: tuple[str, ...]) -> str:
    """Return the probability of every class as a bar, above the class name if there is room."""
    wide = SIDE / len(names)
    has_names = max(map(width_of, names)) <= wide
    colours = {mistake.answer: "orange", mistake.label: "blue"}
    probabilities = [float(probability) for probability in mistake.probabilities]
    shapes = []
    for index, (name, probability) in enumerate(zip(names, probabilities, strict=True)):
        title = element("title", "", escape(f"{name} {percent(probability, 1)}"))
        tall = max(TALL * probability, 1)
        left, width = wide * (index + 1 / 12), wide * 5 / 6
        hue = colours.get(index, "grid")
        shapes.append(element("rect", hue, title, x=left, y=TALL - tall, width=width, height=tall))
        if has_names:
            middle = wide * (index + 0.5)
            shapes.append(text(name, middle, TALL + 12, colours.get(index, ""), anchor="middle"))
    tall = TALL + 15 if has_names else TALL
    top = sorted(zip(names, probabilities, strict=True), key=lambda pair: -pair[1])[:3]
    label = escape(", ".join(f"{name} {percent(probability, 1)}" for name, probability in top))
    return (
        f'<svg viewBox="0 0 {SIDE} {tall}" role="img" aria-label="Probabilities: {label}">'
        f"{''.join(shapes)}</svg>"
    )
