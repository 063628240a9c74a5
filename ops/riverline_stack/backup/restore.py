"""Restores a backup into a running stack: an empty one, or one whose data are replaced.

The applications and the topology are stopped, the data replaced, and all is started again. Caches are emptied, and
become right by themselves. The topology goes on from where it stood at the time of the backup: what was written to
Kafka since is processed again, which is harmless where it was done before.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from riverline.adapters.kafka.topics import connect_admin
from riverline.adapters.mysql import migrations
from riverline.errors import Fatal, Invalid, Transient
from riverline.pipeline.contracts import PageLog
from riverline.retry import retried
from riverline.search.mappings import FATES
from riverline.services import assemble
from riverline.settings import Settings
from riverline_stack.backup import folder
from riverline_stack.backup.archive import unpack
from riverline_stack.backup.create import ELASTICSEARCH, MYSQL
from riverline_stack.backup.folder import Manifest
from riverline_stack.backup.snapshots import Snapshots
from riverline_stack.backup.verify import verify
from riverline_stack.release import topology
from riverline_stack.servers import application_programs, redis_servers, replication, roles, schema, servers
from riverline_stack.supervision import lifecycle
from riverline_stack.supervision.supervise import Supervisor

KEPT = (application_programs.DEMO, application_programs.NGINX)  # they hold no data
ANSWERS = 60.0  # seconds in which a server must answer after its start
GROUP_ENDS = 60.0  # seconds until Kafka has forgotten the members of a group whose processes have ended
OVERLAP_MS = 60_000  # of what is done again, before the backup began

Place = tuple[str, int]


@dataclass(frozen=True)
class Restored:
    """What was put back. `again`: records of Kafka that are processed again; `fates`: whether they were put back."""

    name: str
    rows: int
    documents: int
    again: int
    fates: bool
    seconds: float


def restore(settings: Settings, name: str, progress: lifecycle.Progress) -> Restored:
    """Replaces all data by those of a backup; `name` may be empty: the newest. Raises Invalid before anything is
    touched where the backup is not whole, or is of a newer program."""
    began = time.monotonic()
    path = folder.path_of(settings, name)
    manifest = folder.read(path)
    if problems := verify(settings, manifest.name, progress.say):
        raise Invalid(f"{path} is not restored: {'; '.join(problems)}")
    _refuse_newer(manifest)
    supervisor = Supervisor(settings)
    with lifecycle.alone(settings):
        stopped = _stop_applications(settings, supervisor, progress)
        _database(settings, manifest, supervisor, progress)
        positions = _positions(settings, manifest)
        again = sum(end - committed for committed, end in positions.values())
        same = _same_log(settings, manifest)
        documents = _index(settings, manifest, same, progress)
        _empty_caches(settings)
        progress.say("the caches are empty")
        if same:
            _commit(settings, positions)
            progress.say(f"{again} records of Kafka are processed again")
        with ThreadPoolExecutor() as pool:
            submitted = pool.submit(_submit, settings, progress)
            lifecycle.start(
                settings, [each for each in application_programs.programs(settings) if each.name in stopped], progress
            )
            submitted.result()
    rows = sum(manifest.rows.values())
    return Restored(manifest.name, rows, documents, again if same else 0, same, time.monotonic() - began)


def _submit(settings: Settings, progress: lifecycle.Progress) -> None:
    topology.submit(settings, topology.build(settings, progress.say), progress.say)


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.revision not in migrations.revisions():
        raise Invalid(f"the backup's tables are at {manifest.revision}, which this program does not know")


def _stop_applications(settings: Settings, supervisor: Supervisor, progress: lifecycle.Progress) -> set[str]:
    names = {program.name for program in servers.applications(settings)} - set(KEPT)
    running = {name for name, state in supervisor.states().items() if state.state in lifecycle.SUPERVISED}
    for name in sorted(names & running):
        supervisor.stop(name)
        progress.say(f"{name} is stopped")
    topology.kill(settings)
    progress.say("the topology is stopped")
    return names & running


def _database(settings: Settings, manifest: Manifest, supervisor: Supervisor, progress: lifecycle.Progress) -> None:
    leader = roles.leader(settings)
    home = replication.folder(settings, leader)
    unpack(folder.path_of(settings, manifest.name) / MYSQL, home / "data.restored")
    supervisor.stop(roles.follower(settings))
    supervisor.stop(leader)
    replication.put_data(home, home / "data.restored")
    supervisor.start(leader)
    replication.wait_until_answering(settings, roles.leader_address(settings), ANSWERS)
    with replication.administering(settings, roles.leader_address(settings)) as cursor:
        cursor.execute("RESET SLAVE ALL")
        cursor.execute("RESET MASTER")
        cursor.execute("SET GLOBAL gtid_binlog_state = %s", (manifest.gtid,))
        since = (manifest.began_at - OVERLAP_MS) / 1000
        cursor.execute(
            f"UPDATE `{settings.mysql.database}`.outbox SET done_at = NULL, due_at = CURRENT_TIMESTAMP(3) "
            "WHERE done_at >= FROM_UNIXTIME(%s)",
            (since,),
        )
    schema.migrate(settings)
    progress.say(f"{leader} has {sum(manifest.rows.values())} rows")
    supervisor.start(roles.follower(settings))
    replication.wait_until_answering(settings, roles.follower_address(settings), ANSWERS)
    replication.refill(settings, supervisor)
    progress.say(f"{roles.follower(settings)} follows it")


def _index(settings: Settings, manifest: Manifest, fates: bool, progress: lifecycle.Progress) -> int:
    """Fates are of records in Kafka by their numbers: in another Kafka these numbers mean other records."""
    services = assemble(settings)
    snapshots = Snapshots(services.elasticsearch, settings)
    wanted = [index for index in manifest.documents if fates or not index.startswith(FATES)]
    try:
        snapshots.forget(manifest.name)
        unpack(folder.path_of(settings, manifest.name) / ELASTICSEARCH, snapshots.folder / manifest.name)
        snapshots.put_back(manifest.name, manifest.alias, wanted)
    finally:
        snapshots.forget(manifest.name)
        snapshots.close()
    services.index.ensure_schema()
    documents = sum(manifest.documents[index] for index in wanted)
    progress.say(f"Elasticsearch has {documents} documents in {len(wanted)} indices")
    return documents


def _positions(settings: Settings, manifest: Manifest) -> dict[Place, tuple[int, int]]:
    """Where the topology goes on, and the end, by partition."""
    log = assemble(settings).log
    try:
        return positions(log, manifest)
    finally:
        log.close()


def positions(log: PageLog, manifest: Manifest) -> dict[Place, tuple[int, int]]:
    """The committed offset of the backup's time, or the first record of what is younger; and the end."""
    found: dict[Place, tuple[int, int]] = {}
    for (topic, partition), (first, end) in log.ends(log.topics()).items():
        _, _, committed = manifest.offsets.get(topic, {}).get(str(partition), (first, first, first))
        found[topic, partition] = min(max(first, committed), end), end
    return found


def _same_log(settings: Settings, manifest: Manifest) -> bool:
    log = assemble(settings).log
    try:
        return same_log(log.ends(log.topics()), manifest)
    finally:
        log.close()


def same_log(ends: Mapping[Place, tuple[int, int]], manifest: Manifest) -> bool:
    """Whether Kafka is the one of the backup: none of its partitions has become shorter."""
    return all(
        ends.get((topic, int(partition)), (0, 0))[1] >= end
        for topic, partitions in manifest.offsets.items()
        for partition, (_, end, _) in partitions.items()
    )


def _commit(settings: Settings, places: Mapping[Place, tuple[int, int]]) -> None:
    """Sets the topology's committed offsets; possible once its members are gone."""
    offsets = {TopicPartition(*place): OffsetAndMetadata(at, "", -1) for place, (at, _) in places.items()}
    admin = connect_admin(settings)
    try:
        retried(lambda: _alter(admin, settings.kafka.group, offsets), pause=1, seconds=GROUP_ENDS)
    except Transient as error:
        raise Fatal(f"the topology's offsets in Kafka could not be set: {error}") from error
    finally:
        admin.close()


def _alter(admin: KafkaAdminClient, group: str, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
    try:
        answers = admin.alter_group_offsets(group, offsets)
    except KafkaError as error:
        raise Transient(str(error) or type(error).__name__) from error
    if refused := ", ".join(sorted({error.__name__ for error in answers.values() if error.errno})):
        raise Transient(refused)


def _empty_caches(settings: Settings) -> None:
    """All of Redis, tasks that wait included: those that are due come again from the outbox."""
    for address in (*settings.redis.nodes, settings.celery.broker):
        with redis_servers.administering(settings, address) as client:
            if client.info("replication")["role"] == "master":
                client.flushall()
