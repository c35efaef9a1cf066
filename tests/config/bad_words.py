"""What no form, address, header or file should be brought down by."""

from __future__ import annotations

import json
from random import Random

DEEP = 20_000  # brackets within brackets
DIGITS = "9" * 5_000  # Python reads integers of 4,300 digits at most

# In addresses, queries and forms. ² and ٣ are digits to str.isdigit, of which int reads only the second.
WORDS = (
    "", " ", "\0", "a\0b", "%00", "%", "%zz", "\r\nX-Evil: 1", "\t", "\x1b[31m", "\x7f", "\ud800", "a\udfffb", "💥",
    "\u202egnirts", "\ufeff", "\ufffd", "e\u0301" * 40, "ß" * 90, "<script>alert(1)</script>", "' OR ''='", "\"; --",
    "{{7*7}}", "{0.__class__}", "%(x)s", "$(id)", "../" * 20 + "etc/passwd", "..\\..\\", "//evil.example/", "file:///",
    "-1", "0", "-0", "+1", " 1", "1 ", "1.5", "1_000", "0x10", "²", "٣", "１", "1e999", "-1e999", "NaN", "inf", "-inf",
    "2147483648", "-2147483649", "32768", "9223372036854775808", "-9223372036854775809", "1" + "0" * 400, DIGITS,
    "null", "true", "[]", "{}", "[1,", '{"a":', "[" * DEEP, '{"a":' * DEEP, '"\\ud800"', '"\\u0000"', '["\\u0000"]',
    '{"a": "\\ud800"}', '{"a": 1e999}', '{"a": NaN}', "[Infinity]", f"[{DIGITS}]", f'{{"seed": {DIGITS}}}', '[["a"]]',
    '[[{}, []]]', '{"objective": []}', '{"training": {"objective": {}}}', '[{"question": 1}]', '[{"options": {}}]',
    "2026-13-45", "0000-00-00", "10000-01-01", "9999-12-31T23:59:59.999999Z", "9999-12-31", "0001-01-01", "24:00",
    "true,false", "a,b,,", "a=b&c=d", "x" * 300, "x" * 10_000, "a" * 70_000, "en;q=2", "xx-XX", "de", "csv", "*",
)  # fmt: skip
# In headers a server lets latin-1 through, but neither NUL nor the ends of lines.
IN_HEADERS = tuple(
    word.encode("latin-1").decode("latin-1")
    for word in (*(w for w in WORDS if len(w) < 9_000), "\xff\xfe", "\xb2", "\xe9")
    if word.isascii() or max(map(ord, word)) < 256
    if not set(word) & set("\0\r\n")
)
RANGES = (
    "bytes=0-", "bytes=-1", "bytes=-0", "bytes=0-0", "bytes=5-1", "bytes=1-1,3-4", "bytes=", "bytes=-", "bytes",
    "bytes=a-b", "bytes=0-99999999999999999", "bytes=999999999999999999-", "bytes=9999999999999999999999-", "bytes=--1",
    "bytes=+1-2", "bytes=1e3-", "bytes=0x0-0x1", "bytes=\xb2-", "bytes= 0 - 5 ", "BYTES=0-1", "items=0-5",
    "bytes=0-1;q=1", "0-5", "=", "bytes=0-" + DIGITS, "bytes=" + DIGITS + "-", "bytes=-" + DIGITS,
    "bytes=" + "0-1," * 500, "bytes\x0b=0-1", "none",
)  # fmt: skip
COOKIES = (
    'sessionid="\\000\\000\\000\\000\\000\\000\\000\\000\\000"', "sessionid=", f"sessionid={'x' * 5_000}",
    "sessionid=\xff" * 9, 'rater="\\000:1:x"', "rater=1:x:y", "rater=", f"rater={DIGITS}", "csrftoken=\xff",
    'csrftoken="\\000"', "messages=[[", 'messages="\\000"', 'messages="[[\\"__json_message\\",0,20,\\"x\\"]]"',
    "django_language=\xff", "a=b; a=c;;;=;", "=" * 99, 'django_language="\\000"', "django_language=../../x",
    ";" * 2_000, "sessionid", '"', "\xe9=\xe9",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x", f"multipart/form-data; boundary={'x' * 300}", "text/plain", "", "/", "a/b; c",
    "\xff", "application/x-www-form-urlencoded; charset=utf-7", "application/json; charset=no-such",
    "application/json; charset=utf-16", "multipart/form-data; boundary=\xff",
    "application/xml", "audio/wav",
    'multipart/form-data; boundary="x', "multipart/mixed; boundary=x", "text/html; charset=\x0b",
    "application/json;;;=;",
)  # fmt: skip


def word(random: Random) -> str:
    return random.choice(WORDS)


def mutated(random: Random, text: str) -> str:
    """The text with something of it gone, doubled, turned round, or with a word within."""
    at, other = sorted(random.randint(0, len(text)) for _ in range(2))
    ways = (
        text[:at] + text[other:],
        text[:other] + text[at:],
        text[:at] + text[at:other][::-1] + text[other:],
        text[:at] + word(random) + text[other:],
        text[:at] + chr(random.choice((0, 10, 34, 44, 58, 127, 133, 160, 8232, 0x1F4A5))) + text[at:],
    )
    return random.choice(ways)


def damaged(random: Random, data: bytes) -> bytes:
    """The bytes cut off, with a few others, with a part twice, or with what is none of their kind."""
    if not data:
        return random.randbytes(40)
    at, other = sorted(random.randint(0, len(data)) for _ in range(2))
    flipped = bytearray(data)
    for _ in range(random.choice((1, 3, 20))):
        flipped[random.randrange(len(flipped))] = random.randrange(256)
    alien = random.choice((b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"PK\x03\x04", random.randbytes(9)))
    ways = (data[:at], bytes(flipped), data[:other] + data[at:], data[:at] + alien + data[other:], data[at:])
    return random.choice(ways)


def value(random: Random, depth: int = 0):
    """Anything that JSON can say, and a little that it cannot."""
    if depth < 3 and random.random() < 0.3:
        size = random.randint(0, 3)
        made = [value(random, depth + 1) for _ in range(size)]
        return made if random.random() < 0.5 else {word(random)[:60]: one for one in made}
    return random.choice(
        (word(random)[:9_000], None, True, -1, 0.5, 10**30, 2**31, 2**63, float("inf"), float("nan"), [], {})
    )


def as_json(told: object) -> bytes:
    """Lone surrogates and infinities too, as a sender may write them."""
    return json.dumps(told).encode()
