"""Self-contained HTML pages: the head, the style and common elements.

A page loads nothing and runs no script; its content security policy makes the browser enforce that.
It supports light and dark mode, narrow windows and printing.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from zoo.svg.style import DARK, LIGHT, PALETTE
from zoo.svg.style import STYLE as FIGURE_STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

RULES = """
* { box-sizing: border-box }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem }
p { margin: .5rem 0 } .soft, caption { color: var(--soft) }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
caption { text-align: left; padding-bottom: .5rem; font-size: .9rem }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap }
th[scope=row], thead th:first-child { text-align: left }
table.words td { text-align: left; white-space: normal }
table.words th { font-weight: normal; color: var(--soft); vertical-align: top; width: 8rem }
table.words { width: 100% }
.wide { overflow-x: auto }
.wide caption { position: sticky; left: 0; width: min(100%, 100vw - 3rem) }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .75rem;
  white-space: pre-wrap }
img { image-rendering: pixelated }
svg { max-width: 100%; height: auto }
@media (max-width: 30rem) { .wide { font-size: .85rem } th, td { padding: .2rem .4rem } }
@media print {
  main { max-width: none; padding: 0 }
  h2 { break-after: avoid } tr, figure, svg, pre { break-inside: avoid }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""


def _variables(mode: int) -> str:
    """Return the palette as variables; on a page, blue is right and orange is wrong."""
    names = {name: name for name in ("paper", "raised", "ink", "soft", "line")}
    names |= {"right": "blue", "wrong": "orange"}
    return " ".join(f"--{name}: {PALETTE[colour][mode]};" for name, colour in names.items())


STYLE = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
{FIGURE_STYLE}{RULES}"""


def page(title: str, body: Iterable[str], *, style: str = "") -> str:
    """Return a page; `body` is HTML."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',  # otherwise the browser requests one
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}{style}</style>",
            "<main>",
            *body,
            "</main>",
            "</html>\n",
        ]
    )


def image(png: bytes, *, alt: str, side: int) -> str:
    """Return an embedded image; `side` is its width and height on the screen in pixels."""
    content = b64encode(png).decode()
    return (
        f'<img src="data:image/png;base64,{content}" alt="{escape(alt)}" '
        f'width="{side}" height="{side}">'
    )


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first cell of each row is its header."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    lines = [
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    ]
    return (
        '<div class="wide" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def key_values(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of two columns, a name and a text."""
    lines = [
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>'
        for name, text in rows
    ]
    return f'<table class="words"><tbody>{"".join(lines)}</tbody></table>'


def reproduction(command: str, versions: Mapping[str, str | None]) -> list[str]:
    """Return the section with the command that makes the page again, and the versions."""
    return [
        "<h2>Reproduction</h2>",
        f"<pre>{escape(command)}</pre>",
        key_values((name, version or "none") for name, version in versions.items()),
    ]
