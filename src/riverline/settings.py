"""Every setting, typed, in one tree. Read from the environment (`RIVERLINE_KAFKA__BOOTSTRAP=...`), or in a Storm worker
from the topology's configuration. A wrong or unknown setting stops the start with its name and what it takes."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from riverline.errors import Fatal

PREFIX = "RIVERLINE_"
STORM_KEY = "riverline.settings"
ROOT = Path(__file__).resolve().parents[2]

Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9._\-]+:[0-9]{1,5}$", description="host:port")]
Url = Annotated[str, Field(pattern=r"^https?://", description="an http or https URL")]


def _split(value: object) -> object:
    """`a:1,b:2` in the environment is a list; JSON is taken too."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("[") else [p.strip() for p in value.split(",") if p.strip()]


Addresses = Annotated[tuple[Address, ...], NoDecode, BeforeValidator(_split), Field(description="host:port,host:port")]
Urls = Annotated[tuple[Url, ...], NoDecode, BeforeValidator(_split), Field(description="url,url")]
HostRate = Annotated[str, Field(pattern=r"^[^=\s,]+=(?:[1-9][0-9]*(?:\.[0-9]+)?|0\.[0-9]*[1-9][0-9]*)$")]
HostRates = Annotated[
    tuple[HostRate, ...],
    NoDecode,
    BeforeValidator(_split),
    Field(description="host=requests a second, separated by commas; a host's own limit"),
]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Kafka(Section):
    bootstrap: Addresses = ("127.0.0.1:9092", "127.0.0.1:9093", "127.0.0.1:9094")
    replication: int = Field(3, ge=1, le=9, description="copies of each record")
    min_insync: int = Field(2, ge=1, le=9, description="copies that stand before a record is acknowledged")
    retention_hours: int = Field(72, ge=1, description="hours that records are kept")
    partitions: int = Field(1, ge=1, le=64, description="partitions of a new crawl topic, 1 to 64")
    group: str = Field("content", description="the group under whose name the topology commits")
    dead_letter: str = Field("dead-letter", description="the topic of dead letters")


class Elasticsearch(Section):
    urls: Urls = ("http://127.0.0.1:9200",)
    timeout: float = Field(30, gt=0, description="seconds for one request")
    replicas: int = Field(0, ge=0, le=5, description="copies of each shard beside the first")
    shards: int = Field(1, ge=1, le=64, description="shards of the index of documents")


class Search(Section):
    synonyms: Path | None = Field(
        None, description="a file of synonyms; without one, the list that comes with Riverline"
    )
    korean_words: Path | None = Field(None, description="a file of words for nori; it takes effect by a reindex")


class Mysql(Section):
    primary: Address = "127.0.0.1:3306"
    replicas: Addresses = ("127.0.0.1:3307",)
    database: str = Field("riverline", description="the schema")
    user: str = Field("riverline", description="who the applications are")
    password: SecretStr = Field(SecretStr(""), description="theirs; unset: the one the stack made")
    timeout: int = Field(15, ge=1, le=300, description="seconds that a server has for each answer")


class Redis(Section):
    nodes: Addresses = tuple(f"127.0.0.1:{port}" for port in range(7001, 7007))


class Celery(Section):
    broker: Address = "127.0.0.1:6379"
    concurrency: int = Field(2, ge=1, le=64, description="processes of a worker")
    concurrency_most: int = Field(4, ge=1, le=64, description="processes that it may come to when tasks wait")


class Storm(Section):
    zookeeper: Address = "127.0.0.1:2181"
    nimbus: Address = "127.0.0.1:6627"
    ui: Address = "127.0.0.1:8081"
    topology: str = Field("content", description="the name under which the topology is submitted")


class Crawl(Section):
    user_agent: str = Field("RiverlineBot/1.0", min_length=3, description="how the crawler names itself")
    contact: str = Field("", description="an e-mail or web address that site owners can turn to")
    proxy: str = Field("", pattern=r"^$|^http://", description="an http proxy for all requests, or nothing")
    max_page_bytes: int = Field(
        4 << 20, ge=1024, le=8 << 20, description="bytes; of a larger page only the fate is kept"
    )
    host_rates: HostRates = ()
    most_alike: int = Field(2_000, ge=10, description="addresses of one shape on a host that no sitemap or feed lists")
    processes: int = Field(1, ge=0, le=32, description="crawlers of the local stack")
    rounds: int = Field(20, ge=1, le=500, description="targets that one crawler holds at a time")
    metrics: Address = "127.0.0.1:9108"
    youtube_key: SecretStr = Field(
        SecretStr(""), description="a key of the YouTube Data API v3; without one, feeds only"
    )
    youtube_api: Url = "https://www.googleapis.com/youtube/v3"
    youtube_feeds: Url = "https://www.youtube.com/feeds/videos.xml"
    youtube_quota: int = Field(10_000, ge=1, description="units a day, Pacific time")

    @property
    def rates(self) -> dict[str, float]:
        """The most requests a second of single hosts, whatever targets ask for."""
        return {host: float(rate) for host, _, rate in (pair.rpartition("=") for pair in self.host_rates)}


class Topology(Section):
    workers: int = Field(1, ge=1, le=256, description="worker JVMs")
    spouts: int = Field(1, ge=1, le=64, description="tasks; each is a process")
    deduplicators: int = Field(1, ge=1, le=64, description="tasks")
    parsers: int = Field(2, ge=1, le=256, description="tasks")
    parsers_most: int = Field(4, ge=1, le=256, description="tasks that may come to work when pages wait")
    taggers: int = Field(1, ge=1, le=256, description="tasks")
    taggers_most: int = Field(2, ge=1, le=256, description="tasks that may come to work when pages wait")
    indexers: int = Field(1, ge=1, le=64, description="tasks")
    pending: int = Field(250, ge=1, le=100_000, description="tuples in flight per spout task")
    state: Path | None = Field(None, description="a folder of the worker's machine, for its seen-filters")
    seen_capacity: int = Field(1_000_000, ge=1000, description="keys of one generation of a seen-filter")
    seen_error_rate: float = Field(0.001, gt=0, lt=0.5, description="its share of false suspicions when it is full")
    max_attempts: int = Field(5, ge=1, le=100, description="failures after which a record is a dead letter")
    in_flight: int = Field(256, ge=1, le=10_000, description="records held per partition until the first is done")
    in_flight_bytes: int = Field(32 << 20, ge=8 << 20, description="bytes of pages in flight per spout task")
    bulk_count: int = Field(200, ge=1, le=10_000, description="records after which a bulk is written,")
    bulk_bytes: int = Field(4 << 20, ge=1024, description="or bytes,")
    bulk_seconds: float = Field(0.5, gt=0, le=60, description="or seconds after its first")
    drill_stage: str = Field("", description="a stage that is made slow, to try the alerts: deduplicate, parse or tag")
    drill_seconds: float = Field(0, ge=0, le=30, description="that each of its steps takes longer")


class Api(Section):
    site: Address = "127.0.0.1:8080"
    bind: Address = "127.0.0.1:8000"
    workers: int = Field(2, ge=1, le=64, description="gunicorn's processes")
    token_per_minute: int = Field(1200, ge=0, description="requests that one token may make; 0: any number")
    address_per_minute: int = Field(2400, ge=0, description="requests that one address may make; 0: any number")


class Timelines(Section):
    influencer_from: int = Field(10_000, ge=1, description="followers from which on a user's posts are pulled")
    influencer_until: int = Field(8_000, ge=1, description="followers below which they are pushed again")
    entries: int = Field(800, ge=20, le=5000, description="posts that a cached timeline holds")
    ttl_days: float = Field(14, gt=0, le=365, description="days that a timeline is kept after it was last read")


class Monitor(Section):
    bind: Address = "127.0.0.1:9109"
    every: float = Field(5, ge=1, le=60, description="seconds between two samples")
    webhook: SecretStr = Field(SecretStr(""), description="a Slack-compatible address that alerts are posted to")
    smtp: str = Field("", pattern=r"^$|^[A-Za-z0-9._\-]+:[0-9]{1,5}$", description="host:port that takes e-mail")
    smtp_user: str = Field("", description="who sends it; empty: nobody logs in")
    smtp_password: SecretStr = Field(SecretStr(""), description="theirs")
    smtp_tls: bool = Field(False, description="whether the connection is encrypted (STARTTLS)")
    mail_from: str = Field("riverline@localhost", description="the sender of alerts")
    mail_to: str = Field("", description="who gets them by e-mail, separated by commas")
    repeat_minutes: int = Field(60, ge=1, description="after which an incident that goes on is told again")
    scale: bool = Field(True, description="whether the topology and Celery are made larger and smaller")
    cpu_limit: float = Field(0.95, gt=0, description="share of the processors from which on the machine is the limit")

    @property
    def recipients(self) -> list[str]:
        """Who gets alerts by e-mail."""
        return [address.strip() for address in self.mail_to.split(",") if address.strip()]


class Backup(Section):
    folder: Path | None = Field(None, description="the folder of backups; a disk of its own is better")
    keep: int = Field(7, ge=1, le=1000, description="days of which the newest scheduled backup is kept")
    hour: int = Field(2, ge=-1, le=23, description="hour of the daily one, UTC; -1: none")


class Demo(Section):
    address: Address = "127.0.0.1:8090"


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "riverline"


class Stack(Section):
    supervisor: Address = "127.0.0.1:9001"
    cache: Path = Field(default_factory=_user_cache, description="the folder of downloads")


class Settings(BaseSettings):
    """All of it. `Settings.load()` is how a program starts."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = Field(ROOT / ".riverline", description="the folder of data, logs and configuration")
    kafka: Kafka = Kafka()
    elasticsearch: Elasticsearch = Elasticsearch()
    search: Search = Search()
    mysql: Mysql = Mysql()
    redis: Redis = Redis()
    celery: Celery = Celery()
    storm: Storm = Storm()
    crawl: Crawl = Crawl()
    topology: Topology = Topology()
    api: Api = Api()
    timelines: Timelines = Timelines()
    monitor: Monitor = Monitor()
    backup: Backup = Backup()
    demo: Demo = Demo()
    stack: Stack = Field(default_factory=Stack)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from the environment. Raises Fatal with the setting's name and what it takes."""
        _refuse_unknown(environ if environ is not None else os.environ)
        try:
            return cls()
        except ValidationError as error:
            raise Fatal("\n".join(_explained(problem) for problem in error.errors())) from None

    @classmethod
    def from_storm(cls, conf: Mapping[str, Any]) -> Self:
        """Settings inside a Storm worker: those that came with the topology. Secrets never travel that way."""
        return cls.model_validate_json(conf[STORM_KEY])

    def for_storm(self) -> dict[str, str]:
        """The part of the topology's configuration that `from_storm` reads."""
        topology = self.topology.model_copy(update={"state": self.state})
        tree = self.model_copy(update={"topology": topology})
        left_out = dict.fromkeys(("mysql", "stack", "home", "demo", "api", "celery", "monitor", "backup"), True)
        return {STORM_KEY: tree.model_dump_json(exclude={**left_out, "crawl": {"youtube_key"}})}

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
    def monitor_webhook(self) -> str:
        """Where alerts are posted to: the setting, else what the stack keeps of it, else nowhere."""
        return self.monitor.webhook.get_secret_value() or self._kept("monitor-webhook")

    @property
    def smtp_password(self) -> str:
        """The password of who sends e-mail: the setting, else what the stack keeps of it, else none."""
        return self.monitor.smtp_password.get_secret_value() or self._kept("monitor-smtp")

    def _kept(self, name: str) -> str:
        path = self.home / "secrets" / name
        return path.read_text().strip() if path.is_file() else ""

    def environment(self) -> dict[str, str]:
        """The environment variables that give another process these settings; secrets are left out."""
        secrets = {"mysql": {"password"}, "crawl": {"youtube_key"}, "monitor": {"webhook", "smtp_password"}}
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
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise Fatal(f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "; see docs/settings.md"))


def _explained(problem: Any) -> str:
    path = [part for part in problem["loc"] if isinstance(part, str)]
    name = PREFIX + "__".join(path).upper()
    takes = _description(path)
    return f"{name} = {problem['input']!r}: {problem['msg']}" + (f". It takes: {takes}" if takes else "")


def _description(path: list[str]) -> str:
    """What the setting at this path takes, in words."""
    model: Any = Settings
    for part in path[:-1]:
        model = model.model_fields[part].annotation
    found = model.model_fields.get(path[-1]) if path else None
    return (found.description or getattr(found.annotation, "__name__", "")) if found else ""
