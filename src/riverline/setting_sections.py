"""The sections of the settings, for each server, program, and part of the core."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr

from riverline.setting_types import (
    SMTP,
    Address,
    Addresses,
    Clients,
    HostRates,
    Names,
    Origins,
    PrivateHosts,
    Switch,
    Url,
    Urls,
)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Section):
    ca_file: Path | None = Field(
        None, description="PEM file of the authorities that certificates of servers are checked with"
    )


class Remote(Section):
    """A server whose certificate is checked where TLS is spoken with it."""

    _ca_file: Path | None = PrivateAttr(None)  # the settings' own: it is the same for all servers

    @property
    def ca_file(self) -> Path | None:
        """The authorities to trust; None: those of this machine."""
        return self._ca_file

    def trusting(self, ca_file: Path | None) -> Self:
        """The same server, whose certificate is checked with these authorities."""
        made = self.model_copy()
        made._ca_file = ca_file
        return made


class Guarded(Remote):
    """A server that asks who one is."""

    user: str = Field("riverline", min_length=1, description="user of everything that speaks with it")
    password_file: Path | None = Field(None, description="file of its password; unset: the one that the stack made")

    @property
    def password(self) -> str:
        """What the file says; nothing where there is none, as for a server that does not ask."""
        return secret_in(self.password_file) if self.password_file else ""


class Kafka(Guarded):
    bootstrap: Addresses = ("127.0.0.1:9092", "127.0.0.1:9093", "127.0.0.1:9094")
    tls: Switch = False
    replication: int = Field(3, ge=1, le=9, description="copies of each record")
    min_insync: int = Field(2, ge=1, le=9, description="copies that must exist before a record is acknowledged")
    retention_hours: int = Field(72, ge=1, description="hours for which records are kept")
    partitions: int = Field(1, ge=1, le=64, description="partitions of a new crawl topic, 1 to 64")
    group: str = Field("content", description="consumer group under which the topology commits")
    dead_letter: str = Field("dead-letter", description="the topic of dead letters")


class Elasticsearch(Guarded):
    urls: Urls = ("http://127.0.0.1:9200",)
    timeout: float = Field(30, gt=0, description="timeout of one request, in seconds")
    replicas: int = Field(0, ge=0, le=5, description="replicas of each shard")
    shards: int = Field(1, ge=1, le=64, description="primary shards of the index of documents")

    @property
    def tls(self) -> bool:
        """Whether TLS is spoken with it: its URLs say so."""
        return any(url.startswith("https:") for url in self.urls)


class SearchSettings(Section):
    synonyms: Path | None = Field(None, description="file of synonyms; empty: the list that comes with Riverline")
    korean_words: Path | None = Field(None, description="file of words for nori; takes effect with a reindex")
    people: int = Field(
        5, ge=2, le=1000, description="people who must have searched for something before others see it"
    )
    log_days: int = Field(90, ge=1, le=3650, description="days that searches are kept for statistics")
    semantic: bool = Field(
        False, description="on: the first results are ordered by what they mean, too; takes `make up SEMANTIC=1`"
    )


class Mysql(Remote):
    primary: Address = "127.0.0.1:3306"
    replicas: Addresses = ("127.0.0.1:3307",)
    tls: Switch = False
    database: str = Field("riverline", description="the schema")
    user: str = Field("riverline", description="user of the applications")
    password: SecretStr = Field(SecretStr(""), description="its password; unset: the one that the stack generated")
    timeout: int = Field(15, ge=1, le=300, description="timeout of one query, in seconds")
    clients: Clients = ("127.0.0.1",)


class RedisServer(Guarded):
    """A server that speaks Redis' protocol."""

    tls: Switch = False


class Redis(RedisServer):
    nodes: Addresses = tuple(f"127.0.0.1:{port}" for port in range(7001, 7007))


class Celery(RedisServer):
    broker: Address = "127.0.0.1:6379"
    concurrency: int = Field(2, ge=1, le=64, description="processes of a worker")
    concurrency_most: int = Field(4, ge=1, le=64, description="processes it may grow to when tasks wait")

    @property
    def url(self) -> str:
        """The broker as Celery wants it; with the password, so that it may be neither logged nor an argument."""
        who = f"{quote(self.user, '')}:{quote(self.password, '')}@" if self.password else ""
        if not self.tls:
            return f"redis://{who}{self.broker}/0"
        trusted = f"&ssl_ca_certs={quote(str(self.ca_file), '')}" if self.ca_file else ""
        return f"rediss://{who}{self.broker}/0?ssl_cert_reqs=required&ssl_check_hostname=true{trusted}"


TOPOLOGY = "content"  # its usual name


class Storm(Section):
    zookeeper: Address = "127.0.0.1:2181"
    nimbus: Address = "127.0.0.1:6627"
    ui: Address = "127.0.0.1:8081"
    topology: str = Field(TOPOLOGY, description="name of the topology")

    def key(self, name: str) -> str:
        """A key in Redis of this topology alone: the name itself where the topology has its usual name."""
        return name if self.topology == TOPOLOGY else f"{name}_{self.topology}"


class Crawl(Section):
    user_agent: str = Field("RiverlineBot/1.0", min_length=3, description="User-Agent of the crawler")
    contact: str = Field("", description="e-mail or web address for site owners")
    proxy: str = Field("", pattern=r"^$|^http://[^/\s@]+/?$", description="HTTP proxy for all requests; empty: none")
    private: PrivateHosts = ("127.0.0.1:8090",)
    max_page_bytes: int = Field(
        4 << 20, ge=1024, le=8 << 20, description="largest page, in bytes; for a larger one only the fate is kept"
    )
    host_rates: HostRates = ()
    most_alike: int = Field(
        2_000, ge=10, description="addresses of one shape on a host, unless a sitemap or feed lists them"
    )
    longest_crawl_delay: float = Field(120, ge=1, le=86_400, description="longest Crawl-delay that is kept, in seconds")
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
    parsers_most: int = Field(4, ge=1, le=256, description="tasks it may scale out to when pages wait")
    taggers: int = Field(1, ge=1, le=256, description="tasks")
    taggers_most: int = Field(2, ge=1, le=256, description="tasks it may scale out to when pages wait")
    indexers: int = Field(1, ge=1, le=64, description="tasks")
    pending: int = Field(250, ge=1, le=100_000, description="most tuples in flight per spout task")
    message_timeout: int = Field(60, ge=10, le=3600, description="seconds after which Storm gives up on a tuple")
    state: Path | None = Field(None, description="folder on the worker's machine for its seen-filters")
    seen_capacity: int = Field(1_000_000, ge=1000, description="keys of one generation of a seen-filter")
    seen_error_rate: float = Field(0.001, gt=0, lt=0.5, description="share of false suspicions of a full seen-filter")
    max_attempts: int = Field(5, ge=1, le=100, description="failures after which a record becomes a dead letter")
    in_flight: int = Field(256, ge=1, le=10_000, description="most records in flight per partition")
    in_flight_bytes: int = Field(32 << 20, ge=8 << 20, description="most bytes of pages in flight per spout task")
    bulk_count: int = Field(200, ge=1, le=10_000, description="records after which a bulk is written")
    bulk_bytes: int = Field(4 << 20, ge=1024, description="bytes after which a bulk is written")
    bulk_seconds: float = Field(0.5, gt=0, le=60, description="seconds after which a bulk is written")
    drill_stage: str = Field("", description="stage to slow down, to try the alerts: deduplicate, parse or tag")
    drill_seconds: float = Field(0, ge=0, le=30, description="seconds added to each of its steps")


class Api(Section):
    site: Address = "127.0.0.1:8080"
    bind: Address = "127.0.0.1:8000"
    hosts: Names = ()
    workers: int = Field(2, ge=1, le=64, description="gunicorn's processes")
    token_per_minute: int = Field(1200, ge=0, description="requests per minute and token; 0: unlimited")
    secret: SecretStr = Field(
        SecretStr(""),
        description="the key that cursors are signed with, the same for all hosts of a site; unset: generated",
    )
    origins: Origins = ()
    patience: float = Field(3, ge=1, le=30, description="seconds that a request waits for the answer of one server")
    address_per_minute: int = Field(2400, ge=0, description="requests per minute and address; 0: unlimited")

    @property
    def names(self) -> tuple[str, ...]:
        """What requests may call the site: its names, and where it listens."""
        return (*self.hosts, *(address.rpartition(":")[0] for address in (self.site, self.bind)))


class Accounts(Section):
    smtp: str = Field("", pattern=SMTP, description="host:port of the mail server for login links")
    smtp_user: str = Field("", description="its login; empty: none")
    smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    smtp_tls: bool = Field(False, description="whether the connection is encrypted (STARTTLS)")
    mail_from: str = Field("riverline@localhost", description="the sender of login links")
    address: str = Field(
        "",
        pattern=r"^$|^https?://[^/\s]+$",
        description="what links in mails begin with, such as https://riverline.example; empty: RIVERLINE_API__SITE",
    )
    show_mail: bool = Field(
        False,
        description="whether everyone may read outgoing mail, and so log in as anyone: only to try the site out",
    )
    direct: bool | None = Field(
        None,
        description="whether accounts are made at once, without a mailed link; unset: while there is no mail server",
    )
    per_hour: int = Field(30, ge=0, description="accounts and mailed links per hour and address; 0: unlimited")
    exports_per_hour: int = Field(10, ge=0, description="copies of its data per hour and account; 0: unlimited")

    audit_days: int = Field(365, ge=1, le=3650, description="days that the audit log is kept")

    @property
    def made_at_once(self) -> bool:
        """Whether an account needs no mailed link."""
        return not self.smtp if self.direct is None else self.direct


class Timelines(Section):
    influencer_from: int = Field(10_000, ge=1, description="followers at which a user's posts start to be pulled")
    influencer_until: int = Field(8_000, ge=1, description="followers below which they are pushed again")
    entries: int = Field(800, ge=20, le=5000, description="posts in a cached timeline")
    ttl_days: float = Field(14, gt=0, le=365, description="days that a timeline is kept after its last read")


class MonitorSettings(Section):
    bind: Address = "127.0.0.1:9109"
    every: float = Field(5, ge=1, le=60, description="seconds between two samples")
    webhook: SecretStr = Field(SecretStr(""), description="Slack-compatible webhook for alerts")
    smtp: str = Field("", pattern=SMTP, description="host:port of the mail server")
    smtp_user: str = Field("", description="its login; empty: none")
    smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    smtp_tls: bool = Field(False, description="whether the connection is encrypted (STARTTLS)")
    mail_from: str = Field("riverline@localhost", description="the sender of alerts")
    mail_to: str = Field("", description="recipients of alerts, separated by commas")
    repeat_minutes: int = Field(60, ge=1, description="minutes between reminders of an open incident")
    scale: bool = Field(True, description="whether the topology and Celery scale by themselves")
    cpu_limit: float = Field(0.95, gt=0, description="processor use above which the machine counts as the limit")

    @property
    def recipients(self) -> list[str]:
        """Who gets alerts by e-mail."""
        return [address.strip() for address in self.mail_to.split(",") if address.strip()]


class Backup(Section):
    folder: Path | None = Field(None, description="folder of backups; better on a disk of its own")
    keep: int = Field(7, ge=1, le=1000, description="days of which the newest scheduled backup is kept")
    hour: int = Field(2, ge=-1, le=23, description="hour of the daily one, UTC; -1: none")


class Demo(Section):
    address: Address = "127.0.0.1:8090"


def secret_in(path: Path) -> str:
    """What a file says; nothing where there is none."""
    return path.read_text().strip() if path.is_file() else ""


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "riverline"


class Stack(Section):
    cache: Path = Field(default_factory=_user_cache, description="the folder of downloads")
    host: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._\-]*$",
        description="this host's own address, of those that the settings name; empty: all servers are on one host",
    )
    tls: bool = Field(False, description="whether the stack's servers speak TLS, with certificates that it makes")
