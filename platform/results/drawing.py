"""A figure as a picture: SVG in colours that follow the page, PNG and PDF for papers, the specification for scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache as once
from typing import Any

import altair as alt
import vl_convert
from django.core.cache import cache

from results.figures import style

# Light to dark, as in static/tokens.css.
DARK = {
    style.SURFACE: "#1e2125",
    style.INK: "#eceae5",
    style.SOFT: "#a9aeb5",
    style.LINE: "#33383e",
    style.ACCENT: "#5cc4bd",
}
TYPES = {
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "png": "image/png",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
PIXELS = 3  # PNG: dots a unit, sharp in print


def svg(chart: alt.TopLevelMixin) -> str:
    return drawn("svg", specification(chart)).decode()


def drawn(form: str, specification: str) -> bytes:
    """form: svg, png, pdf or json. Drawn once for equal figures: a tenth of a second, a second on the first call."""
    key = f"figure:{form}:{hashlib.sha256(specification.encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = FORMS[form](specification)
        cache.set(key, found, timeout=86_400)
    return found


def specification(chart: alt.TopLevelMixin) -> str:
    """Vega-Lite as JSON. Tests hold every figure to Vega-Lite's schema; to do so at each drawing would cost as much."""
    return chart.to_json(indent=None, validate=False)


def titled(chart: alt.TopLevelMixin, title: str, source: str) -> str:
    """The specification of a figure that leaves the page: what it shows and rests on stands in the picture."""
    spec: dict[str, Any] = json.loads(specification(chart))
    spec["title"] = {"text": title, "anchor": "start", "offset": 14, "fontSize": 15, "color": style.INK}
    spec["title"] |= {"subtitle": style.folded(source, 96), "subtitleColor": style.SOFT, "subtitleFontSize": 11}
    spec["background"] = style.SURFACE
    spec["padding"] = 14
    return json.dumps(spec)


def taken_along(chart: alt.TopLevelMixin, title: str, source: str, form: str) -> bytes | str:
    """A figure for a paper: in light colours, with what it shows and rests on. form: svg, pdf, png or json."""
    spec = titled(chart, title, source)
    return spec if form == "json" else drawn("paper.svg" if form == "svg" else form, spec)


_RULES = "".join(
    f'[{attribute}="{light}"]{{{attribute}:{dark}}}' for light, dark in DARK.items() for attribute in ("fill", "stroke")
)
_STYLE = f"@media (prefers-color-scheme:dark){{{_RULES}}}"
# By which a policy allows this one style inside a picture, and no other.
STYLE_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"


def themed(picture: str) -> str:
    end = picture.index(">") + 1
    return f"{picture[:end]}<style>{_STYLE}</style>{picture[end:]}"


FORMS: dict[str, Callable[[str], bytes]] = {
    "svg": lambda spec: themed(vl_convert.vegalite_to_svg(spec)).encode(),
    "paper.svg": lambda spec: vl_convert.vegalite_to_svg(spec).encode(),
    "png": lambda spec: vl_convert.vegalite_to_png(spec, scale=PIXELS),
    "pdf": lambda spec: vl_convert.vegalite_to_pdf(spec),
}


@once
def renderer() -> str:
    """Vega, Vega-Lite and vega-embed in one script, as vl-convert brings them along: no file of ours, no other host."""
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # it has a default: to export vega-embed


@once
def renderer_version() -> str:
    return hashlib.sha256(renderer().encode()).hexdigest()[:16]
