"""A page as one HTML file, assembled from the files in this folder.

The page contains those files unchanged. Its Content-Security-Policy names the SHA-256 of its one
script and its one style and forbids everything else: a modified script does not run, and the page
cannot send a request.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from zoo import html

HERE = Path(__file__).parent


def assemble(
    facts: Mapping[str, Any],
    *,
    title: str,
    scripts: Sequence[str],
    styles: Sequence[str],
    body: str,
    constants: str = "",
) -> str:
    """Return the page of these files, named without their suffixes; its scripts read `facts`."""
    parts = [*([constants] if constants else []), *(_text(f"{name}.js") for name in scripts)]
    script = "".join(f"\n{text}" for text in parts)
    style = "\n".join([html.STYLE, *(_text(f"{name}.css") for name in styles)])
    # "<" could end the script element or start another tag.
    data = json.dumps(facts, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(script, style)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',  # else the browser requests an icon
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            _text(f"{body}.html"),
            f'<script type="application/json" id="facts">{data}</script>',
            f"<script>{script}</script>",
            "</html>\n",
        ]
    )


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
