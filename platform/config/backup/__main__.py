"""`script/backup` and `script/restore`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    options = arguments()
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.db import Error

    try:
        django.setup()
        from config.backup import BackupError
        from studies.keeping import BusyError

        try:
            options.run(options)
        except (BackupError, BusyError, OSError, Error) as error:
            sys.exit(f"{options.what}: {str(error).strip()}")
    except (ImproperlyConfigured, OSError, RuntimeError) as error:  # the settings, or the embedded PostgreSQL
        sys.exit(f"{options.what}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{options.what}: stopped; nothing was changed, and nothing half-made is left.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script")
    verbs = parser.add_subparsers(required=True)
    backup = verbs.add_parser("backup", help="the whole installation as one file")
    backup.add_argument("target", metavar="FILE|FOLDER", help="in a folder the file's name is the time")
    backup.add_argument("--keep", type=_count, metavar="N", help="in a folder: delete all but the newest N afterwards")
    backup.add_argument(
        "--without-objects", action="store_true", help="leave out what is in S3-compatible storage: the bucket has a "
        "backup of its own"
    )  # fmt: skip
    backup.set_defaults(run=_backup, what="No backup was made")
    restore = verbs.add_parser("restore", help="a backup into an empty place")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--force", action="store_true", help="replace what is there")
    restore.add_argument("--check", action="store_true", help="only look whether the file is whole and fits here")
    restore.set_defaults(run=_restore, what="Not restored")
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(text)


def _backup(options: argparse.Namespace) -> None:
    from config.backup import BackupError, making, place

    path = place.named(options.target)
    if options.keep and path == Path(options.target):
        raise BackupError("--keep is for a folder.")
    with _progress("backup", making.size_at_most()) as tell:
        manifest = making.make(path, not options.without_objects, tell)
    rows, objects = sum(manifest["tables"].values()), manifest["elsewhere"]
    told = f"{objects['objects']} objects{'' if objects['included'] else ' left out'}"
    console.print(f"{path}: {rows:,} rows in {len(manifest['tables'])} tables, {told}, {path.stat().st_size:,} bytes.")
    for old in place.keep(path.parent, options.keep) if options.keep else ():
        console.print(f"Deleted {old}.")


def _restore(options: argparse.Namespace) -> None:
    from config.backup import restoring

    backup = restoring.opened(options.file)
    rows = sum(backup.manifest["tables"].values())
    if options.check:
        console.print(f"{options.file} is whole: {rows:,} rows as of {backup.manifest['made_at']}; it fits here.")
        return
    with _progress("restore", sum(each["bytes"] for each in backup.manifest["files"].values())) as tell:
        restoring.restore(backup, options.force, tell)
    console.print(f"Restored {rows:,} rows as of {backup.manifest['made_at']}.")
    if restoring.left_to_migrate():
        console.print("It is of an older version: run manage.py migrate before anything else.")
    if missing := restoring.missing():
        console.print(f"{missing} files are in a bucket that is not reached from here: set AUDIO_S3_BUCKET.")


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], object]]:
    """A bar where there is a terminal, nothing where there is none."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda size: bar.advance(task, size)


if __name__ == "__main__":
    main()
