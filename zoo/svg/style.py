"""The palette and the stylesheet of figures, in light and dark mode; HTML pages use them, too."""

HUES = ("blue", "orange", "green", "purple", "pink")  # the colours of lines, in this order
LIGHT, DARK = 0, 1
PALETTE = {  # each colour in light and in dark mode
    "paper": ("#ffffff", "#0d1117"),
    "raised": ("#f6f8fa", "#161b22"),
    "ink": ("#1f2328", "#f0f6fc"),
    "soft": ("#57606a", "#9198a1"),
    "line": ("#d8dee4", "#30363d"),
    "blue": ("#0969da", "#4493f8"),
    "orange": ("#bc4c00", "#f0883e"),
    "green": ("#1a7f37", "#3fb950"),
    "purple": ("#8250df", "#ab7df8"),
    "pink": ("#bf3989", "#f778ba"),
}
CLASSES = {"grid": "line", "label": "ink", "heading": "ink"}  # and the colour of each
CLASSES |= {name: name for name in ("paper", "ink", "soft", *HUES)}

SHAPES = """
svg text { font: 12px system-ui, sans-serif }
svg text.heading { font-size: 14px; font-weight: 600 }
svg circle, svg polygon, svg rect, svg text { fill: currentColor }
svg line, svg polyline { stroke: currentColor }
svg polyline { fill: none; stroke-width: 2; stroke-linejoin: round }
svg .dashed { stroke-width: 1.5; stroke-dasharray: 5 4 }
svg .faint { fill-opacity: .22; stroke-opacity: .5 }
svg .half { fill-opacity: .55 }
"""


def _coloured(mode: int) -> str:
    """Return the rules with literal colours, because image viewers do not know variables."""
    rules = [
        f"svg .{name} {{ color: {PALETTE[colour][mode]} }}" for name, colour in CLASSES.items()
    ]
    return "\n".join([f"svg {{ color: {PALETTE['soft'][mode]} }}", *rules])


STYLE = f"""{SHAPES}{_coloured(LIGHT)}
@media (prefers-color-scheme: dark) {{
{_coloured(DARK)}
}}
"""
