"""From the bytes of a file to its text."""

from __future__ import annotations

import codecs

from prompts.faults import Fault, UnreadableError

SAVE_AS = 'Save it as "CSV UTF-8" (in a spreadsheet: File, Save as) and choose it again.'

# A UTF-32 mark begins with a UTF-16 one: longest first.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SIGNATURES = (
    (b"PK\x03\x04", "a spreadsheet workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"%PDF", "a PDF"),
)


def decode(data: bytes) -> str:
    """The text of UTF-8, or of whatever its byte order mark announces. Raises UnreadableError naming the line."""
    if not data.strip():
        raise UnreadableError(Fault(None, "The file is empty."))
    for start, what in SIGNATURES:
        if data.startswith(start):
            raise UnreadableError(Fault(None, f"The file is {what}, and none that can be read here. {SAVE_AS}"))
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and _looks_like_utf16(data):
        raise UnreadableError(Fault(1, f"This looks like UTF-16 without its byte order mark. {SAVE_AS}"))
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(_undecodable(data, encoding, error)) from error


def _looks_like_utf16(data: bytes) -> bool:
    """Every other byte of western text is then zero."""
    start = data[:200]
    return max(start[::2].count(0), start[1::2].count(0)) > len(start) // 4


def _undecodable(data: bytes, encoding: str, error: UnicodeDecodeError) -> Fault:
    before = data[: error.start].decode(encoding, "ignore")
    line = before.count("\n") + 1
    byte = data[error.start] if error.start < len(data) else 0
    message = f"byte {error.start + 1:,} (0x{byte:02x}) is not {encoding.removesuffix('-sig').upper()}."
    return Fault(line, f"{message}{_guess(data, error.start) if encoding == 'utf-8' else ''} {SAVE_AS}")


def _guess(data: bytes, at: int) -> str:
    """What the place would read in the encoding that western spreadsheets write."""
    start, stop = data.rfind(b"\n", 0, at) + 1, at + 12
    place = data[max(start, at - 12) : stop].split(b"\n")[0].strip().decode("cp1252", "replace")
    return f" It looks like Windows-1252, where it reads “{place}”."
