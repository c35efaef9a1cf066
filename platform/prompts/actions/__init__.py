"""The only place that writes more than one prompt. Atomic, keyword-only, says who asked."""

from prompts.actions.importing import Imported, import_prompts

__all__ = ["Imported", "import_prompts"]
