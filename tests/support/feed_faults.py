"""What can happen to what carries posts to timelines, as functions of the settings. All of it mends itself."""

from __future__ import annotations

import contextlib

import psutil

from riverline.adapters.redis.cluster import RedisCluster
from riverline.settings import Settings
from riverline_stack.servers import servers
from riverline_stack.supervision.lifecycle import reason
from tests.support.faults import Fault, kill_program, program
from tests.support.stack import awaited

CONCERNED = ("redis-", "mysql-", "celery", "api", "nginx", "elasticsearch")


def kill_celery_child(settings: Settings) -> None:
    awaited(lambda: program(settings, "celery").children(), 60)[0].kill()


def kill_master(settings: Settings) -> None:
    """The Redis node that owns the first slots now."""
    cluster = RedisCluster(settings.redis)
    address = awaited(lambda: _owner(cluster), 60)
    cluster.close()
    program(settings, f"redis-{settings.redis.nodes.index(address) + 1}").kill()


def _owner(cluster: RedisCluster) -> str | None:
    masters = cluster.masters()
    return masters[0].address if masters else None


def kill_gunicorn(settings: Settings) -> None:
    """The process that all others of the API come from, and those."""
    main = program(settings, "api")
    for process in (*main.children(), main):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def repaired(settings: Settings) -> bool:
    """If every server that timelines need is ready again."""
    concerned = [one for one in servers.programs(settings) if one.name.startswith(CONCERNED)]
    # The API calls itself healthy when all servers are, those of the topology too.
    return all(reason(one.ready if one.name == "api" else one.healthy or one.ready) is None for one in concerned)


ALL: dict[str, Fault] = {
    "kill -9 a Celery child": kill_celery_child,
    "kill -9 a Redis master": kill_master,
    "kill -9 Celery's worker": kill_program("celery"),
    "kill -9 Celery's Redis": kill_program("redis-celery"),
    "kill -9 gunicorn": kill_gunicorn,
    "kill -9 MySQL's primary": kill_program("mysql-primary"),
}
SHORT = ("kill -9 a Celery child", "kill -9 a Redis master")
