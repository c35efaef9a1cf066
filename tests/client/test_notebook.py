"""The notebook of the documentation runs as it stands, against a server with a study."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "analysis.ipynb"


@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_the_notebook_runs_from_its_first_cell_to_its_last(live_server, voted, token, monkeypatch):
    told = {"AUDIONESE_URL": live_server.url, "AUDIONESE_TOKEN": token, "AUDIONESE_STUDY": voted.slug}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=600, startup_timeout=300, kernel_name="python3").execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    said = "".join(output.get("text", "") for cell in cells for output in cell.outputs)
    shown = [kind for cell in cells for output in cell.outputs for kind in output.get("data", {})]
    assert "2 pairs, largest difference" in said and "Spearman" in said
    assert shown.count("image/png") == 3 and shown.count("text/html") >= 5


def test_the_notebook_says_nothing_of_where_it_was_made():
    """No address, key or path of a machine is in what was printed."""
    text = NOTEBOOK.read_text()
    assert "localhost" not in text and "aud_" not in text.replace("aud_…", "").replace("aud_\\u2026", "")
    assert "/home/" not in text and str(NOTEBOOK.parents[2]) not in text
