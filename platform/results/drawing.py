"""SVG of a figure, in colours that follow the page: light by itself, dark where the reader's system is dark."""

from __future__ import annotations

import hashlib

import altair as alt
import vl_convert
from django.core.cache import cache

from results import figures

# Light to dark, as in static/tokens.css.
DARK = {
    figures.SURFACE: "#1e2125",
    figures.INK: "#eceae5",
    figures.SOFT: "#a9aeb5",
    figures.LINE: "#33383e",
    figures.ACCENT: "#5cc4bd",
}


def svg(chart: alt.TopLevelMixin) -> str:
    """Drawn once for equal figures: the renderer takes a tenth of a second, a second on its first call."""
    specification = chart.to_json(indent=None)
    key = f"figure:{hashlib.sha256(specification.encode()).hexdigest()}"
    drawn = cache.get(key)
    if drawn is None:
        drawn = themed(vl_convert.vegalite_to_svg(specification))
        cache.set(key, drawn, timeout=86_400)
    return drawn


def themed(drawn: str) -> str:
    rules = "".join(
        f'[{attribute}="{light}"]{{{attribute}:{dark}}}'
        for light, dark in DARK.items()
        for attribute in ("fill", "stroke")
    )
    end = drawn.index(">") + 1
    return f"{drawn[:end]}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>{drawn[end:]}"
