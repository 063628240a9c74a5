"""Settings: typed, explained when they are wrong, carried to other processes."""

import pytest

from riverline.errors import Fatal
from riverline.settings import ROOT, Settings, described, home_of, known_variables


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch):
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)


def test_a_wrong_value_is_named_with_what_it_takes(monkeypatch):
    monkeypatch.setenv("RIVERLINE_KAFKA__PARTITIONS", "many")
    with pytest.raises(Fatal, match=r"RIVERLINE_KAFKA__PARTITIONS = 'many'.*1 to 64"):
        Settings.load()


def test_what_is_wrong_with_a_value_is_said_in_a_sentence_of_ours(monkeypatch):
    monkeypatch.setenv("RIVERLINE_CRAWL__PROCESSES", "many")
    with pytest.raises(Fatal, match=r"^RIVERLINE_CRAWL__PROCESSES = 'many': it must be a whole number\. It takes"):
        Settings.load()


def test_an_address_of_a_list_is_named_too(monkeypatch):
    monkeypatch.setenv("RIVERLINE_KAFKA__BOOTSTRAP", "127.0.0.1:9092,nowhere")
    with pytest.raises(Fatal, match=r"RIVERLINE_KAFKA__BOOTSTRAP.*host:port"):
        Settings.load()


def test_a_name_that_is_no_setting_is_refused_with_the_nearest(monkeypatch):
    monkeypatch.setenv("RIVERLINE_KAFKA__BOOTSTRP", "x")
    with pytest.raises(Fatal, match="did you mean RIVERLINE_KAFKA__BOOTSTRAP"):
        Settings.load()


def test_a_setting_of_an_earlier_version_is_refused_with_what_became_of_it(monkeypatch):
    monkeypatch.setenv("RIVERLINE_STACK__SUPERVISOR", "127.0.0.1:9001")
    with pytest.raises(Fatal, match=r"no setting any more; remove it: the supervisor listens on a socket"):
        Settings.load()


def test_settings_survive_the_way_through_the_environment(monkeypatch):
    shifted = Settings().shifted(20_000)
    for name, value in shifted.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings.load() == shifted


def test_shifting_moves_every_port_and_nothing_else():
    plain, shifted = Settings(), Settings().shifted(20_000)
    assert shifted.kafka.bootstrap == ("127.0.0.1:29092", "127.0.0.1:29093", "127.0.0.1:29094")
    assert shifted.elasticsearch.urls == ("http://127.0.0.1:29200",)
    assert (shifted.topology, shifted.home) == (plain.topology, plain.home)


def test_a_storm_worker_gets_the_settings_without_secrets():
    settings = Settings(mysql={"password": "geheim"})
    conf = settings.for_storm()
    assert "geheim" not in str(conf)
    assert Settings.from_storm(conf).kafka == settings.kafka


def test_a_topology_under_another_name_reads_keeps_and_counts_for_itself(tmp_path):
    settings = Settings(home=tmp_path)
    conf = settings.for_storm() | {"topology.name": "second"}
    second = Settings.from_storm(conf)
    assert (second.storm.topology, second.kafka.group) == ("second", "content-second")
    assert second.state == tmp_path / "state" / "topologies" / "second"
    assert (second.storm.key("KEY"), settings.storm.key("KEY")) == ("KEY_second", "KEY")
    assert Settings.from_storm(conf | {"topology.name": "content"}).state == settings.state


def test_a_storm_worker_is_told_nothing_that_crawlers_alone_read():
    settings = Settings(crawl={"max_page_bytes": 5000, "contact": "me@example.org", "user_agent": "Another/1.0"})
    assert settings.for_storm() == Settings(crawl={"max_page_bytes": 5000}).for_storm() != Settings().for_storm()
    assert Settings.from_storm(settings.for_storm()).crawl.max_page_bytes == 5000


def test_passwords_of_servers_lie_below_the_home_unless_a_setting_says_where(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "elasticsearch").write_text("geheim\n")
    assert Settings(home=tmp_path).elasticsearch.password == "geheim"
    assert Settings().placed(tmp_path).elasticsearch.password == "geheim"
    elsewhere = Settings(home=tmp_path, elasticsearch={"password_file": tmp_path / "none"})
    assert elsewhere.elasticsearch.password == ""
    assert elsewhere.placed(tmp_path / "other").elasticsearch.password_file == tmp_path / "none"


def test_a_storm_worker_is_told_where_passwords_are_and_not_what_they_are(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "elasticsearch").write_text("geheim\n")
    conf = Settings(home=tmp_path).for_storm()
    assert "geheim" not in str(conf)
    assert Settings.from_storm(conf).elasticsearch.password == "geheim"


def test_an_installed_wheel_keeps_its_data_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert home_of(ROOT) == ROOT / ".riverline"
    assert home_of(tmp_path / "lib" / "python3.11") == tmp_path / ".riverline"


def test_the_page_names_every_setting():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert [name for name in described() if f"`{name}`" not in page] == []


def test_the_stacks_servers_with_tls_are_all_spoken_to_so_and_trusted_by_the_homes_own_authority(tmp_path):
    settings = Settings(home=tmp_path, stack={"tls": True}, kafka={"tls": False})
    assert (settings.kafka.tls, settings.redis.tls, settings.celery.tls, settings.mysql.tls) == (
        False,
        True,
        True,
        True,
    )
    assert settings.elasticsearch.urls == ("https://127.0.0.1:9200",)
    authority = tmp_path / "secrets" / "tls-authority.pem"
    for told in (settings, Settings.from_storm(settings.for_storm()), settings.shifted(1000)):
        assert {told.tls.ca_file, told.redis.ca_file, told.elasticsearch.ca_file} == {authority}
    assert settings.placed(tmp_path / "other").mysql.ca_file == tmp_path / "other" / "secrets" / "tls-authority.pem"
    assert "rediss://" in settings.celery.url and "tls-authority.pem" in settings.celery.url


def test_by_default_nothing_is_encrypted_and_nobodys_authority_is_trusted():
    settings = Settings()
    assert [settings.kafka.tls, settings.redis.tls, settings.celery.tls, settings.mysql.tls] == [False] * 4
    assert settings.tls.ca_file is settings.mysql.ca_file is None and settings.celery.url.startswith("redis://")


def test_a_file_of_authorities_that_is_not_there_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("RIVERLINE_TLS__CA_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(Fatal, match=r"RIVERLINE_TLS__CA_FILE = .*none.pem': there is no such file"):
        Settings.load()
