"""The only place that writes more than one prompt. Atomic, keyword-only, says who asked."""

from prompts.actions.importing import Imported, import_prompts
from prompts.actions.uploading import forget_upload, keep_upload
from prompts.actions.versions import new_version

__all__ = ["Imported", "forget_upload", "import_prompts", "keep_upload", "new_version"]
