"""Tables as people take them along: LaTeX with booktabs, Markdown, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from tabulate import tabulate

from results.tables.table import Column, Row, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What LaTeX does not set as it stands, after its own characters have been escaped.
SIGNS = {"−": "$-$", "×": r"$\times$", "–": "--", "α": r"$\alpha$", "τ": r"$\tau$", "ρ": r"$\rho$", "→": r"$\to$"}


def latex(table: Table, study: str) -> str:
    """A floating table; the document loads booktabs."""
    drawn = tabulate(
        _cells(table),
        headers=_heads(table),
        tablefmt="latex_booktabs",
        disable_numparse=True,
        colalign=["right" if column.numeric else "left" for column in table.shown],
    )
    caption = _escaped(f"{study}: {table.title}. {_told(table)}")
    body = f"\\caption{{{caption}}}\n\\label{{tab:{table.name}}}\n\\centering\n{drawn}"
    text = f"% Needs \\usepackage{{booktabs}}\n\\begin{{table}}[t]\n{body}\n\\end{{table}}\n"
    for sign, command in SIGNS.items():
        text = text.replace(sign, command)
    return text


def markdown(table: Table, study: str) -> str:
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in _cells(table)]
    align = ["right" if column.numeric else "left" for column in table.shown]
    drawn = tabulate(cells, headers=_heads(table), tablefmt="pipe", disable_numparse=True, colalign=align)
    return f"**{study}: {table.title}**\n\n{drawn}\n\n{_told(table)}\n"


def comma_separated(table: Table, study: str) -> str:
    """Values as they are, not as they are written: an interval is two columns of its own."""
    return written([dict(_values(table.columns, row)) for row in table.rows])


def _heads(table: Table) -> list[str]:
    return [f"{column.title} {column.unit}".strip() for column in table.shown]


def _cells(table: Table) -> list[list[str]]:
    return [[_inline(column, row) for column in table.shown] for row in table.rows]


def _inline(column: Column, row: Row) -> str:
    """31.0 [30.0, 32.0]"""
    ends = column.ends(row).replace(" to ", ", ")
    aside = str(row.get(column.aside) or "")
    return column.text(row) + (f" [{ends}]" if ends else f" ({aside})" if aside else "")


def _told(table: Table) -> str:
    return f"{table.note} {table.source}".strip()


def _escaped(text: str) -> str:
    """As tabulate escapes cells."""
    return tabulate([[text]], tablefmt="latex", disable_numparse=True).split("\n")[2].removesuffix(r" \\").strip()


def _values(columns: tuple[Column, ...], row: Row) -> Iterator[tuple[str, object]]:
    for column in columns:
        yield column.key, row.get(column.key)
        if column.interval:
            low, high = row.get(column.interval) or (None, None)
            yield f"{column.key}_low", low
            yield f"{column.key}_high", high
        if column.aside:
            yield column.aside, row.get(column.aside)


def written(rows: list[Row]) -> str:
    """CSV with every column that some row has. A cell that a spreadsheet would take for a formula is kept from it."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_safe(row.get(name, "")) for name in columns] for row in rows)
    return out.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell


FORMS: dict[str, tuple[str, Callable[[Table, str], str]]] = {
    "tex": ("application/x-tex; charset=utf-8", latex),
    "csv": ("text/csv; charset=utf-8", comma_separated),
    "md": ("text/markdown; charset=utf-8", markdown),
}
