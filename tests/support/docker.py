"""The ports of compose.yaml, as its variables name them, from settings."""

from __future__ import annotations

from riverline.settings import Settings
from riverline_stack.servers.addresses import port_of
from riverline_stack.servers.credentials import credential, password_of

BESIDE = 100  # controllers, buses and transports listen that many ports above their servers


def compose_variables(settings: Settings) -> dict[str, str]:
    """What compose.yaml needs in its environment: a port for everything that listens, and the passwords."""
    elastic = int(settings.elasticsearch.urls[0].rsplit(":", 1)[1])
    nimbus = port_of(settings.storm.nimbus)
    ports = {
        "ELASTICSEARCH_PORT": elastic,
        "ELASTICSEARCH_TRANSPORT": elastic + BESIDE,
        "KIBANA_PORT": elastic + 1,
        "MYSQL_PRIMARY_PORT": port_of(settings.mysql.primary),
        "MYSQL_REPLICA_PORT": port_of(settings.mysql.replicas[0]),
        "CELERY_PORT": port_of(settings.celery.broker),
        "ZOOKEEPER_PORT": port_of(settings.storm.zookeeper),
        "NIMBUS_PORT": nimbus,
        "STORM_SUPERVISOR_PORT": nimbus + 1,
        "STORM_SLOT_PORT": nimbus + 73,
        "STORM_UI_PORT": port_of(settings.storm.ui),
        "API_PORT": port_of(settings.api.bind),
        "SITE_PORT": port_of(settings.api.site),
        "MONITOR_PORT": port_of(settings.monitor.bind),
        "DEMO_PORT": port_of(settings.demo.address),
    }
    for number, address in enumerate(settings.kafka.bootstrap, 1):
        ports |= {f"KAFKA_{number}_PORT": port_of(address), f"KAFKA_{number}_CONTROLLER": port_of(address) + BESIDE}
    for number, address in enumerate(settings.redis.nodes, 1):
        ports |= {f"REDIS_{number}_PORT": port_of(address), f"REDIS_{number}_BUS": port_of(address) + BESIDE}
    passwords = {
        "COMPOSE_PROJECT_NAME": "riverline-test",
        "APPLICATION_PASSWORD": credential(settings, "mysql-application"),
        "ADMIN_PASSWORD": credential(settings, "mysql-admin"),
        "SERVERS_PASSWORD": password_of(settings.elasticsearch, *settings.redis.nodes),
    }
    return {name: str(port) for name, port in ports.items()} | passwords
