"""Pages that keep themselves up to date: the same address without its frame, asked for again and again."""

from __future__ import annotations

from django.http import HttpRequest


def part_or_page(request: HttpRequest, template: str) -> str:
    """The page's own template; or what lies inside it, `_live/` beside it, where its script asks for that alone."""
    if request.headers.get("X-Live") != "1":
        return template
    folder, name = template.rsplit("/", 1)
    return f"{folder}/live/{name}"
