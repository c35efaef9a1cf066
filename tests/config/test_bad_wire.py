"""Bytes that no browser writes, at the door of the web server itself: what a test's client could not send."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from random import Random

import pytest
from django.conf import settings

from config.processes import Processes, wait_for_port, web
from tests.config.bad_answers import OURS
from tests.config.bad_words import damaged
from tests.servers import database_url, free

BEGIN = b"GET /login/ HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
FILE = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\ntext\nrain\r\n--x--\r\n'
STRANGE = FORM.replace(b"urlencoded", b"urlencoded; charset=%s").replace(b"/login/", b"/login/?a=%%C3%%BC")
MESSAGES = [
    *(STRANGE % charset + b"Content-Length: 8\r\n\r\na=%C3%BC" for charset in (b"idna", b"hex", b"utf-7", b"\xff")),
    b"", b"\0", b"\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(200), b"GET\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /listen/%ED%A0%80/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET //evil.example/%2e%2e/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET http://localhost/login/ HTTP/1.1\r\n\r\n",
    b"GET /login/?\xb2=\xff&a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /login/ HTTP/9.9\r\nHost: localhost\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", BEGIN[:-20],
    BEGIN + b"Host: \0\r\n\r\n", BEGIN + b"Host: other\r\n\r\n", BEGIN + b"No colon\r\n\r\n",
    BEGIN + b"X: a\r\n b\r\n\r\n", BEGIN, BEGIN + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
    BEGIN + b"".join(b"X-%d: 1\r\n" % n for n in range(200)) + b"\r\n", BEGIN + b"Cookie: sessionid=\0\r\n\r\n",
    BEGIN + b'Cookie: sessionid="\\000\\000\\000\\000\\000\\000\\000\\000"\r\n\r\n',
    BEGIN + b"Range: bytes=\xb2-\r\n\r\n", BEGIN + b"Accept-Language: \xff\xb2;q=\xb2\r\n\r\n",
    BEGIN + b"X_Forwarded_For: 1\r\n\r\n", BEGIN + b"Expect: 100-continue\r\n\r\n",
    BEGIN + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n", FORM + b"Content-Length: -1\r\n\r\n",
    FORM + b"Content-Length: \xb2\r\n\r\n", FORM + b"Content-Length: 1_0\r\n\r\n" + b"a" * 10,
    FORM + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    FORM + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
    FORM + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    FORM + b"Content-Length: 99999999999\r\n\r\n", FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    FORM + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab\r\n0\r\n\r\n",
    FORM + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", FORM + b"Content-Length: 50\r\n\r\nusername=a",
    FORM + b"Content-Length: 12\r\n\r\nusername=%00", FILE + b"Content-Length: %d\r\n\r\n" % len(PART) + PART,
    FILE + b"Content-Length: 900\r\n\r\n" + PART, FILE + b"Content-Length: 40\r\n\r\n" + PART[:40],
    BEGIN + b"\r\n" + BEGIN + b"\r\n", BEGIN + b"Content-Length: 3\r\n\r\n\xff\xfe\0",
]  # fmt: skip
TIMES = 5  # each, once as it stands and then damaged


@pytest.fixture
def port(django_db_setup, tmp_path, monkeypatch) -> Iterator[int]:
    """The product's own server, of one process, before an empty database."""
    more = {"DATABASE_URL": database_url(), "AUDIONESE_DATA": str(tmp_path), "SECRET_KEY": settings.SECRET_KEY}
    for name, value in {**more, "WEB_CONCURRENCY": "1"}.items():
        monkeypatch.setenv(name, value)
    found = free()
    with Processes(tmp_path / "logs") as children:
        web(children, found)
        wait_for_port(found, children, seconds=300)
        yield found


def told(port: int, message: bytes) -> bytes:
    """All that comes back until the server hangs up; this side says that it has no more to say."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        try:
            line.sendall(message)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))
        except (ConnectionResetError, BrokenPipeError):
            return b""


def test_any_bytes_on_the_wire(port):
    random, wrong, answered = Random(1), [], 0
    for message in MESSAGES:
        for one in (message, *(damaged(random, message) for _ in range(TIMES - 1))):
            said = told(port, one)
            answered += said.startswith(b"HTTP/1.1 ")
            status = said[9:10]
            if status == b"5" or OURS.search(said.decode(errors="replace")):
                wrong.append(f"{one[:120]!r} -> {said[:200]!r}")
    assert not wrong, "\n".join(["", *wrong])
    assert answered > len(MESSAGES)
    assert told(port, BEGIN + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 OK")
