import gzip
import http.client
import json
import socket

import pytest

NEWS = "http://hangang-ilbo.example"
ARTICLE = f"{NEWS}/2025/03/04/subway-fare"


def test_a_page_is_served_to_an_absolute_target(client):
    reply = client.ask(ARTICLE)
    assert reply.status == 200
    assert "수도권 대중교통요금" in reply.body.decode()
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_page_is_served_to_its_path_and_a_host_header(client):
    assert client.ask("/2025/03/04/subway-fare", Host="hangang-ilbo.example:80").body == client.ask(ARTICLE).body


def test_a_connection_serves_many_requests(client):
    client.ask(ARTICLE)
    held = client.connection.sock
    client.ask(f"{NEWS}/")
    assert client.connection.sock is held


def test_head_has_the_length_of_the_page_and_no_body(client):
    head, get = client.ask(ARTICLE, "HEAD"), client.ask(ARTICLE)
    assert head.body == b""
    assert int(head.headers["Content-Length"]) == len(get.body)


@pytest.mark.parametrize(("sent", "held"), [("If_None_Match", "ETag"), ("If_Modified_Since", "Last-Modified")])
def test_a_page_that_is_held_is_not_sent_again(client, sent, held):
    first = client.ask(ARTICLE)
    again = client.ask(ARTICLE, **{sent: first.headers[held]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_an_etag_that_differs_wins_over_a_date_that_does_not(client):
    date = client.ask(ARTICLE).headers["Last-Modified"]
    assert client.ask(ARTICLE, If_None_Match='"other"', If_Modified_Since=date).status == 200


def test_an_unknown_host_is_named_in_a_404(client):
    reply = client.ask("http://nowhere.example/")
    assert reply.status == 404
    assert b"no such host in the demo web: nowhere.example" in reply.body


def test_connect_is_not_implemented(client):
    assert client.ask("hangang-ilbo.example:443", "CONNECT").status == 501


def test_an_unknown_method_is_refused(client):
    reply = client.ask(ARTICLE, "DELETE")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")


def test_a_malformed_request_is_answered_and_the_connection_closed(client):
    with socket.create_connection(("127.0.0.1", client.connection.port), timeout=5) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        assert raw.makefile("rb").read().startswith(b"HTTP/1.1 400 Bad Request")


def test_tracking_parameters_and_session_ids_do_not_change_the_page(client):
    plain = client.ask(ARTICLE).body
    assert client.ask(f"{ARTICLE}?utm_source=mail&fbclid=1").body == plain
    assert client.ask(f"{ARTICLE};jsessionid=0A1B").body == plain
    assert f'<link rel="canonical" href="{ARTICLE}">' in plain.decode()


@pytest.mark.parametrize(
    ("url", "status", "location"),
    [
        (f"{NEWS}/news/1042", 301, "/2025/04/18/bike-lane"),
        (f"{NEWS}/go/live-river", 302, "/live/han-river-level"),
        ("http://blog.trailnotes.example/gear/old-shoes", 301, "http://shop.northfold.example/category/footwear"),
    ],
)
def test_a_moved_page_says_where_it_went(client, url, status, location):
    reply = client.ask(url)
    assert (reply.status, reply.headers["Location"]) == (status, location)


def test_a_removed_page_is_gone_and_an_invented_one_missing(client):
    assert client.ask(f"{NEWS}/2019/08/02/withdrawn-report").status == 410
    assert client.ask(f"{NEWS}/2024/11/31/calendar-error").status == 404


def test_the_sitemap_index_leads_to_a_gzipped_sitemap(client):
    index = client.ask(f"{NEWS}/sitemap.xml").body.decode()
    assert f"<loc>{NEWS}/sitemap-articles.xml.gz</loc>" in index
    child = client.ask(f"{NEWS}/sitemap-articles.xml.gz")
    assert child.headers["Content-Type"] == "application/gzip"
    assert f"<loc>{ARTICLE}</loc>" in gzip.decompress(child.body).decode()


def test_a_live_page_changes_after_every_fifth_get(client):
    bodies = [client.ask(f"{NEWS}/live/han-river-level").body for _ in range(11)]
    assert [bodies.index(body) for body in bodies] == [0] * 5 + [5] * 5 + [10]


def test_a_head_does_not_count_towards_a_change(client):
    tags = [client.ask(f"{NEWS}/live/han-river-level", "HEAD").headers["ETag"] for _ in range(7)]
    assert len(set(tags)) == 1


def test_the_change_endpoint_moves_the_live_page_at_once(client):
    before = client.ask(f"{NEWS}/live/han-river-level")
    changed = client.ask(f"{NEWS}/_demo/change", "POST")
    after = client.ask(f"{NEWS}/live/han-river-level", If_None_Match=before.headers["ETag"])
    assert (changed.status, after.status) == (204, 200)
    assert "2번째 갱신" in after.body.decode()
    assert after.headers["Last-Modified"] != before.headers["Last-Modified"]


def test_the_change_endpoint_refuses_a_host_without_a_live_page(client):
    assert client.ask("http://blog.trailnotes.example/_demo/change", "POST").status == 404


def test_each_request_is_logged_as_a_line_of_json(client, log):
    client.ask(ARTICLE, User_Agent="probe/1.0")
    line = json.loads(log.getvalue())
    assert line.pop("time") > 0
    assert line.pop("bytes") > 1000
    assert line == {
        "host": "hangang-ilbo.example",
        "path": "/2025/03/04/subway-fare",
        "status": 200,
        "user_agent": "probe/1.0",
    }


def test_a_client_of_http_1_0_gets_a_closed_connection(client):
    with socket.create_connection(("127.0.0.1", client.connection.port), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\nHost: hangang-ilbo.example\r\n\r\n")
        reply = http.client.HTTPResponse(raw)
        reply.begin()
        assert (reply.status, reply.headers["Connection"]) == (200, "close")
