"""The stack's authority and certificates: made once, renewed in time, and never made where another host makes them."""

from __future__ import annotations

import stat
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509

from riverline.errors import Fatal
from riverline.secret_files import AUTHORITY_FILE, SECRETS
from riverline.settings import Settings
from riverline_stack.servers import certificates
from riverline_stack.servers.shown import HOST_FILE, KEY_FILE, Identity, ensure, names_of, shown_by

ADDRESS = "127.0.0.1:3306"


def settings_of(home: Path, **sections: object) -> Settings:
    return Settings(home=home, stack={"tls": True, **sections.pop("stack", {})}, **sections)  # type: ignore[dict-item]


def shown(settings: Settings) -> Identity:
    found = shown_by(settings, settings.home / "server", ADDRESS)
    assert found
    return found


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_without_the_switch_nothing_is_made(tmp_path: Path) -> None:
    assert shown_by(Settings(home=tmp_path), tmp_path / "server", ADDRESS) is None
    assert list(tmp_path.iterdir()) == []


def test_the_first_start_makes_them_for_their_owner_alone_and_the_next_leaves_them(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    first = shown(settings)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {path.name for path in files} == {AUTHORITY_FILE, KEY_FILE, HOST_FILE, "tls.pem"}
    authority = certificate(first.authority)
    certificate(first.own).verify_directly_issued_by(authority)
    names = certificate(first.own).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert x509.IPAddress(IPv4Address("127.0.0.1")) in names
    assert x509.DNSName("localhost") in names
    assert shown(settings) == first


def test_one_that_soon_ends_is_renewed_by_the_same_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path)
    with monkeypatch.context() as short:
        short.setattr(certificates, "OF_HOST", timedelta(days=29))
        first = shown(settings)
        authority = first.authority.read_text()
    second = shown(settings)
    assert second.version != first.version and second.authority.read_text() == authority
    assert certificate(second.own).not_valid_after_utc - certificate(second.own).not_valid_before_utc > timedelta(395)


def test_an_address_that_is_new_on_this_host_is_in_the_next_certificate(tmp_path: Path) -> None:
    before = shown(settings_of(tmp_path))
    after = shown(settings_of(tmp_path, mysql={"primary": "10.1.0.1:3306"}))
    assert after.version != before.version
    assert "10.1.0.1" in names_of(settings_of(tmp_path, mysql={"primary": "10.1.0.1:3306"}))


def test_of_several_hosts_none_makes_an_authority_or_a_certificate_without_its_key(tmp_path: Path) -> None:
    several = settings_of(tmp_path, stack={"host": "10.1.0.1"}, mysql={"primary": "10.1.0.1:3306"})
    with pytest.raises(Fatal, match=r"tls-authority.pem is missing or has ended: all hosts must have the same"):
        ensure(several)
    authority, key = certificates.new_authority()
    (tmp_path / SECRETS / AUTHORITY_FILE).write_text(authority)
    with pytest.raises(Fatal, match=r"tls-host.pem is missing: put there what the authority of all hosts signed"):
        ensure(several)
    names = names_of(several)
    (tmp_path / SECRETS / HOST_FILE).write_text(certificates.issued(authority, key, names))
    ensure(several)
    another, _ = certificates.new_authority()
    (tmp_path / SECRETS / AUTHORITY_FILE).write_text(another)
    with pytest.raises(Fatal, match=r"is of another authority"):
        ensure(several)


def test_those_of_several_hosts_are_made_elsewhere_and_do(tmp_path: Path) -> None:
    certificates.write_for_hosts(tmp_path / "made", ["10.1.0.1,db.example", "10.1.0.2"])
    several = settings_of(tmp_path / "home", stack={"host": "10.1.0.1"}, mysql={"primary": "10.1.0.1:3306"})
    secrets = tmp_path / "home" / SECRETS
    secrets.mkdir(parents=True)
    for path in (tmp_path / "made" / "10.1.0.1").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.rename(secrets / path.name)
    ensure(several)
    another = settings_of(tmp_path / "home", stack={"host": "10.1.0.3"}, mysql={"primary": "10.1.0.3:3306"})
    with pytest.raises(Fatal, match=r"lacks the names 10.1.0.3: put there"):
        ensure(another)
