"""Links of Markdown pages."""

import re
from pathlib import Path
from urllib.parse import unquote

BLOCK = re.compile(r"^```.*?^```$", flags=re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")
REFERENCE = re.compile(r"^\[[^\]]+\]: (\S+)$", flags=re.MULTILINE)
HTML_LINK = re.compile(r"""(?:href|src|srcset)=["']([^"']+)["']""")
IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]+)\)")
HTML_IMAGE = re.compile(r"<img\s[^>]*>")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", flags=re.MULTILINE)


def broken_links(page: Path) -> list[str]:
    """Return links to missing files and headings, and images without an alternative text."""
    text = page.read_text(encoding="utf-8")
    prose = CODE.sub("", BLOCK.sub("", text))
    targets = [*LINK.findall(prose), *REFERENCE.findall(prose), *HTML_LINK.findall(prose)]
    broken = [target for target in targets if not _exists(page, target)]
    images = [match["target"] for match in IMAGE.finditer(prose) if not match["alt"].strip()]
    images += [
        HTML_LINK.findall(tag)[0]
        for tag in HTML_IMAGE.findall(prose)
        if not re.search(r"""alt=["'][^"']+["']""", tag)
    ]
    return broken + [f"{image} (an image without a text)" for image in images]


def _exists(page: Path, target: str) -> bool:
    if re.match(r"(https|mailto):", target):
        return True
    name, _, anchor = unquote(target).partition("#")
    path = page if not name else page.parent / name
    if not path.exists():
        return False
    return not anchor or anchor in anchors(path)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    found: dict[str, int] = {}
    result = set()
    for heading in HEADING.findall(text):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        result.add(f"{slug}-{count}" if count else slug)
    return result | set(re.findall(r"""(?:id|name)=["']([^"']+)["']""", text))
