"""Files of prompts as tables: CSV and its kin, JSON lines, plain text, Parquet."""

from prompts.sheets.sheet import Sheet, open_sheet

__all__ = ["Sheet", "open_sheet"]
