"""Makes a backup while the system runs.

The order makes the parts fit: first the topology's offsets in Kafka, then the index, then MySQL. What the index
lacks of MySQL's posts is in MySQL's outbox, and what it lacks of Kafka's records comes after the noted offsets: a
restore does both again.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from riverline.crawl.targets import written
from riverline.pipeline.contracts import PageLog
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline_stack.backup import folder
from riverline_stack.backup.archive import pack, part_of, unpack
from riverline_stack.backup.folder import DRAFT, Manifest, Part
from riverline_stack.backup.inspect_backup import Contents, contents
from riverline_stack.backup.snapshots import Snapshots
from riverline_stack.servers import replication, roles
from riverline_stack.servers.credentials import write_private

Say = Callable[[str], None]
MYSQL, ELASTICSEARCH, TARGETS = "mysql.tar.zst", "elasticsearch.tar.zst", "targets.json"
SETTINGS, SECRETS = "settings.json", "secrets.json"


def create(settings: Settings, say: Say, scheduled: bool = False) -> Manifest:
    """A new backup. What an earlier attempt left unfinished is removed. Raises Transient and Fatal."""
    with folder.alone(settings):
        folder.prune(settings)
        began_at = time.time_ns() // 1_000_000
        name = folder.name_of(began_at)
        draft = folder.root(settings) / (name + DRAFT)
        draft.mkdir(mode=0o700)
        services = assemble(settings)
        offsets = noted(services.log)
        say("saved the topology's offsets in Kafka")
        snapshot, documents, alias, version = _index(services, name, draft, say)
        data, gtid, found = _database(settings, draft, say)
        parts = [snapshot, data, *_texts(settings, draft, written(each.target for each in services.targets.all()))]
        services.log.close()
        versions = {"riverline": importlib.metadata.version("riverline")}
        versions |= {"mariadb": found.version, "elasticsearch": version}
        manifest = Manifest(
            name,
            began_at,
            scheduled,
            versions,
            found.revision,
            gtid,
            found.rows,
            documents,
            alias,
            offsets,
            tuple(parts),
        )
        folder.write(draft, manifest)
        draft.rename(folder.root(settings) / name)
        return manifest


def noted(log: PageLog) -> dict[str, dict[str, tuple[int, int, int]]]:
    """By topic and partition: the first offset, the next one, and the one that the topology has committed."""
    topics = log.topics()
    ends, committed = log.ends(topics), log.committed(topics)
    found: dict[str, dict[str, tuple[int, int, int]]] = {topic: {} for topic in topics}
    for (topic, partition), (first, end) in ends.items():
        found[topic][str(partition)] = first, end, committed.get((topic, partition), first)
    return found


def _index(services: Services, name: str, draft: Path, say: Say) -> tuple[Part, dict[str, int], str, str]:
    snapshots = Snapshots(services.elasticsearch, services.settings)
    try:
        alias, version = snapshots.alias(), snapshots.version()
        taken, counts = snapshots.take(name)
        part = pack(taken, draft / ELASTICSEARCH)
    finally:
        snapshots.forget(name)
        snapshots.close()
    say(f"{sum(counts.values())} documents of {len(counts)} indices ({part.bytes} bytes)")
    return part, counts, alias, version


def _database(settings: Settings, draft: Path, say: Say) -> tuple[Part, str, Contents]:
    copied = draft / "mysql"
    replication.copy(settings, replication.folder(settings, roles.leader(settings)) / "backup.cnf", copied)
    gtid = replication.position_of(copied)
    part = pack(copied, draft / MYSQL)
    shutil.rmtree(copied)
    found = opened(settings, draft / MYSQL)
    say(f"{sum(found.rows.values())} rows of {len(found.rows)} tables ({part.bytes} bytes), at {gtid or 'no position'}")
    return part, gtid, found


def opened(settings: Settings, archive: Path) -> Contents:
    """What a server finds in the packed copy of MariaDB's data."""
    scratch = archive.with_name("opened")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        unpack(archive, scratch)
        return contents(scratch, settings.mysql.database)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _texts(settings: Settings, draft: Path, targets: str) -> list[Part]:
    """Targets and settings to be read by people; secrets by themselves. All of them are for the owner alone."""
    secrets = {
        "RIVERLINE_MYSQL__PASSWORD": settings.mysql.password.get_secret_value(),
        "RIVERLINE_CRAWL__YOUTUBE_KEY": settings.crawl.youtube_key.get_secret_value(),
    }
    texts = {
        TARGETS: targets,
        SETTINGS: json.dumps(settings.environment(), indent=1),
        SECRETS: json.dumps({name: value for name, value in secrets.items() if value}, indent=1),
    }
    for name, text in texts.items():
        write_private(draft / name, text)
    return [part_of(draft / name) for name in texts]
