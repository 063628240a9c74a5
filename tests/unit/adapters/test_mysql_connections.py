"""How connections to MySQL are made."""

from __future__ import annotations

import ssl

import pytest

from riverline.adapters.mysql.server import Link


def unconnected(**options: object) -> Link:
    return Link(1.0, host="127.0.0.1", defer_connect=True, **options)


def test_the_machines_certificates_are_not_read_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", lambda *_: read.append(1))
    links = [unconnected() for _ in range(3)]
    assert read == [] and links[0].ctx is links[2].ctx


def test_a_server_that_offers_tls_is_trusted_as_the_driver_does() -> None:
    link = unconnected()
    assert link.ssl and link.ctx.verify_mode is ssl.CERT_NONE and not link.ctx.check_hostname


def test_who_asks_for_certificates_to_be_checked_has_them_checked() -> None:
    assert unconnected(ssl_verify_cert=True, ssl_ca=ssl.get_default_verify_paths().cafile).ctx.verify_mode is (
        ssl.CERT_REQUIRED
    )
    assert unconnected(ssl_disabled=True).ssl is False
