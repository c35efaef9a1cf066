"""Any program as a generator: a request on its standard input, a sound file on its standard output."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress

from inference.engines.blackbox import OURS, BlackBox, Passing, allowed
from inference.engines.parameters import CommandParameters
from inference.engines.protocols import EngineError

ALLOWED = "AUDIONESE_COMMANDS"
_PIECE = 65_536  # bytes read at once
_MESSAGE = 4_096  # bytes of standard error that are kept


class CommandGenerator(BlackBox):
    """Runs `parameters.command` for each sound, in a process group that is killed with it.

    Only programs that the worker's AUDIONESE_COMMANDS names are run. Checkpoint and revision name the model behind the
    command for the records; the command does not see them.
    """

    def __init__(self, checkpoint: str = "", revision: str = "", parameters: CommandParameters | None = None) -> None:
        self.parameters = parameters or CommandParameters.model_validate({})
        super().__init__(self.parameters)
        program = self.parameters.command[0]
        if program not in allowed(ALLOWED):
            raise EngineError(
                f"This worker does not run {program!r}: its operator has to name it in {ALLOWED} "
                "(comma-separated; see docs/generators.md)."
            )
        if shutil.which(program) is None:
            raise EngineError(f"There is no program {program!r} on this worker: give its full path, made executable.")

    def answer(self, request: bytes) -> bytes:
        """What the command wrote. Raises Passing for exit codes and time-outs."""
        deadline = time.monotonic() + self.parameters.timeout
        with tempfile.TemporaryFile() as asked:  # a file, for nobody has to wait until it is read
            asked.write(request)
            asked.seek(0)
            process = self._start(asked.fileno())
            try:
                output, message = self._collect(process, deadline)
                self._await_exit(process, deadline)
            finally:
                _end(process)
        return self._judge(process.returncode, output, message)

    def _start(self, asked: int) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        try:
            return subprocess.Popen(  # noqa: S603 (named by the operator, and no shell)
                self.parameters.command,
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"{self.parameters.command[0]!r} cannot be started: {error}.") from error

    def _collect(self, process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bytes]:
        """(standard output, the end of standard error), read until both are closed."""
        output, message = bytearray(), bytearray()
        with selectors.DefaultSelector() as selector:
            for stream, kept in ((process.stdout, output), (process.stderr, message)):
                selector.register(stream, selectors.EVENT_READ, kept)  # type: ignore[arg-type]
            while selector.get_map():
                for key, _ in selector.select(self._left(deadline)):
                    piece = os.read(key.fd, _PIECE)
                    key.data.extend(piece)
                    if not piece:
                        selector.unregister(key.fileobj)
                del message[:-_MESSAGE]
                if len(output) > self.parameters.largest:
                    raise EngineError(f"The command wrote more than {self.parameters.largest} bytes: see `largest`.")
        return bytes(output), bytes(message)

    def _await_exit(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        try:
            process.wait(self._left(deadline))
        except subprocess.TimeoutExpired:
            raise self._late() from None

    def _left(self, deadline: float) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        return left

    def _late(self) -> Passing:
        return Passing(f"The command took longer than {self.parameters.timeout:g} s and was killed")

    def _judge(self, code: int, output: bytes, message: bytes) -> bytes:
        said = message.decode("utf-8", "replace").strip().splitlines()
        saying = f": {said[-1].strip()[:500]}" if said else ""
        if code:
            ended = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            raise Passing(f"The command {ended}{saying}")
        if not output:
            raise EngineError(f"The command wrote nothing to its standard output{saying}")
        return output


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills what the command has left running, then forgets it."""
    with suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, of a group that has ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
