"""The composition root: Settings in, Services out. A process has one client for each kind of server, and it is here.

Bolts that need Redis alone (`src/bolts/base.py`) do without: what is imported here would weigh on each of their tasks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from riverline.accounts.contracts import AuditLog, LoginLinks, Mailer, Sessions, TakeDowns, Tokens
from riverline.accounts.links import LinkOffice
from riverline.accounts.outgoing_mail import KeptMail
from riverline.adapters.bloom import SeenFilter, drop_folders
from riverline.adapters.elasticsearch import ElasticIndex
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.lexicon import Lexicon
from riverline.adapters.elasticsearch.vectors import ElasticVectors
from riverline.adapters.kafka.hurried_log import HurriedLog
from riverline.adapters.kafka.log import LINGER, KafkaLog
from riverline.contracts import KeyValue
from riverline.crawl.contracts import Targets
from riverline.feed.feed import Feed
from riverline.monitoring.contracts import Incidents
from riverline.pipeline.contracts import DeadLetterCatalogue, PageLog, Stages
from riverline.pipeline.dead_letters import DeadLetterQueue
from riverline.pipeline.take_down import TakeDownOffice
from riverline.search.contracts import Clicks, Index
from riverline.search.semantic.contracts import Embeddings, VectorStore
from riverline.search.semantic.loaded_later import LoadedLater
from riverline.search.semantic.reordering import Reordering
from riverline.search.service import SearchService
from riverline.settings import Settings

if TYPE_CHECKING:
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.search.spelling.shared_dictionary import SharedDictionary


def now_ms() -> int:
    """The time of the machine, in ms since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Services:
    """What the programs work with. Every store connects when it is first used."""

    settings: Settings
    index: Index
    log: PageLog
    now_ms: Callable[[], int] = now_ms
    make_feed: Callable[[], Feed] | None = None
    make_targets: Callable[[], Targets] | None = None
    make_tokens: Callable[[], Tokens] | None = None
    make_key_value: Callable[[], KeyValue] | None = None
    make_clicks: Callable[[], Clicks] | None = None
    make_incidents: Callable[[], Incidents] | None = None
    make_stages: Callable[[], Stages] | None = None
    make_catalogue: Callable[[], DeadLetterCatalogue] | None = None
    make_links: Callable[[], LoginLinks] | None = None
    make_sessions: Callable[[], Sessions] | None = None
    make_audit_log: Callable[[], AuditLog] | None = None
    make_take_downs: Callable[[], TakeDowns] | None = None
    patience: float | None = None  # seconds that MySQL has for an answer, where it is not what the settings say

    @cached_property
    def feed(self) -> Feed:
        """Users, posts and timelines."""
        return self.make_feed() if self.make_feed else self._feed()

    @cached_property
    def targets(self) -> Targets:
        """What is to be crawled."""
        return self.make_targets() if self.make_targets else self._targets()

    @cached_property
    def tokens(self) -> Tokens:
        """Who may do what."""
        return self.make_tokens() if self.make_tokens else self._tokens()

    @cached_property
    def links(self) -> LoginLinks:
        """Mailed links that open something."""
        return self.make_links() if self.make_links else self._links()

    @cached_property
    def sessions(self) -> Sessions:
        """Who is logged in."""
        return self.make_sessions() if self.make_sessions else self._sessions()

    @cached_property
    def audit_log(self) -> AuditLog:
        """Who did what."""
        return self.make_audit_log() if self.make_audit_log else self._audit_log()

    @cached_property
    def take_downs(self) -> TakeDowns:
        """What stays out of the index."""
        return self.make_take_downs() if self.make_take_downs else self._take_downs()

    @cached_property
    def take_down_office(self) -> TakeDownOffice:
        """Takes documents and sites out of the index."""
        return TakeDownOffice(self.index, self.take_downs, self.settings.api.site.rpartition(":")[0])

    @cached_property
    def kept_mail(self) -> KeptMail:
        """Outgoing mail of a site without a mail server."""
        return KeptMail(self.key_value, self.now_ms)

    @cached_property
    def mailer(self) -> Mailer:
        """How mail is sent: to the mail server, or to the page of outgoing mail where there is none."""
        wanted = self.settings.accounts
        if not wanted.smtp:
            return self.kept_mail
        from riverline.adapters.smtp import SmtpMailer

        password = self.settings.accounts_smtp_password
        return SmtpMailer(wanted.smtp, wanted.mail_from, wanted.smtp_user, password, wanted.smtp_tls)

    @cached_property
    def link_office(self) -> LinkOffice:
        """Mails login links."""
        return LinkOffice(self.links, self.feed.repository, self.mailer, self.now_ms, self.settings.link_address)

    @cached_property
    def key_value(self) -> KeyValue:
        """Small things that may be forgotten."""
        return self.make_key_value() if self.make_key_value else self._key_value()

    @cached_property
    def clicks(self) -> Clicks:
        """Clicks on results."""
        return self.make_clicks() if self.make_clicks else self._clicks()

    @cached_property
    def incidents(self) -> Incidents:
        """What the monitor found, and did about it."""
        return self.make_incidents() if self.make_incidents else self._incidents()

    @cached_property
    def stages(self) -> Stages:
        """What the topology's tasks say of themselves."""
        return self.make_stages() if self.make_stages else self._stages()

    @cached_property
    def dead_letters(self) -> DeadLetterQueue:
        """What could not be processed, and what became of it."""
        catalogue = self.make_catalogue() if self.make_catalogue else self._catalogue()
        return DeadLetterQueue(self.log, self.index, catalogue, self.settings.kafka.dead_letter, self.now_ms)

    @cached_property
    def search(self) -> SearchService:
        """Searches as people make them."""
        reordering = self._reordering() if self.settings.search.semantic else None
        return SearchService(self.index, self.key_value, self.now_ms, self.dictionary.speller, reordering)

    def _reordering(self) -> Reordering:
        """The model is loaded beside the first searches, which do not wait for it."""
        return Reordering(self.index, self.vectors, LoadedLater(self._embeddings))

    @cached_property
    def vectors(self) -> VectorStore:
        """The vectors of documents. Only of the real index."""
        return ElasticVectors(self.elasticsearch, self.settings.elasticsearch.replicas, patience=self.patience)

    @cached_property
    def embeddings(self) -> Embeddings:
        """The sentence model, loaded when it is first asked for. Raises Fatal where its packages are missing."""
        return self._embeddings()

    @cached_property
    def dictionary(self) -> SharedDictionary:
        """The words of the index, for spelling."""
        # Imported here: Storm's workers assemble services too, and spell nothing.
        from riverline.search.spelling.shared_dictionary import SharedDictionary

        return SharedDictionary(lambda: self.key_value)

    def seen_pages(self, index: int, count: int) -> SeenFilter:
        """The seen-filter of the deduplicator with this index, on this machine; one process at a time may hold it.
        Filters for another number of them hold other pages: they go."""
        wanted, folder = self.settings.topology, self.settings.state / "seen"
        drop_folders(folder, f"pages-*-of-{count}")
        return SeenFilter(folder / f"pages-{index}-of-{count}", wanted.seen_capacity, wanted.seen_error_rate)

    @property
    def elasticsearch(self) -> ElasticsearchConnection:
        """The connection that the index uses. Only of the real index."""
        if not isinstance(self.index, ElasticIndex):
            raise TypeError(f"{type(self.index).__name__} is not in Elasticsearch")
        return self.index.connection

    @cached_property
    def mysql(self) -> Database:
        """One for all: what one of its users finds out about a server the others need not."""
        # Imported here: Storm's workers assemble services too, and have no client for MySQL.
        from riverline.adapters.mysql.database import Database

        return Database(self.settings, self.patience)

    @cached_property
    def redis(self) -> RedisCluster:
        """The cluster. Celery's own Redis is another server."""
        from riverline.adapters.redis.cluster import RedisCluster

        return RedisCluster(self.settings.redis)

    def _embeddings(self) -> Embeddings:
        # Imported here: it takes packages that are installed for semantic search alone, and loads for a second.
        from riverline.adapters.embeddings.models import load

        return load()

    def _feed(self) -> Feed:
        from riverline.adapters.feed import open_feed

        return open_feed(self.settings, self.mysql, self.redis)

    def _targets(self) -> Targets:
        from riverline.adapters.mysql.targets import MysqlTargets

        return MysqlTargets(self.mysql)

    def _tokens(self) -> Tokens:
        from riverline.adapters.mysql.tokens import MysqlTokens

        return MysqlTokens(self.mysql)

    def _links(self) -> LoginLinks:
        from riverline.adapters.mysql.login_links import MysqlLoginLinks

        return MysqlLoginLinks(self.mysql)

    def _sessions(self) -> Sessions:
        from riverline.adapters.mysql.sessions import MysqlSessions

        return MysqlSessions(self.mysql)

    def _audit_log(self) -> AuditLog:
        from riverline.adapters.mysql.audit_log import MysqlAuditLog

        return MysqlAuditLog(self.mysql)

    def _take_downs(self) -> TakeDowns:
        from riverline.adapters.mysql.take_downs import MysqlTakeDowns

        return MysqlTakeDowns(self.mysql)

    def _key_value(self) -> KeyValue:
        from riverline.adapters.redis.key_value import RedisKeyValue

        return RedisKeyValue(self.redis)

    def _stages(self) -> Stages:
        from riverline.adapters.redis.stages import KEY, RedisStages

        return RedisStages(self.redis, self.settings.storm.key(KEY))

    def _clicks(self) -> Clicks:
        from riverline.adapters.mysql.clicks import MysqlClicks

        return MysqlClicks(self.mysql)

    def _catalogue(self) -> DeadLetterCatalogue:
        from riverline.adapters.mysql.dead_letters import MysqlDeadLetters

        return MysqlDeadLetters(self.mysql)

    def _incidents(self) -> Incidents:
        from riverline.adapters.mysql.incidents import MysqlIncidents

        return MysqlIncidents(self.mysql)


def assemble(settings: Settings, hurried: bool = False, linger: float = LINGER) -> Services:
    """The real stores. `hurried`: people wait for them, so that no server has longer than RIVERLINE_API__PATIENCE for
    an answer. `linger`: seconds that a record may wait for others on its way to the brokers."""
    patience = settings.api.patience if hurried else None
    lexicon = Lexicon(settings.search)
    index = ElasticIndex(settings.elasticsearch, lexicon=lexicon, patience=settings.api.patience, hurried=hurried)
    log = KafkaLog(settings, patience, linger)
    return Services(settings, index, HurriedLog(log, patience) if patience else log, patience=patience)
