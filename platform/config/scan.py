"""`script/scan`: known faults of packages, faults of our own code, secrets in the repository. Ends with 1 on any."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60  # of the vulnerability service
# Weights, pictures and sounds are no text; translations, notebooks and tokenizers hold nothing that is typed.
NO_TEXT = (".safetensors", ".png", ".mo", ".po", ".wav", ".flac", ".parquet", ".ipynb", ".baseline")
NETWORK = re.compile(r"ConnectionError|ConnectTimeout|ReadTimeout|Max retries|ProxyError|SSLError|HTTPError|resolution")
WEIGHTS = "inference/sandbox/checkpoints/"
BASELINE = ".secrets.baseline"


def main() -> None:
    with ThreadPoolExecutor() as pool:
        sys.exit(max(pool.map(lambda step: step(), (secrets, code, packages))))


def _run(*command: str, seconds: float | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - programs of this environment
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


def code() -> int:
    """Bandit, as pyproject.toml says."""
    done = _run("bandit", "-q", "-c", "pyproject.toml", "-r", "platform", "studies", "inference", "client/src")
    return _told("bandit", done.returncode, done.stdout)


def secrets() -> int:
    """Whatever looks like a secret and is not in the baseline, where each was looked at."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    files = [name for name in names if not name.endswith(NO_TEXT) and not name.startswith(WEIGHTS)]
    with tempfile.TemporaryDirectory() as folder:
        # A copy: the program writes new line numbers into it, which is no fault (3).
        copy = shutil.copy(ROOT / BASELINE, folder)
        done = _run("detect-secrets-hook", "--baseline", copy, *files)
    return _told("detect-secrets", 0 if done.returncode == 3 else done.returncode, done.stdout + done.stderr)


def packages() -> int:
    """pip-audit. Without its service it says so, loudly, and is no reason to stop: a machine may have no network."""
    try:
        quietly = ("--local", "--skip-editable", "--progress-spinner", "off", "--timeout", "5", "-f", "json")
        done = _run("pip-audit", *quietly, seconds=SECONDS)
        found = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return _unreached(f"no answer within {SECONDS} s")
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["nothing was said"])[-1][:200]
        return _unreached(last) if NETWORK.search(done.stderr) else _told("pip-audit", 1, last)
    return judged(found)


def judged(dependencies: list[dict]) -> int:
    """As pip-audit lists them: a package that the service does not know was not looked at."""
    faults = [f"{one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none'}"
              for one in dependencies for fault in one.get("vulns", ())]  # fmt: skip
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    if len(unknown) == len(dependencies):
        return _unreached("it knows none of the packages")
    if unknown:
        print(f"pip-audit: NOT CHECKED, unknown to the vulnerability service: {', '.join(unknown)}", file=sys.stderr)
    return _told(f"pip-audit of {len(dependencies) - len(unknown)} packages", int(bool(faults)), "\n".join(faults))


def _unreached(why: str) -> int:
    print(f"WARNING: PACKAGES WERE NOT CHECKED FOR KNOWN FAULTS: no vulnerability service ({why}).", file=sys.stderr)
    return 0


def _told(name: str, code: int, text: str) -> int:
    print(f"{name}: {'no fault' if not code else 'FAULTS'}", flush=True)
    if code:
        print(text, file=sys.stderr)
    return min(code, 1)


if __name__ == "__main__":
    main()
