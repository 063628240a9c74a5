"""Every setting, typed, in one tree. Read from the environment (`RIVERLINE_KAFKA__BOOTSTRAP=...`), or in a Storm worker
from the topology's configuration. A wrong or unknown setting stops the start with its name and what it takes."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from riverline.errors import Fatal
from riverline.refusals import refusal
from riverline.secret_files import ACCOUNTS_SMTP_FILE, API_SECRET_FILE, AUTHORITY_FILE, SECRETS, STORM_UI_FILE
from riverline.setting_sections import (
    Accounts,
    Api,
    Backup,
    Celery,
    Crawl,
    Demo,
    Elasticsearch,
    Guarded,
    Kafka,
    MonitorSettings,
    Mysql,
    Redis,
    RedisServer,
    Remote,
    SearchSettings,
    Section,
    Stack,
    Storm,
    Timelines,
    Tls,
    Topology,
    secret_in,
)

__all__ = [
    "ROOT",
    "Accounts",
    "Api",
    "Backup",
    "Celery",
    "Crawl",
    "Demo",
    "Elasticsearch",
    "Guarded",
    "Kafka",
    "MonitorSettings",
    "Mysql",
    "Redis",
    "RedisServer",
    "Remote",
    "SearchSettings",
    "Section",
    "Settings",
    "Stack",
    "Storm",
    "Timelines",
    "Tls",
    "Topology",
]

PREFIX = "RIVERLINE_"
STORM_KEY = "riverline.settings"
ROOT = Path(__file__).resolve().parents[2]


def home_of(root: Path) -> Path:
    """Where data, logs and configuration lie unless a setting says otherwise: in the checkout, or, where the packages
    were installed from a wheel, in the folder that the program is started from."""
    return (root if (root / "project.clj").exists() else Path.cwd()) / ".riverline"


GONE = {"RIVERLINE_STACK__SUPERVISOR": "the supervisor listens on a socket in the home"}
# Sections of servers that ask for a password, and the files of these.
GUARDED = {"kafka": "kafka", "elasticsearch": "elasticsearch", "redis": "redis", "celery": "redis-celery"}


class Settings(BaseSettings):
    """All of it. `Settings.load()` is how a program starts."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(home_of(ROOT), description="the folder of data, logs and configuration")
    kafka: Kafka = Kafka()
    elasticsearch: Elasticsearch = Elasticsearch()
    search: SearchSettings = SearchSettings()
    mysql: Mysql = Mysql()
    redis: Redis = Redis()
    celery: Celery = Celery()
    storm: Storm = Storm()
    crawl: Crawl = Crawl()
    topology: Topology = Topology()
    api: Api = Api()
    accounts: Accounts = Accounts()
    timelines: Timelines = Timelines()
    monitor: MonitorSettings = MonitorSettings()
    backup: Backup = Backup()
    demo: Demo = Demo()
    tls: Tls = Tls()
    stack: Stack = Field(default_factory=Stack)

    @model_validator(mode="after")
    def _know_the_servers(self) -> Self:
        self.__dict__.update(self._completed())  # settings are frozen
        return self

    def _completed(self) -> dict[str, Section]:
        """The sections of servers, with what follows from others: the files of passwords and of whom to trust, and TLS
        where the stack's own servers speak it."""
        secrets, ours = self.home.absolute() / SECRETS, self.stack.tls
        trusted = self.tls.ca_file or (secrets / AUTHORITY_FILE if ours else None)
        found: dict[str, Section] = {"tls": Tls(ca_file=trusted)}
        for name in (*GUARDED, "mysql"):
            section: Remote = getattr(self, name)
            changed: dict[str, Any] = {}
            if isinstance(section, Guarded) and section.password_file is None:
                changed["password_file"] = secrets / GUARDED[name]
            if isinstance(section, Elasticsearch) and ours:
                changed["urls"] = tuple(re.sub("^http:", "https:", url) for url in section.urls)
            elif ours and "tls" not in section.model_fields_set:
                changed["tls"] = True
            found[name] = section.model_copy(update=changed).trusting(trusted)
        return found

    def placed(self, home: Path) -> Self:
        """The same settings with another home, whose servers have passwords and an authority of their own."""
        default = self.home.absolute() / SECRETS
        unset: dict[str, Any] = {
            name: getattr(self, name).model_copy(update={"password_file": None})
            for name, file in GUARDED.items()
            if getattr(self, name).password_file == default / file
        }
        if self.tls.ca_file == default / AUTHORITY_FILE:
            unset["tls"] = Tls()
        moved = self.model_copy(update={"home": home, **unset})
        return moved.model_copy(update=moved._completed())

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from the environment. Raises Fatal with the setting's name and what it takes."""
        _refuse_unknown(environ if environ is not None else os.environ)
        try:
            settings = cls()
        except ValidationError as error:
            raise Fatal("\n".join(_explained(problem) for problem in error.errors())) from None
        trusted = settings.tls.ca_file
        if trusted and not settings.stack.tls and not trusted.is_file():
            raise Fatal(f"{PREFIX}TLS__CA_FILE = '{trusted}': there is no such file")
        return settings

    @classmethod
    def from_storm(cls, conf: Mapping[str, Any]) -> Self:
        """Settings inside a Storm worker: those that came with the topology. Secrets never travel that way."""
        settings = cls.model_validate_json(conf[STORM_KEY])
        return settings.of_topology(str(conf.get("topology.name", settings.storm.topology)))

    def of_topology(self, name: str) -> Self:
        """The same for a topology that runs under another name than theirs: it has a consumer group and a folder of
        its own, and keys of its own in Redis."""
        if name == self.storm.topology:
            return self
        changed = {
            "storm": self.storm.model_copy(update={"topology": name}),
            "kafka": self.kafka.model_copy(update={"group": f"{self.kafka.group}-{name}"}),
            "topology": self.topology.model_copy(update={"state": self.state / "topologies" / name}),
        }
        return self.model_copy(update=changed)

    def for_storm(self) -> dict[str, str]:
        """The part of the topology's configuration that `from_storm` reads."""
        topology = self.topology.model_copy(update={"state": self.state})
        tree = self.model_copy(update={"topology": topology})
        others = ("mysql", "stack", "home", "demo", "api", "accounts", "celery", "monitor", "backup")
        left_out = dict.fromkeys(others, True)
        of_crawlers = set(Crawl.model_fields) - {"max_page_bytes"}
        return {STORM_KEY: tree.model_dump_json(exclude={**left_out, "crawl": of_crawlers})}

    @property
    def state(self) -> Path:
        """Where a worker keeps its seen-filters."""
        return self.topology.state or self.home / "state"

    def shifted(self, offset: int) -> Self:
        """The same settings with every port moved up: a second stack beside the first."""
        return type(self).model_validate(_shifted(self.model_dump(), offset))

    @property
    def mysql_password(self) -> str:
        """The application's password: the setting, else the one the local stack made for itself, else none."""
        return self.mysql.password.get_secret_value() or self._kept("mysql-application")

    @property
    def api_secret(self) -> str:
        """What the API signs with: the setting, else what the local stack made for itself, else none."""
        return self.api.secret.get_secret_value() or self._kept(API_SECRET_FILE)

    @property
    def storm_ui_token(self) -> str:
        """What opens workers' logs and changes topologies on Storm's pages: what the stack keeps of it, else none."""
        return self._kept(STORM_UI_FILE)

    @property
    def monitor_webhook(self) -> str:
        """Where alerts are posted to: the setting, else what the stack keeps of it, else nowhere."""
        return self.monitor.webhook.get_secret_value() or self._kept("monitor-webhook")

    @property
    def smtp_password(self) -> str:
        """The password of who sends e-mail: the setting, else what the stack keeps of it, else none."""
        return self.monitor.smtp_password.get_secret_value() or self._kept("monitor-smtp")

    @property
    def accounts_smtp_password(self) -> str:
        """The same for the one who sends login links."""
        return self.accounts.smtp_password.get_secret_value() or self._kept(ACCOUNTS_SMTP_FILE)

    @property
    def link_address(self) -> str:
        """What links in mails begin with. Never the name that a request gives this site, which may be anybody's."""
        return self.accounts.address or f"http://{self.api.site}"

    def _kept(self, name: str) -> str:
        return secret_in(self.home / SECRETS / name)

    def environment(self) -> dict[str, str]:
        """The environment variables that give another process these settings; secrets are left out."""
        secrets = {
            "mysql": {"password"},
            "api": {"secret"},
            "accounts": {"smtp_password"},
            "crawl": {"youtube_key"},
            "monitor": {"webhook", "smtp_password"},
        }
        tree = self.model_dump(mode="json", exclude=secrets)
        return {name: value for name, value in _variables(PREFIX[:-1], tree) if value is not None}


_ADDRESS = re.compile(r"^((?:https?://)?[A-Za-z0-9._\-]+):([0-9]{1,5})$")


def _shifted(value: Any, offset: int) -> Any:
    if isinstance(value, dict):
        return {name: _shifted(inner, offset) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_shifted(inner, offset) for inner in value)
    if isinstance(value, str) and (match := _ADDRESS.match(value)):
        return f"{match[1]}:{int(match[2]) + offset}"
    return value


def _variables(name: str, value: Any, glue: str = "_") -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _variables(f"{name}{glue}{key.upper()}", inner, "__")
    else:
        yield name, None if value is None else ",".join(value) if isinstance(value, list | tuple) else str(value)


def known_variables() -> set[str]:
    """The names of all environment variables that are settings."""
    return {name for name, _ in _variables(PREFIX[:-1], Settings.model_construct().model_dump(mode="json"))}


def described() -> dict[str, str]:
    """What each variable takes, in words; nothing where its name and default say it."""
    tree = Settings.model_construct().model_dump(mode="json")
    paths = {name: name.removeprefix(PREFIX).lower().split("__") for name, _ in _variables(PREFIX[:-1], tree)}
    return {name: _description(path) for name, path in paths.items()}


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = known_variables()
    for name in environ:
        if name in GONE:
            raise Fatal(f"{name} is no setting any more; remove it: {GONE[name]}")
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "docs/reference/settings.md lists them all"
            raise Fatal(f"{name} is not a setting; {hint}")


def _explained(problem: Any) -> str:
    path = [part for part in problem["loc"] if isinstance(part, str)]
    name = PREFIX + "__".join(path).upper()
    takes, said = _description(path), refusal(problem["type"], problem["msg"], problem.get("ctx", {}))
    return f"{name} = {problem['input']!r}: {said}" + (f". It takes: {takes}" if takes else "")


def _description(path: list[str]) -> str:
    """What the setting at this path takes, in words."""
    model: Any = Settings
    for part in path[:-1]:
        model = model.model_fields[part].annotation
    found = model.model_fields.get(path[-1]) if path else None
    return (found.description or getattr(found.annotation, "__name__", "")) if found else ""
