"""Black boxes: real processes and a real local service, well-behaved and otherwise."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from inference.engines import registry
from inference.engines.parameters import CommandParameters, HttpParameters
from inference.engines.protocols import EngineError

RATE = 8_000
TEXTS = ["rain", "sad church music", "ein Glöckchen – 鐘の音 🔔", "calm"]


def tone(text: str, seed: int, seconds: float, rate: int = RATE) -> np.ndarray:
    """A tone whose level and pitch tell what it was asked for."""
    pitch = 100 + (seed + len(text.encode())) % 200
    return (0.5 * np.sin(np.arange(round(seconds * rate)) / rate * 2 * np.pi * pitch)).astype(np.float32)


def file(samples: np.ndarray, rate: int = RATE, kind: str = "WAV") -> bytes:
    buffer = BytesIO()
    soundfile.write(buffer, samples, rate, format=kind)
    return buffer.getvalue()


def alike(sound, text: str, seed: int, seconds: float) -> bool:
    return np.allclose(sound.samples, tone(text, seed, seconds), atol=1e-4)


# Commands. Each test's program is Python text; `work` is a folder it may write to.

ANSWER = """
    import json, math, struct, sys
    asked = json.load(sys.stdin)
    rate, count = asked["sample_rate"], round(asked["seconds"] * asked["sample_rate"])
    pitch = 100 + (asked["seed"] + len(asked["text"].encode())) % 200
    level = [round(0.5 * math.sin(i / rate * 2 * math.pi * pitch) * 32767) for i in range(count)]
    data = struct.pack(f"<{count}h", *level)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2,
                         16, b"data", len(data))
    sys.stdout.buffer.write(header + data)
"""


@pytest.fixture
def command(tmp_path, monkeypatch):
    """An engine whose command is a Python program, started without what Python would read first."""
    monkeypatch.setenv("AUDIONESE_COMMANDS", sys.executable)

    def made(program: str, **values):
        path = tmp_path / "model.py"
        path.write_text(f"work = {str(tmp_path)!r}\n" + textwrap.dedent(program))
        arguments = [sys.executable, "-S", "-E", str(path)]
        return registry.load("command", values={"command": arguments, "sample_rate": RATE, "timeout": 20, **values})

    return made


def tries(folder: Path) -> int:
    return len((folder / "tries").read_text())


TRY = "open(work + '/tries', 'a').write('x')\n"


def test_a_command_makes_sounds_in_order_of_the_length_asked_for(command):
    engine = command(ANSWER, concurrency=3)

    sounds = engine.generate(TEXTS, [1, 2, 2**63 - 1, -(2**63)], 0.31)

    assert all(alike(s, t, n, 0.31) for s, t, n in zip(sounds, TEXTS, [1, 2, 2**63 - 1, -(2**63)], strict=True))
    assert {(sound.sample_rate, len(sound.samples), sound.samples.dtype) for sound in sounds} == {
        (RATE, 2_480, np.dtype(np.float32))
    }
    assert np.array_equal(sounds[1].samples, engine.generate([TEXTS[1]], [2], 0.31)[0].samples)


def test_what_is_asked_arrives_as_one_json_object(command, tmp_path):
    with pytest.raises(EngineError):
        command("import sys; open(work + '/asked', 'wb').write(sys.stdin.buffer.read())").generate([TEXTS[2]], [7], 1.5)

    assert json.loads((tmp_path / "asked").read_bytes()) == {
        "text": TEXTS[2],
        "seed": 7,
        "seconds": 1.5,
        "sample_rate": RATE,
    }


def test_a_shell_never_reads_a_text(command, tmp_path):
    text = f"'; touch {tmp_path}/owned; $(touch {tmp_path}/owned)"

    assert alike(command(ANSWER).generate([text], [1], 0.1)[0], text, 1, 0.1)
    assert not (tmp_path / "owned").exists()


def test_an_exit_code_is_tried_again_with_the_same_request_and_then_told(command, tmp_path):
    program = TRY + "import sys; print('loading…'); sys.stderr.write('a warning\\nno memory left\\n\\n'); sys.exit(3)"

    with pytest.raises(EngineError, match=r"'rain' \(seed 5\): .* exit code 3: no memory left \(tried 3 times\)"):
        command(program, retries=2).generate(["rain"], [5], 0.1)

    assert tries(tmp_path) == 3


def test_a_second_try_that_succeeds_gives_the_sound_of_its_seed(command):
    failing = (
        "import os, sys\nif not os.path.exists(work + '/tries'):\n    open(work + '/tries', 'w')\n    sys.exit(1)\n"
    )

    assert alike(command(failing + textwrap.dedent(ANSWER)).generate(["rain"], [9], 0.2)[0], "rain", 9, 0.2)


def test_a_signal_is_named(command):
    with pytest.raises(EngineError, match="was ended by SIGSEGV"):
        command("import os; os.kill(os.getpid(), 11)", retries=0).generate(["rain"], [1], 0.1)


def test_a_time_out_kills_the_command_and_its_children(command, tmp_path):
    program = """
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
        open(work + "/pids", "a").write(f"{child.pid}\\n")
        time.sleep(60)
    """
    begun = time.monotonic()

    with pytest.raises(EngineError, match=r"longer than 3 s and was killed \(tried 2 times\)"):
        command(program, timeout=3, retries=1).generate(["rain"], [1], 0.1)

    assert time.monotonic() - begun < 40  # and not the minute that both wait for
    assert gone((tmp_path / "pids").read_text().split())


def test_what_a_command_leaves_running_is_killed_with_its_success(command, tmp_path):
    program = """
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        open(work + "/pids", "w").write(str(child.pid))
    """

    assert alike(command(textwrap.dedent(program) + textwrap.dedent(ANSWER)).generate(["a"], [1], 0.1)[0], "a", 1, 0.1)
    assert gone([(tmp_path / "pids").read_text()])


def gone(pids: list[str]) -> bool:
    """Whether the processes end before they would by themselves; one whose parent never asks stays as a zombie."""
    until = time.monotonic() + 20
    while any(running(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(pids) and not any(running(pid) for pid in pids)


def running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_endless_output_is_cut_off_while_it_is_read(command, tmp_path):
    program = TRY + "import sys\nwhile True:\n    sys.stdout.buffer.write(bytes(65536))"

    with pytest.raises(EngineError, match="wrote more than 100000 bytes"):
        command(program, largest=100_000).generate(["rain"], [1], 0.1)

    assert tries(tmp_path) == 1


def test_endless_complaints_neither_block_nor_fill_the_memory(command):
    program = "import sys\nfor _ in range(4000):\n    sys.stderr.write('x' * 999 + '\\n')\n" + textwrap.dedent(ANSWER)

    assert alike(command(program).generate(["rain"], [1], 0.1)[0], "rain", 1, 0.1)


def test_a_command_need_not_read_what_it_is_asked(command):
    with pytest.raises(EngineError, match="wrote nothing to its standard output"):
        command("pass").generate(["rain " * 100_000], [1], 0.1)


def test_the_platforms_own_secrets_are_not_passed_on(command, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    monkeypatch.setenv("MODEL_HOME", "/models")
    program = "import os; open(work + '/env', 'w').write(repr(dict(os.environ)))"

    with pytest.raises(EngineError):
        command(program).generate(["rain"], [1], 0.1)

    seen = (tmp_path / "env").read_text()
    assert "SECRET_KEY" not in seen and "DATABASE_URL" not in seen
    assert "/models" in seen


def test_a_command_that_the_operator_did_not_name_is_refused(monkeypatch):
    monkeypatch.setenv("AUDIONESE_COMMANDS", "/opt/model, /opt/other")

    with pytest.raises(EngineError, match=r"does not run '/bin/sh': its operator has to name it in AUDIONESE_COMMANDS"):
        registry.load("command", values={"command": ["/bin/sh", "-c", "true"]})
    with pytest.raises(EngineError, match="There is no program '/opt/other' on this worker"):
        registry.load("command", values={"command": ["/opt/other"]})


def test_a_command_without_words_is_refused():
    for words in ([], [""], ["a\0b"]):
        with pytest.raises(EngineError, match="command: "):
            registry.validate("command", {"command": words})


# What comes back, whoever made it.


@pytest.fixture
def box(monkeypatch, command):
    """A command's engine that is answered with these bytes."""

    def made(content: bytes, **values):
        engine = command("pass", **values)
        monkeypatch.setattr(engine, "answer", lambda request: content)
        return engine

    return made


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_stereo_is_averaged_and_a_longer_answer_cut(box, kind):
    wave = tone("a", 1, 3.0)
    content = file(np.stack([wave, np.zeros_like(wave)], 1), kind=kind)

    (sound,) = box(content).generate(["a"], [1], 1.0)

    assert np.allclose(sound.samples, wave[:RATE] / 2, atol=1e-4)


@pytest.mark.parametrize("rate", [16_000, 44_100, 6_000])
def test_another_rate_is_converted_to_the_promised_one(box, rate):
    (sound,) = box(file(tone("a", 1, 1.0, rate), rate)).generate(["a"], [1], 1.0)

    assert (sound.sample_rate, len(sound.samples)) == (RATE, RATE)
    assert np.allclose(sound.samples[800:-800], tone("a", 1, 1.0)[800:-800], atol=2e-3)


def test_a_file_of_a_thousandth_too_few_samples_is_filled_with_silence(box):
    (sound,) = box(file(tone("a", 1, 0.99))).generate(["a"], [1], 1.0)

    assert len(sound.samples) == RATE and not sound.samples[-80:].any()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"not audio at all", "16 bytes are neither WAV nor FLAC"),
        (b"RIFF\x00\x00\x00\x00WAVE", "neither WAV nor FLAC"),
        (file(np.zeros(RATE, np.float32), kind="OGG"), "The answer is OGG at 8000 Hz: send WAV or FLAC"),
        (file(np.zeros(0, np.float32)), "without a single sample"),
        (file(np.zeros(RATE // 2, np.float32)), r"made 0\.50 s where 1 s were asked for"),
    ],
)
def test_an_answer_that_is_no_such_sound_names_its_text(box, content, fault):
    with pytest.raises(EngineError, match=rf"The text 'rain' \(seed 3\): .*{fault}"):
        box(content).generate(["rain"], [3], 1.0)


def test_a_short_file_that_unpacks_to_hours_is_read_no_further_than_needed(box):
    content = file(np.zeros(RATE * 1800, np.int16), kind="FLAC")

    assert len(content) < 200_000
    assert len(box(content).generate(["rain"], [1], 0.5)[0].samples) == RATE // 2


def test_texts_after_a_failure_are_not_begun(box, monkeypatch):
    engine, begun = box(b""), []

    def answer(request: bytes) -> bytes:
        begun.append(json.loads(request)["text"])
        time.sleep(0.2)
        return b""

    monkeypatch.setattr(engine, "answer", answer)

    with pytest.raises(EngineError, match="'one'"):
        engine.generate(["one", "two", "three", "four"], [1, 2, 3, 4], 0.1)

    assert len(begun) < 4  # the second may have begun before the first one's failure was seen


# Services.


class Service(ThreadingHTTPServer):
    """Answers by `script`: a list of functions of the handler, the last of which stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.asked, self.headers, self.lock = [sound], [], [], threading.Lock()
        self.busy = self.busiest = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/generate"

    def handle_error(self, request, client_address) -> None:
        """A client that hung up is what some of these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with server.lock:
            server.asked.append(body)
            server.headers.append(dict(self.headers))
            act = server.script.pop(0) if len(server.script) > 1 else server.script[0]
            server.busy += 1
            server.busiest = max(server.busiest, server.busy)
        act(self, body)
        with server.lock:
            server.busy -= 1

    def reply(self, status: int, content: bytes, kind: str = "audio/wav", **headers: str) -> None:
        with self.server.lock:
            self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_) -> None:
        pass


def sound(handler: Handler, body: dict) -> None:
    handler.reply(200, file(tone(body["text"], body["seed"], body["seconds"], body["sample_rate"])))


def refusing(status: int, content: bytes = b"no", **headers: str):
    return lambda handler, body: handler.reply(status, content, "text/plain", **headers)


@pytest.fixture
def service():
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def http(service, monkeypatch):
    monkeypatch.setenv("AUDIONESE_SERVICES", f"https://elsewhere.example, {service.url}")
    values = {"url": service.url, "sample_rate": RATE, "timeout": 20, "back_off": 0.01}
    return lambda **other: registry.load("http", values=values | other)


def test_a_service_makes_sounds_in_order_of_the_length_asked_for(http, service):
    sounds = http().generate(TEXTS, [1, 2, 3, 4], 0.31)

    assert all(alike(s, t, n, 0.31) for s, t, n in zip(sounds, TEXTS, [1, 2, 3, 4], strict=True))
    assert service.asked[2] == {"text": TEXTS[2], "seed": 3, "seconds": 0.31, "sample_rate": RATE}


def test_a_slow_service_is_kept_busy_and_its_answers_stay_in_order(http, service):
    all_there, turns = threading.Barrier(4), [threading.Event() for _ in range(5)]
    turns[4].set()

    def slow(handler: Handler, body: dict) -> None:
        all_there.wait(15)
        turns[body["seed"]].wait(15)  # the first asked is the last to answer
        sound(handler, body)
        turns[body["seed"] - 1].set()

    service.script = [slow]

    sounds = http(concurrency=4).generate(TEXTS, [1, 2, 3, 4], 0.1)

    assert all(alike(s, t, n, 0.1) for s, t, n in zip(sounds, TEXTS, [1, 2, 3, 4], strict=True))
    assert service.busiest == 4


@pytest.mark.parametrize("kind", ["audio/flac", "audio/x-wav; rate=8000", "application/json"])
def test_audio_comes_as_it_is_or_in_json(http, service, kind):
    def answer(handler: Handler, body: dict) -> None:
        content = file(tone(body["text"], body["seed"], body["seconds"]), kind="FLAC")
        packed = json.dumps({"audio": base64.b64encode(content).decode()}).encode()
        handler.reply(200, packed if "json" in kind else content, kind)

    service.script = [answer]

    assert alike(http().generate(["rain"], [1], 0.2)[0], "rain", 1, 0.2)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_service_that_is_busy_or_broken_is_asked_again_for_the_same(http, service, status):
    service.script = [refusing(status), refusing(status), sound]

    assert alike(http(retries=2).generate(["rain"], [6], 0.1)[0], "rain", 6, 0.1)
    assert service.asked == [{"text": "rain", "seed": 6, "seconds": 0.1, "sample_rate": RATE}] * 3


def test_a_lost_connection_is_tried_again(http, service):
    service.script = [lambda handler, body: handler.connection.shutdown(2), sound]

    assert alike(http(retries=1).generate(["rain"], [6], 0.1)[0], "rain", 6, 0.1)


def test_tries_end_and_are_counted(http, service):
    service.script = [refusing(503, b"warming up\nmore")]

    with pytest.raises(EngineError, match=r"'rain' \(seed 1\): .* 503 .*: warming up \(tried 4 times\)"):
        http(retries=3).generate(["rain"], [1], 0.1)

    assert len(service.asked) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_refusal_is_final(http, service, status):
    service.script = [refusing(status, b"Text zu lang")]

    with pytest.raises(EngineError, match=rf"'rain' .* answered {status} .*: Text zu lang"):
        http().generate(["rain"], [1], 0.1)

    assert len(service.asked) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_service_says_when_to_come_back(http, service, form):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    service.script = [refusing(429, retry_after="1" if form == "seconds" else moment), sound]
    begun = time.monotonic()

    http().generate(["rain"], [1], 0.1)

    assert 0.8 < time.monotonic() - begun < 18


def test_a_service_that_wants_hours_is_not_waited_for(http, service):
    service.script = [refusing(503, retry_after="7200")]

    with pytest.raises(EngineError, match="asks to come back in 7200 s, which is longer than `timeout`"):
        http().generate(["rain"], [1], 0.1)

    assert len(service.asked) == 1


def test_pauses_double(http):
    engine = http(back_off=1.5)

    assert [engine.pause(tries) for tries in (1, 2, 3, 9)] == [1.5, 3, 6, 60]


def test_a_redirect_is_not_followed(http, service):
    service.script = [refusing(307, location="http://169.254.169.254/latest")]

    with pytest.raises(EngineError, match=r"redirects to http://169\.254\.169\.254/latest: if you trust"):
        http().generate(["rain"], [1], 0.1)

    assert len(service.asked) == 1


def test_an_endless_answer_is_cut_off_while_it_is_read(http, service):
    def endless(handler: Handler, body: dict) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "audio/wav")
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(65_536))

    service.script = [endless]

    with pytest.raises(EngineError, match="sent more than 100000 bytes"):
        http(largest=100_000).generate(["rain"], [1], 0.1)


@pytest.mark.parametrize("begins", [False, True])
def test_a_service_that_takes_too_long_is_given_up(http, service, begins):
    done = threading.Event()

    def dripping(handler: Handler, body: dict) -> None:
        if begins:
            handler.send_response(200)
            handler.send_header("content-type", "audio/wav")
            handler.end_headers()
        while not done.wait(0.1):
            if begins:
                handler.wfile.write(b"R")

    service.script = [dripping]
    try:
        with pytest.raises(EngineError, match=r"longer than 2 s" if begins else "did not answer .ReadTimeout"):
            http(timeout=2, retries=0).generate(["rain"], [1], 0.1)
    finally:
        done.set()


def test_nobody_listening_says_so(http, service, monkeypatch):
    monkeypatch.setenv("AUDIONESE_SERVICES", "http://127.0.0.1:9")

    with pytest.raises(EngineError, match=r"did not answer \(ConnectError: .*\(tried 2 times\)"):
        http(url="http://127.0.0.1:9/", retries=1).generate(["rain"], [1], 0.1)


@pytest.mark.parametrize(
    ("content", "kind", "fault"),
    [
        (b"<html>", "text/html; charset=utf-8", "sent text/html, where audio/wav or audio/flac is expected"),
        (b'{"error": 1}', "application/json", "JSON without a sound"),
        (b'{"audio": "&&&"}', "application/json", "JSON without a sound"),
        (b"[]", "application/json", "JSON without a sound"),
        (b"{", "application/json", "JSON without a sound"),
        (b"noise", "audio/wav", "5 bytes are neither WAV nor FLAC"),
    ],
)
def test_what_is_no_sound_is_refused(http, service, content, kind, fault):
    service.script = [lambda handler, body: handler.reply(200, content, kind)]

    with pytest.raises(EngineError, match=fault):
        http().generate(["rain"], [1], 0.1)

    assert len(service.asked) == 1


def test_secrets_come_from_the_workers_environment(http, service, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "Bearer s3cret\n")

    http(headers={"Authorization": "env:MY_TOKEN", "X-Team": "audio"}).generate(["rain"], [1], 0.1)

    assert service.headers[0]["Authorization"] == "Bearer s3cret"
    assert service.headers[0]["X-Team"] == "audio"


def test_a_secret_that_is_not_there_is_named(http, monkeypatch):
    monkeypatch.delenv("MY_TOKEN", raising=False)

    with pytest.raises(EngineError, match="header Authorization is to come from the variable MY_TOKEN, which"):
        http(headers={"Authorization": "env:MY_TOKEN"})


def test_a_secret_that_cannot_be_sent_is_not_told(http, monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "s3cret\r\nX-Other: 1")

    with pytest.raises(EngineError, match="MY_TOKEN holds characters") as raised:
        http(headers={"Authorization": "env:MY_TOKEN"})

    assert "s3cret" not in str(raised.value)


def test_the_platforms_own_secrets_are_sent_to_nobody(http):
    with pytest.raises(EngineError, match="DATABASE_URL is the platform's own"):
        http(headers={"X-Other": "env:DATABASE_URL"})


@pytest.mark.parametrize(
    "values",
    [
        {"headers": {"Authorization": "Bearer s3cret"}},
        {"headers": {"X-Api-Key": "s3cret"}},
        {"headers": {"X-Other": "a\r\nb"}},
        {"url": "https://user:s3cret@example.org/"},
        {"url": "ftp://example.org/"},
        {"url": "http://"},
    ],
)
def test_parameters_that_would_store_a_secret_or_call_nobody_are_refused(values):
    with pytest.raises(EngineError, match="Parameters of engine 'http'"):
        registry.validate("http", {"url": "https://example.org/", **values})


@pytest.mark.parametrize("url", ["http://example.org:8000/", "https://127.0.0.1.example.org/", "http://127.0.0.1/"])
def test_a_service_that_the_operator_did_not_name_is_refused(http, url):
    with pytest.raises(EngineError, match=r"does not call http.*: its operator has to name it in AUDIONESE_SERVICES"):
        http(url=url)


# What docs/generators.md shows, run as it stands there.

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "generators.md"


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def shown(tmp_path) -> list[Path]:
    """The guide's two programs: a command and a service."""
    paths = [tmp_path / f"{number}.py" for number in range(2)]
    for path, program in zip(paths, examples("python"), strict=True):
        path.write_text(program.replace("/usr/bin/env python3", sys.executable))
        path.chmod(0o755)
    return paths


def test_the_guides_command_works(shown, monkeypatch):
    monkeypatch.setenv("AUDIONESE_COMMANDS", str(shown[0]))
    engine = registry.load("command", values={"command": [str(shown[0])]})

    first, second = engine.generate(["rain", "rain"], [7, -7], 0.5)

    assert (first.sample_rate, len(first.samples)) == (16_000, 8_000)
    assert not np.array_equal(first.samples, second.samples)
    assert np.array_equal(first.samples, engine.generate(["rain"], [7], 0.5)[0].samples)


def test_the_guides_service_works(shown, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("AUDIONESE_SERVICES", url)
    engine = registry.load("http", values={"url": url + "/generate", "retries": 8, "back_off": 0.2, "timeout": 30})
    service = subprocess.Popen([sys.executable, str(shown[1]), url.rpartition(":")[2]], stderr=subprocess.DEVNULL)
    try:
        (sound,) = engine.generate(["rain"], [7], 0.5)
    finally:
        service.kill()
        service.wait()

    assert (sound.sample_rate, len(sound.samples)) == (16_000, 8_000)


def test_the_guides_recipes_are_valid():
    for text in examples("yaml"):
        engine = yaml.safe_load(text)["engines"]["mine"]
        assert registry.validate(engine["engine"], engine["parameters"])["sample_rate"] == 16_000


def test_the_guide_names_every_generator_and_every_parameter():
    guide = GUIDE.read_text("utf-8")
    fields = {*CommandParameters.model_fields, *HttpParameters.model_fields}
    generators = {name for name, entry in registry.ENGINES.items() if entry.kind == "generator"}

    assert [name for name in sorted(fields | generators) if f"`{name}`" not in guide] == []
