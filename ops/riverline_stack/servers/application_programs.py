"""The applications: gunicorn with the API, nginx before it, Celery's worker and its clock, the crawlers, the demo web,
and the stand-in for Storm's UI."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from celery import Celery
from kombu.exceptions import KombuError
from pydantic import SecretStr
from redis.exceptions import RedisError

from riverline.adapters import program_states
from riverline.errors import Transient
from riverline.secret_files import ACCOUNTS_SMTP_FILE, API_SECRET_FILE, SECRETS, STORM_UI_FILE
from riverline.settings import ROOT, Settings
from riverline_stack.files import write
from riverline_stack.servers import guide, nginx_config
from riverline_stack.servers.addresses import host_of, port_of
from riverline_stack.servers.credentials import credential, keep
from riverline_stack.servers.storm_cluster import has_ui
from riverline_stack.servers.virtualenv import passwords, sources
from riverline_stack.supervision import accounts
from riverline_stack.supervision.program import Program, listening
from riverline_stack.supervision.source_digest import code_version

CRAWLER = "crawler"
API, CELERY, BEAT, NGINX, DEMO = "api", "celery", "celery-beat", "nginx", "demo"
MONITOR, STORM_UI = "monitor", "storm-ui"
CELERY_STOP_SECONDS = 20  # a warm stop of Celery can hang; then it is killed, and its tasks are delivered again


def install(settings: Settings, say: Callable[[str], None]) -> None:
    """A secret to sign with. The rest is there: nginx comes as a package, all else with the virtualenv."""
    credential(settings, API_SECRET_FILE)


def programs(settings: Settings) -> list[Program]:
    """All applications of the settings."""
    ours = [_api(settings), _nginx(settings), _celery(settings), _beat(settings), _monitor(settings)]
    web = [_demo(settings), *([] if has_ui(settings) else [_storm_ui(settings)])]
    return [*web, *ours, *map(partial(_crawler, settings), range(1, settings.crawl.processes + 1))]


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def _reads(settings: Settings, *secrets: str, queue: bool = False) -> tuple[Path, ...]:
    """What a program of ours runs from, and the passwords that it needs: those of the servers that all log in to, that
    of Celery's broker for who uses its `queue`, and more by their names."""
    broker = (settings.celery.password_file,) if queue and settings.celery.password_file else ()
    kept = (settings.home / SECRETS / name for name in secrets)
    return *sources(settings), *passwords(settings), *broker, *kept


def _api(settings: Settings) -> Program:
    own = ("--config=python:riverline_api.gunicorn", "--no-control-socket")
    sized = (f"--bind={settings.api.bind}", f"--workers={settings.api.workers}")
    return Program(
        name=API,
        command=_python("gunicorn", *own, *sized, "riverline_api.wsgi:app"),
        ready=lambda: answers(settings.api.bind, "/health/live"),
        healthy=lambda: answers(settings.api.bind, "/health/ready"),
        directory=ROOT,
        account=accounts.API,
        own=(settings.home / "api",),
        reads=_reads(settings, "mysql-application", API_SECRET_FILE, queue=True),
        addresses=(settings.api.bind,),
        stop_seconds=30,
        version=code_version("src/riverline", "api/riverline_api", "programs/riverline_tasks"),
    )


def _celery(settings: Settings) -> Program:
    _keep_secrets(settings, {ACCOUNTS_SMTP_FILE: settings.accounts.smtp_password})
    # There is one worker, and nobody listens to its events.
    options = ("--loglevel=INFO", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program(
        name=CELERY,
        command=_python("celery", "--app=riverline_tasks.app:app", "worker", *options),
        ready=lambda: works(settings),
        directory=ROOT,
        environment={"C_FORCE_ROOT": "1"},  # where it cannot have an account
        account=accounts.TASKS,
        own=(settings.home / "celery",),
        reads=_reads(settings, "mysql-application", ACCOUNTS_SMTP_FILE, queue=True),
        stop_seconds=CELERY_STOP_SECONDS,
        version=code_version("src/riverline", "programs/riverline_tasks"),
    )


def _beat(settings: Settings) -> Program:
    folder = settings.home / "celery"
    folder.mkdir(parents=True, exist_ok=True)
    return Program(
        name=BEAT,
        command=_python("celery", "--app=riverline_tasks.app:app", "beat", "--loglevel=INFO", "--pidfile="),
        ready=lambda: _exists(folder / "beat"),
        directory=ROOT,
        account=accounts.TASKS,
        own=(folder,),
        reads=_reads(settings, queue=True),
        version=code_version("src/riverline", "programs/riverline_tasks"),
    )


def _exists(path: Path) -> None:
    """Ready when the file is there, with whatever suffix its kind of data base gives it. Raises Transient."""
    if not any(path.parent.glob(f"{path.name}*")):
        raise Transient(f"{path} is not written yet")


def _crawler(settings: Settings, number: int) -> Program:
    host, port = host_of(settings.crawl.metrics), port_of(settings.crawl.metrics)
    address = f"{host}:{port + number - 1}"
    return Program(
        name=f"{CRAWLER}-{number}",
        command=_python("riverline_commands.main", "crawl", "run", "--number", str(number)),
        ready=lambda: answers(address, "/metrics"),
        directory=ROOT,
        environment=_youtube_key(settings),
        account=accounts.CRAWLER,
        own=(settings.home / "crawl",),
        reads=_reads(settings, "mysql-application"),
        addresses=(address,),
        stop_seconds=40,  # requests in flight are finished: each takes 30 s at most
        version=code_version("src/riverline", "crawler/riverline_crawler", "programs/riverline_commands"),
    )


def _monitor(settings: Settings) -> Program:
    wanted = settings.monitor
    secrets = {"monitor-webhook": wanted.webhook, "monitor-smtp": wanted.smtp_password}
    _keep_secrets(settings, secrets)
    address = wanted.bind
    return Program(
        name=MONITOR,
        command=_python("riverline_monitor"),
        ready=lambda: answers(address, "/metrics"),
        directory=ROOT,
        account=accounts.MONITOR,
        own=(settings.home / "monitor",),
        reads=(*_reads(settings, "mysql-application", *secrets, queue=True), program_states.folder(settings.home)),
        addresses=(address,),
        version=code_version("src/riverline", "programs/riverline_monitor"),
    )


def _keep_secrets(settings: Settings, secrets: dict[str, SecretStr]) -> None:
    """Secrets do not travel by the environment: what was set is kept in a file of its own."""
    for name, secret in secrets.items():
        if secret.get_secret_value():
            keep(settings, name, secret.get_secret_value())


def _youtube_key(settings: Settings) -> dict[str, str]:
    """Where it is set; by the environment alone, through a file that nobody but the stack's user may read."""
    key = settings.crawl.youtube_key.get_secret_value()
    return {"RIVERLINE_CRAWL__YOUTUBE_KEY": key} if key else {}


def _demo(settings: Settings) -> Program:
    address = settings.demo.address
    return Program(
        name=DEMO,
        command=_python("demo", "--host", host_of(address), "--port", str(port_of(address))),
        ready=listening(address),
        directory=ROOT,
        account=accounts.DEMO,
        reads=sources(settings),
        addresses=(address,),
        version=code_version("demo"),
    )


def _storm_ui(settings: Settings) -> Program:
    """Answers as Storm UI does where the distribution has none: Maven Central serves it without."""
    credential(settings, STORM_UI_FILE)
    own = ("--threads=4", "--no-control-socket")
    return Program(
        name=STORM_UI,
        command=_python("gunicorn", f"--bind={settings.storm.ui}", *own, "riverline_storm_ui.wsgi:app"),
        ready=lambda: answers(settings.storm.ui, "/api/v1/cluster/summary"),
        directory=ROOT,
        account=accounts.STORM,  # as Nimbus, which answers no other
        reads=(*sources(settings), settings.home / SECRETS / STORM_UI_FILE),
        addresses=(settings.storm.ui,),
        version=code_version(
            "programs/riverline_storm_ui",
            "src/riverline/settings.py",
            "src/riverline/setting_sections.py",
            "src/riverline/adapters/storm",
        ),
    )


def _nginx(settings: Settings) -> Program:
    folder = settings.home / "nginx"
    (folder / "scratch").mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    write(configuration, nginx_config.local(settings, folder))
    return Program(
        name=NGINX,
        command=["nginx", "-e", "stderr", "-p", str(folder), "-c", str(configuration)],
        ready=lambda: answers(settings.api.site, "/health/live"),
        directory=folder,
        account=accounts.NGINX,
        own=(folder,),
        reads=(guide.folder(settings),),
        addresses=(settings.api.site,),
        after=(API,),
        stop_signal="QUIT",
        version=nginx_config.local(settings, folder) + guide.version(settings),
    )


def answers(address: str, path: str) -> None:
    """Ready when a GET answers with 200. Raises Transient with the answer's beginning."""
    connection = http.client.HTTPConnection(host_of(address), port_of(address), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise Transient(f"{address}{path}: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Transient(f"{address}{path} answers {answer.status}: {body}")


def works(settings: Settings) -> None:
    """Ready when a worker answers through the broker. Raises Transient."""
    try:
        with Celery(broker=settings.celery.url) as asked:
            answers = asked.control.ping(timeout=2)
    except (KombuError, RedisError) as error:
        raise Transient(f"Celery's broker does not answer: {error}") from error
    if not answers:
        raise Transient("no Celery worker answers")
