"""Passwords of servers: made where the server is of this machine, left to the operator where it is not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.servers import credentials
from riverline_stack.servers.credentials import password_of
from riverline_stack.servers.kafka_brokers import brokers, programs
from riverline_stack.servers.redis_servers import accounts


def test_a_server_of_this_machine_gets_a_password_that_only_its_user_reads_and_keeps_it(tmp_path: Path) -> None:
    settings = Settings().placed(tmp_path / "home")
    made = password_of(settings.kafka, *settings.kafka.bootstrap)
    file = tmp_path / "home" / "secrets" / "kafka"
    assert len(made) >= 32
    assert (made, made) == (settings.kafka.password, password_of(settings.kafka, *settings.kafka.bootstrap))
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]


def test_servers_on_several_hosts_ask_nobody_until_the_operator_says_what_for(tmp_path: Path) -> None:
    """Each host would make another password; and clients of an earlier version go on as they did."""
    far = {"kafka": {"bootstrap": "kafka-1.internal:9092"}, "redis": {"nodes": "redis-1.internal:6379"}}
    settings = Settings.model_validate({"home": tmp_path / "home", **far})
    programs(settings)
    assert "SASL" not in brokers(settings)[0].properties.read_text()
    assert accounts(settings, settings.redis) == ""
    assert (settings.kafka.password, settings.redis.password) == ("", "")
    for name in ("kafka", "redis"):
        (tmp_path / "home" / "secrets" / name).write_text("of all hosts\n")
    programs(settings)
    assert 'user_riverline="of all hosts"' in brokers(settings)[0].properties.read_text()
    assert "user default off ~* &* +@all" in accounts(settings, settings.redis)


def test_programs_that_start_at_once_agree_on_one_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second makes another one between the first one's look and its writing."""
    settings, made = Settings().placed(tmp_path), []
    write = credentials.write_private

    def overtaken(path: Path, text: str) -> None:
        if not made:
            made.append("")
            made[0] = password_of(settings.kafka)
        write(path, text)

    monkeypatch.setattr(credentials, "write_private", overtaken)
    assert password_of(settings.kafka) == made[0] == settings.kafka.password
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["kafka"]


def test_a_secret_that_is_kept_already_stays_with_the_group_that_may_read_it(tmp_path: Path) -> None:
    settings = Settings().placed(tmp_path)
    file = tmp_path / "secrets" / "monitor-smtp"
    found = []
    for given, mode in (("first", 0o640), ("first", 0o644), ("second", 0o640)):
        credentials.keep(settings, "monitor-smtp", given)
        found.append((file.read_text().strip(), stat.S_IMODE(file.stat().st_mode)))
        file.chmod(mode)
    credentials.keep(settings, "monitor-smtp", "second")
    found.append(("", stat.S_IMODE(file.stat().st_mode)))
    assert found == [("first", 0o600), ("first", 0o640), ("second", 0o600), ("", 0o640)]
