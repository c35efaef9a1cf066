"""Takes the pictures of docs/images and writes docs/pages.md, from a site that script/demo has left running.

    script/screenshots [ADDRESS] [GROUP | PICTURE …]

Without a name: all of them. A group that fails keeps its old pictures, and the others are taken.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Iterator, Sequence

import django
from playwright.sync_api import sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps a loop; the database is asked between its steps
django.setup()

from django.conf import settings  # noqa: E402

from config.screenshots import (  # noqa: E402
    account,
    admin,
    drafts,
    gallery,
    panels,
    questions,
    raters,
    research,
    trouble,
    work,
)
from config.screenshots.camera import IMAGES, Group, Studio  # noqa: E402
from config.screenshots.quiet import QUIET  # noqa: E402
from config.screenshots.work import COPIES  # noqa: E402
from studies.models import Study  # noqa: E402

settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
PAGES = IMAGES.parent / "pages.md"
# In the order of the gallery.
GROUPS: dict[str, Group] = {
    "results": research.take,
    "work": work.take,
    "admin": admin.take,
    "making": drafts.take,
    "account": account.take,
    "raters": raters.take,
    "questions": questions.take,
    "panels": panels.take,
    "trouble": trouble.take,
}


def main() -> int:
    address, names = arguments(sys.argv[1:])
    browser_path = shutil.which("chromium") or sys.exit("chromium is missing: apt install chromium")
    heard = Study.objects.filter(status=Study.Status.COMPLETE, trials__presentations__vote__isnull=False)
    study = heard.exclude(slug__startswith=COPIES).order_by("-pk").first()
    if study is None:
        sys.exit("There is no complete study with votes: run script/demo first.")
    pages = gallery.read(PAGES.read_text(encoding="utf-8")) if PAGES.exists() else {}
    chosen = dict(wanted(names, pages))
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=QUIET)
        failed = [name for name in chosen if not taken(name, Studio(browser, address, study, chosen[name]), pages)]
        browser.close()
    forget(pages)
    if failed:
        sys.stderr.write(f"Not all pictures were taken of: {', '.join(failed)}. The reasons stand above.\n")
    return 1 if failed else 0


def arguments(given: Sequence[str]) -> tuple[str, list[str]]:
    """The site's address, and the names of groups and pictures."""
    addresses = [one for one in given if one.startswith("http")] or ["http://127.0.0.1:8000"]
    return addresses[0].rstrip("/"), [one for one in given if not one.startswith("http")]


def wanted(names: Sequence[str], pages: gallery.Gallery) -> Iterator[tuple[str, frozenset[str]]]:
    """The groups to go through, each with the pictures to take; with none where all are meant."""
    for group in GROUPS:
        pictures = frozenset(names) & pages.get(group, {}).keys()
        if not names or group in names:
            yield group, frozenset()
        elif pictures:
            yield group, pictures
    if unknown := set(names) - GROUPS.keys() - {name for shots in pages.values() for name in shots}:
        sys.exit(f"Neither a group nor a picture of one is {', '.join(unknown)}. Groups: {', '.join(GROUPS)}.")


def taken(group: str, studio: Studio, pages: gallery.Gallery) -> bool:
    """Whether the group was taken to its end; what was taken stands in the gallery in any case."""
    try:
        GROUPS[group](studio)
    except Exception:
        traceback.print_exc()
        whole = False
    else:
        whole = True
    pages[group] = studio.taken if whole and not studio.names else {**pages.get(group, {}), **studio.taken}
    ordered = {name: pages[name] for name in GROUPS if name in pages}
    PAGES.write_text(gallery.written(ordered), encoding="utf-8")
    return whole


def forget(pages: gallery.Gallery) -> None:
    """Pictures that the gallery does not show any more."""
    shown = {name for group in GROUPS for name in pages.get(group, {})}
    for image in IMAGES.glob("*.png"):
        if image.stem not in shown:
            image.unlink()


if __name__ == "__main__":
    sys.exit(main())
