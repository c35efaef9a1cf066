"""The files of an installation in containers: accepted by Docker Compose and by hadolint, and as confined as they say.

No engine builds or runs them here: tests/config/test_topology.py runs what they describe.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
SERVICES = {"db", "broker", "migrate", "web", "beat", "worker", "gpu-transformers", "gpu-audiocraft", "proxy"}
PINNED = re.compile(r"[\w./-]+:[\w.-]*\d[\w.-]*@sha256:[0-9a-f]{64}")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def tool(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [TOOLS / name, *arguments], cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment}
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where script/secrets has made what compose.yaml reads."""
    made = tmp_path_factory.mktemp("production")
    subprocess.run(["sh", ROOT / "script" / "secrets", "audionese.example.org", made], check=True)
    return made


@pytest.fixture(scope="module")
def services(folder):
    """As Docker Compose understands them."""
    done = tool("docker-compose", "--env-file", str(folder / ".env"), "--profile", "gpu", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "level=warning" not in done.stderr
    return json.loads(done.stdout)["services"]


def test_the_dockerfile_passes_its_linter():
    done = tool("hadolint", "--failure-threshold", "info", "Dockerfile")
    assert done.returncode == 0, done.stdout


def test_every_service_is_there_and_nothing_else(services):
    assert services.keys() == SERVICES


def test_without_a_site_it_says_what_to_do():
    done = tool("docker-compose", "--env-file", os.devnull, "config", "--quiet", SITE_HOST="")
    assert done.returncode != 0 and "run script/secrets" in done.stderr


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_confined(services, name):
    service = services[name]
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    assert not service.get("privileged") and not service.get("cap_add")


@pytest.mark.parametrize("name", sorted(SERVICES - {"migrate"}))
def test_a_service_says_whether_it_is_healthy(services, name):
    assert services[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert services[name]["restart"] == "unless-stopped"


def test_migrations_end_by_themselves_before_anything_of_ours_starts(services):
    assert services["migrate"]["restart"] == "no"
    for name in ("web", "beat", "worker", "gpu-transformers", "gpu-audiocraft"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_secrets_come_from_files_and_stand_nowhere_else(services, folder):
    told = json.dumps(services)
    for file in (folder / "secrets").iterdir():
        secret = file.read_text()
        assert secret == "consolemail://" or secret not in told
    for service in services.values():
        named = {value for value in service["environment"].values() if value and value.startswith("/run/secrets/")}
        assert named == {secret["target"] for secret in service["secrets"]} if "secrets" in service else not named


def test_a_worker_is_told_of_the_database_and_the_broker_and_of_no_other_secret(services):
    for name in ("beat", "worker", "gpu-transformers", "gpu-audiocraft"):
        assert {secret["source"] for secret in services[name]["secrets"]} == {"database_url", "broker_url"}


def test_the_database_and_the_broker_reach_nothing_outside(services):
    for name, service in services.items():
        published = bool(service.get("ports"))
        assert published == (name == "proxy")
        assert list(service["networks"]) == ["inside"] if name in ("db", "broker") else "outside" in service["networks"]


def test_workers_on_graphics_cards_wait_for_their_profile_and_take_one_thing_at_a_time(services):
    for name in ("gpu-transformers", "gpu-audiocraft"):
        service = services[name]
        (card,) = service["deploy"]["resources"]["reservations"]["devices"]
        assert service["profiles"] == ["gpu"] and card["driver"] == "nvidia" and card["capabilities"] == ["gpu"]
        assert (
            service["environment"]["AUDIONESE_GPU_WORKER"]
            == service["environment"]["AUDIONESE_WORKER_PROCESSES"]
            == "1"
        )


def test_images_are_pinned_by_version_and_digest(services):
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M))
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)) - stages
    foreign = {service["image"] for service in services.values() if "build" not in service}
    assert len(bases) == 2 and len(foreign) == 2
    assert not [image for image in bases | foreign if not PINNED.fullmatch(image)]


def test_every_target_exists_and_runs_what_the_service_runs(services):
    for service in services.values():
        if "build" not in service:
            continue
        target = service["build"]["target"]
        stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]
        assert "USER 10001:10001" in stage and "CMD [" in stage
        assert os.access(ROOT / service["command"][0], os.X_OK)


def test_every_variable_is_one_that_somebody_reads(services):
    """A misspelt one would be ignored without a word."""
    files = [*(ROOT / "platform" / "config").glob("*.py"), *(ROOT / "deploy").rglob("*")]
    read = "\n".join(path.read_text() for path in files if path.is_file())
    asked = {name for service in services.values() for name in service["environment"]}
    ours = {name for name in asked if not name.startswith("POSTGRES_")}
    assert {name for name in ours if not re.search(rf"\b{name.removesuffix('_FILE')}", read)} == set()


def test_an_image_holds_what_runs_and_no_secret():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in allowed)
    assert not allowed & {"secrets", ".env", ".git", ".data", "tests", "docs"}


def test_yaml_has_no_key_twice():
    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node, deep=False):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"{node.start_mark}: a key twice"
            return super().construct_mapping(node, deep)

    yaml.load((ROOT / "compose.yaml").read_text(), Strict)  # noqa: S506 - a safe loader


@pytest.mark.parametrize("host", ["", "--help", "two words", "https://audionese.example.org"])
def test_secrets_are_made_for_a_host_name_alone(tmp_path, host):
    done = subprocess.run(["sh", ROOT / "script" / "secrets", host, tmp_path], capture_output=True, text=True)
    assert done.returncode == 2 and "Usage: script/secrets HOST" in done.stderr
    assert not list(tmp_path.iterdir())


def test_secrets_are_made_once(folder):
    before = {file.name: file.read_text() for file in (folder / "secrets").iterdir()}
    assert len(set(before.values())) == len(before) == 7
    subprocess.run(["sh", ROOT / "script" / "secrets", "other.example.org", folder], check=True)
    assert {file.name: file.read_text() for file in (folder / "secrets").iterdir()} == before
    assert (folder / ".env").read_text() == "SITE_HOST=audionese.example.org\n"
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
