"""The whole installation as one file, and back: script/backup and script/restore."""

FORMAT = "audionese-backup/1"
DUMP = "database.dump"
FOLDER = "audio"  # of the file: objects that are in S3-compatible storage and not in the database


class BackupError(Exception):
    """It cannot be made or restored; the message is what to do."""
