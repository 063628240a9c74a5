"""All servers and applications of the stack, in the order in which they are prepared."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType

from riverline.settings import Settings
from riverline_stack.servers import (
    application_programs,
    bytecode,
    elastic_node,
    guide,
    kafka_brokers,
    mysql,
    redis_servers,
    storm_cluster,
    virtualenv,
)
from riverline_stack.servers.java.jars import Say
from riverline_stack.supervision.program import Program

JAVA: tuple[ModuleType, ...] = (kafka_brokers, elastic_node, storm_cluster)
# of the settings, from which the servers' commands and configuration are made
SECTIONS = ("kafka", "elasticsearch", "mysql", "redis", "celery", "storm", "stack")
NATIVE: tuple[ModuleType, ...] = (mysql, redis_servers)


def install(settings: Settings, say: Say) -> None:
    """Everything that servers and applications run on. Java's servers share Maven's folder: one after the other."""

    def one_by_one(modules: tuple[ModuleType, ...]) -> None:
        for module in modules:
            module.install(settings, say)

    with ThreadPoolExecutor() as pool:
        list(pool.map(one_by_one, (JAVA, NATIVE, (virtualenv, bytecode, guide))))


def servers(settings: Settings) -> list[Program]:
    """What keeps and moves data. A setting of ours alone, as what crawlers call themselves, leaves it running."""
    found = [program for module in (*JAVA, *NATIVE) for program in module.programs(settings)]
    return [replace(program, settings=SECTIONS) for program in found]


def applications(settings: Settings) -> list[Program]:
    """What needs tables, indices and topics to be there."""
    return application_programs.programs(settings)


def programs(settings: Settings) -> list[Program]:
    return [*servers(settings), *applications(settings)]


def addresses(settings: Settings) -> list[str]:
    """All that the programs will listen on."""
    return [address for program in programs(settings) for address in program.addresses]
