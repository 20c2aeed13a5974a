"""The confusion matrix as a table whose cells are coloured; class names may have any length."""

from html import escape

from zoo.analysis.evaluate import EvaluationReport

DARKEST = 45  # percent of colour in a cell; with more, the number would be hard to read
SHORT = 3  # letters of a name that stands above its column; longer ones are turned
FEW = 12  # classes; the cells of more are smaller

STYLE = """
table.heat { --names: 16rem; font-size: .85rem }
table.heat :is(th, td) { padding: .35rem .3rem; text-align: center; border: 1px solid var(--paper) }
table.heat td { min-width: 2.6rem }
table.heat tbody th { position: sticky; left: 0; background: var(--paper) }
table.heat tbody span { display: block; width: max-content; max-width: var(--names);
  white-space: normal; text-align: left; line-height: 1.2 }
table.heat.turned thead th { vertical-align: bottom }
table.heat.turned thead span { display: inline-block; writing-mode: vertical-rl; rotate: 180deg;
  max-height: 12rem; overflow: hidden; text-overflow: ellipsis }
table.heat.many { --names: 11rem; font-size: .7rem }
table.heat.many td { min-width: 1.5rem; padding: .2rem .1rem }
table.heat tbody td {
  background: color-mix(in srgb, var(--wrong) calc(var(--s) * 1%), var(--raised)) }
table.heat tbody td.right { font-weight: 600;
  background: color-mix(in srgb, var(--right) calc(var(--s) * 1%), var(--raised)) }
@media (max-width: 30rem) {
  table.heat, table.heat.many { --names: 7rem; font-size: .65rem }
  table.heat td { min-width: 1.5rem; padding: .2rem .1rem }
}
"""


def heatmap(report: EvaluationReport) -> str:
    """Return the confusion matrix; the colour of a cell is its share of the row."""
    names = report.source.names
    confusion = report.evaluation.confusion
    shares = confusion / confusion.sum(axis=1, keepdims=True).clip(min=1)
    wrong = shares.copy()
    wrong[range(len(wrong)), range(len(wrong))] = 0
    largest = wrong.max() or 1
    is_turned = max(map(len, names)) > SHORT
    lines = []
    for label, counts in enumerate(confusion.tolist()):
        cells = []
        for answer, count in enumerate(counts):
            right = label == answer
            depth = shares[label, answer] if right else wrong[label, answer] / largest
            name = ' class="right"' if right else ""
            cells.append(f'<td{name} style="--s:{DARKEST * depth:.1f}">{count or ""}</td>')
        lines.append(
            f"<tr>{_header(names[label], 'row', is_turned=is_turned)}{''.join(cells)}</tr>"
        )
    turned = " turned" if is_turned else ""
    many = " many" if len(names) > FEW else ""
    head = "".join(_header(name, "col", is_turned=is_turned) for name in names)
    return (
        f'<div class="wide" tabindex="0"><table class="heat{turned}{many}">'
        "<caption>A row is the label, a column the prediction; an empty cell "
        "is 0. Blue is correct, darker for a larger share of the row; orange is wrong, on a scale "
        "of its own.</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _header(name: str, scope: str, *, is_turned: bool) -> str:
    """Return the header of a row or column; a browser shows the whole name under the pointer."""
    text = escape(name)
    if not is_turned:
        return f'<th scope="{scope}">{text}</th>'
    return f'<th scope="{scope}" title="{text}"><span>{text}</span></th>'
