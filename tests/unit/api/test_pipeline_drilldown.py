"""Below the page of the pipeline: what each number leads to."""

import re
from html import unescape

import pytest

from riverline.accounts.tokens import ADMIN
from riverline.model import Origin
from riverline.monitoring.contracts import Incident
from riverline.monitoring.history import HistoryRecorder
from riverline.monitoring.sample import NOW_KEY, Sample
from riverline.pipeline.contracts import Failure
from riverline.stages import STAGES, StageState
from riverline_api.web.fate_words import forms
from tests.support.site import _page, empty
from tests.unit.api.conftest import fate
from tests.unit.api.test_feed_pages import NOW, Browser
from tests.unit.api.test_statistics_page import data

TOPIC = "crawl.news.example"


@pytest.fixture
def site():
    return empty(lambda: NOW)


@pytest.fixture
def admin(site):
    return Browser(site, site.token(None, ADMIN))


def running(site, values=(), down=()):
    for name in STAGES:
        site.services.stages.publish(StageState(name, 3, NOW, "node-1", 77, rates={"acked": 5.0, "in": 5.0}))
    site.services.key_value.put(NOW_KEY, Sample(NOW, dict(values), dict(down)).packed(), 60)


def first_line(browser, language="en"):
    return re.findall(
        r'<p class="verdict (\w+)" role="status">(.*?)</p>', browser.html("/pipeline", **{"Accept-Language": language})
    )


def test_the_first_line_says_whether_it_keeps_up(site):
    running(site)
    assert first_line(Browser(site)) == [("keeping_up", "Keeping up: nothing is waiting.")]


def test_the_first_line_says_how_far_it_is_behind(site):
    for n in range(1_200):
        site.log.append(TOPIC, _page(f"https://news.example/{n}", NOW))
    running(site, {"inflow": 1.0, "throughput": 3.0})
    assert first_line(Browser(site)) == [("behind", "Behind by 1,200 records, about 10 minutes.")]


def test_the_first_line_says_where_it_stands_and_why(site):
    running(site, {"up/topology": 0.0, "up/kafka": 1.0}, {"topology": "the topology content is not submitted"})
    [(pace, words)] = first_line(Browser(site), "ko")
    assert pace == "stopped" and "topology에서" in words and "not submitted" in words
    html = Browser(site).html("/pipeline")
    assert '<span class="state bad">topology</span> <span class="soft">the topology content is not submitted' in html
    assert '<span class="state">kafka</span>' in html


@pytest.mark.parametrize(
    ("rule", "subject", "address"),
    [
        ("stage_errors", "parse", "/pipeline/stages/parse"),
        ("dead_letters", "", "/pipeline/dead-letters"),
        ("lag_growing", "", "/pipeline#topics"),
        ("server_down", "kafka", "/pipeline#servers"),
    ],
)
def test_an_alert_leads_to_what_it_speaks_of(site, admin, rule, subject, address):
    site.services.incidents.save(Incident(rule, subject, "warning", NOW, 1.0, "It is so.\n그렇습니다."))
    assert f'<li class="warning"><a href="{address}">' in admin.html("/pipeline")


def test_a_topic_leads_to_its_partitions_and_to_what_became_of_its_records(site):
    for n in range(3):
        site.log.append(TOPIC, _page(f"https://news.example/{n}", NOW))
    site.index.write([], [fate(0), fate(1, "filtered", reason="robots")])
    site.index.refresh()
    assert f'<a href="/pipeline/topics/{TOPIC}">news.example</a>' in Browser(site).html("/pipeline")
    html = unescape(Browser(site).html(f"/pipeline/topics/{TOPIC}"))
    assert '<th scope="row">0</th><td>3</td><td>3</td><td>0</td><td>3</td>' in html
    assert f"/pipeline/records?topic={TOPIC}&outcome=filtered&reason=robots" in html
    assert Browser(site).get("/pipeline/topics/crawl.absent").status_code == 404


def test_a_number_leads_to_the_records_behind_it(site):
    site.index.write([], [*(fate(n) for n in range(60)), fate(70, "dead", reason="broken_pdf", traceback="File <b>")])
    site.index.refresh()
    browser = Browser(site)
    html = unescape(browser.html("/pipeline/records?outcome=indexed"))
    assert html.count('<th scope="row">') == 50 and "60 records" in html
    [following] = re.findall(r'rel="next" href="([^"]+)"', html)
    assert browser.html(following).count('<th scope="row">') == 10
    dead = Browser(site).html("/pipeline/records?outcome=dead")
    assert "the PDF is damaged" in dead and '<pre class="trace">File &lt;b&gt;</pre>' in dead
    assert Browser(site).get("/pipeline/records?outcome=x&cursor=broken").status_code == 200


def test_a_stage_leads_to_its_tasks_and_to_the_last_records_that_ended_there(site):
    running(site)
    site.index.write([], [fate(1, "dead", stage="parse", error="E1"), fate(2, "dead", stage="index", error="E2")])
    site.index.refresh()
    html = Browser(site).html("/pipeline/stages/parse")
    assert '<th scope="row">3</th><td>node-1</td><td>77</td>' in html
    assert "E1" in html and "E2" not in html
    assert Browser(site).get("/pipeline/stages/absent").status_code == 404


def bury(site, n, body=b"<html>a body</html>", stage="parse", error="broken_pdf: no"):
    page = _page(f"https://news.example/{n}", NOW)
    page = type(page)(**{**{name: getattr(page, name) for name in page.__slots__}, "body": body})
    site.log.bury(page, Failure(Origin(TOPIC, 0, n), stage, error, 1, NOW))


def test_dead_letters_are_filtered_by_stage_reason_and_address(site, admin):
    bury(site, 1)
    bury(site, 2, stage="index", error="refused: no")
    for query, number in (("stage=parse", 1), ("reason=refused", 2), ("url=example/2", 2), ("", 0)):
        found = re.findall(r'name="record" value="0-(\d)"', admin.html(f"/pipeline/dead-letters?{query}"))
        assert found == ([str(number - 1)] if number else ["1", "0"])
    assert "state=sent&amp;stage=parse" in admin.html("/pipeline/dead-letters?stage=parse")


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"<html>a body</html>", "&lt;html&gt;a body"), (bytes(range(256)), "00 01 02 03"), (b"", "holds")],
)
def test_a_dead_letter_shows_the_beginning_of_what_was_fetched(site, admin, body, shown):
    bury(site, 1, body)
    admin.html("/pipeline/dead-letters")
    html = admin.html("/pipeline/dead-letters/0-0")
    assert shown in html.replace("does not hold", "holds") and "the PDF is damaged" in html
    assert 'name="record" value="0-0"' in html
    assert admin.get("/pipeline/dead-letters/0-9").status_code == 404
    assert Browser(site).get("/pipeline/dead-letters/0-0").status_code == 401


@pytest.mark.parametrize(
    "typed",
    [
        "https://news.example/1",
        "http://www.news.example/1/",
        "news.example/1",
        "www.news.example/1",
        " news.example/1# ",
    ],
)
def test_an_address_is_looked_up_however_it_was_typed(site, typed):
    site.index.write([], [fate(1)])
    site.index.refresh()
    assert "can be found" in Browser(site).html("/pipeline?url=" + typed.replace("#", "%23"))


def test_what_is_no_address_has_no_forms():
    assert list(forms("not an address at all")) == []
    assert list(forms("")) == []


def test_the_api_gives_the_verdict(site):
    running(site, {"up/kafka": 1.0})
    found = Browser(site).client.get("/api/v1/pipeline").json
    assert found["verdict"]["pace"] == "keeping_up" and found["servers"] == {"kafka": "ok"}


def test_a_topic_shows_its_lag_over_the_last_hour(site):
    site.log.append(TOPIC, _page("https://news.example/1", NOW))
    assert "vega" not in Browser(site).html(f"/pipeline/topics/{TOPIC}")
    recorder = HistoryRecorder(site.services.key_value)
    for ago, values in ((120_000, {"lag": 9.0, f"lag/{TOPIC}": 7.0}), (60_000, {"lag": 2.0, "lag/crawl.b": 2.0})):
        recorder.add(Sample(NOW - ago, values))
    [chart] = data(Browser(site).html(f"/pipeline/topics/{TOPIC}"))
    assert [row["count"] for row in chart["rows"]] == [7.0, 0.0]


def test_a_stage_leads_administrators_to_its_component_in_storm(site, admin):
    running(site)
    link = 'href="http://127.0.0.1:8081/topology/content#parse"'
    assert link in admin.html("/pipeline/stages/parse")
    assert link not in Browser(site).html("/pipeline/stages/parse")
