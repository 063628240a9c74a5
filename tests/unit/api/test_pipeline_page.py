"""The page of the pipeline: live numbers, fates in words, dead letters."""

import re

import pytest

from riverline.accounts.tokens import ADMIN
from riverline.errors import Transient
from riverline.feed.contracts import MOST_FAILURES
from riverline.model import Fate, Origin
from riverline.monitoring.contracts import Incident
from riverline.monitoring.history import HistoryRecorder
from riverline.monitoring.sample import NOW_KEY, Sample
from riverline.pipeline.contracts import Failure
from riverline.settings import ROOT
from riverline.stages import StageState
from riverline_api.web import i18n
from tests.support.site import _page, empty
from tests.unit.api.conftest import fate
from tests.unit.api.test_feed_pages import HERE, NOW, Browser
from tests.unit.api.test_statistics_page import data

TOPIC = "crawl.news.example"


@pytest.fixture
def site():
    return empty(lambda: NOW)


def bury(site, count):
    for n in range(count):
        page = _page(f"https://news.example/{n}", NOW)
        site.log.bury(page, Failure(Origin(TOPIC, 0, n), "parse", f"<b>broken {n}", 2, NOW))


def test_an_empty_pipeline_says_so(site):
    html = Browser(site).html("/pipeline")
    assert "No site has a topic yet" in html
    assert "No page has been processed yet" in html


def test_the_part_that_renews_itself_tells_rates_from_the_last_look(site):
    for n in range(20):
        site.log.append(TOPIC, _page(f"https://news.example/{n}", NOW))
    html = Browser(site).html(f"/pipeline/live?at={NOW - 10_000}&written=10&committed=0")
    assert re.findall(r"<dd>([\d.,]+) <small>", html) == ["1.0", "0.0"]
    assert f"at={NOW}&amp;written=20&amp;committed=0" in html
    assert "<html" not in html


@pytest.mark.parametrize(("age", "shown"), [(5_000, ["12.5", "12.0"]), (90_000, ["–", "–"])])
def test_the_first_look_tells_the_monitors_rates_if_they_are_of_now(site, age, shown):
    values = {"inflow": 12.5, "throughput": 12.0}
    site.services.key_value.put(NOW_KEY, Sample(NOW - age, values).packed(), 3600)
    assert re.findall(r"<dd>([\d.,–]+) <small>", Browser(site).html("/pipeline")) == shown


@pytest.mark.parametrize("wrong", ["at=x&written=-1", "at=99999999999999999999999", f"at={NOW}&written=5"])
def test_a_look_that_means_nothing_tells_no_rate(site, wrong):
    assert "–" in Browser(site).html(f"/pipeline/live?{wrong}")


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (fate(1), "can be found"),
        (fate(1, of="https://news.example/own"), "canonical address: https://news.example/own"),
        (fate(1, "duplicate"), "has not changed"),
        (fate(1, "duplicate", reason="text", of="https://news.example/x"), "under https://news.example/x"),
        (fate(1, "filtered", reason="robots"), "robots.txt"),
        (fate(1, "filtered", reason="status_418"), "status 418"),
        (fate(1, "filtered", reason="unheard_of"), "left out (unheard_of)"),
        (fate(1, "dead", reason="broken_pdf", stage="parse"), "in the stage parse: the PDF is damaged"),
        (fate(1, "dead", reason="x", stage="parse", error="<b>"), "in the stage parse: &lt;b&gt;"),
    ],
)
def test_a_fate_is_told_in_a_sentence(site, ended: Fate, sentence):
    site.index.write([], [ended])
    site.index.refresh()
    assert sentence in Browser(site).html("/pipeline?url=https://news.example/1")


def test_a_page_that_nothing_is_known_of_is_said_to_be_so(site):
    assert "Nothing is known" in Browser(site).html("/pipeline?url=https://news.example/absent")


def test_dead_letters_are_for_administrators(site):
    bury(site, 1)
    for browser, status in ((Browser(site), 401), (Browser(site, site.join("mina")[1]), 403)):
        assert browser.get("/pipeline/dead-letters").status_code == status
        assert browser.post("/pipeline/dead-letters", record="0-0").status_code == status
    assert site.log.topics() == []


def test_dead_letters_are_shown_and_sent_again(site):
    bury(site, 60)
    browser = Browser(site, site.token(None, ADMIN))
    html = browser.html("/pipeline/dead-letters")
    assert html.count('name="record"') == 50
    assert "&lt;b&gt;broken 59" in html
    assert "state=waiting&amp;before=11" in html
    answer = browser.client.post(
        "/pipeline/dead-letters", data={"record": ["0-59", "0-58", "0-999", "x"]}, headers=HERE
    )
    assert answer.headers["Location"] == "/pipeline/dead-letters?state=waiting&sent=2&passed=1"
    assert "Sent again: 2." in browser.html(answer.headers["Location"])
    assert [record.page.replay_of for record in site.log.read(TOPIC, 0, 0, 10)] == [f"{TOPIC}-0-58", f"{TOPIC}-0-59"]


def test_the_reason_of_a_dead_letter_is_told_in_the_readers_language(site):
    failure = Failure(Origin(TOPIC, 0, 0), "parse", "locked_pdf: the PDF is protected by a password", 1, NOW)
    site.log.bury(_page("https://news.example/0", NOW), failure)
    browser = Browser(site, site.token(None, ADMIN))
    assert "the PDF is protected by a password" in browser.html("/pipeline/dead-letters")
    browser.client.set_cookie("riverline_language", "ko")
    html = browser.html("/pipeline/dead-letters")
    assert "PDF에 비밀번호가 걸려 있습니다" in html and "the PDF is protected by a password" in html


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_reason_that_a_parser_gives_has_words(language):
    calls = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py")).split("Invalid(")[1:]
    given = {found[1] for call in calls if (found := re.match(r'[^\n]*?, (?:reason=)?"([a-z_]+)"\)', call))}
    words = i18n.words(language)
    assert {reason for reason in given if f"dead.{reason}" not in words} <= {"self"}  # of a following, not of a page
    assert len(given) > 8


def test_what_was_sent_again_waits_no_more_and_is_found_in_its_state(site):
    bury(site, 3)
    browser = Browser(site, site.token(None, ADMIN))
    browser.html("/pipeline/dead-letters")
    for act, record in (("again", "0-0"), ("dismiss", "0-1")):
        browser.client.post("/pipeline/dead-letters", data={"record": record, "act": act}, headers=HERE)
    for state, number in (("waiting", 2), ("sent", 0), ("dismissed", 1)):
        html = browser.html(f"/pipeline/dead-letters?state={state}")
        assert re.findall(r"broken (\d)", html) == [str(number)]
    assert len(re.findall(r"broken \d", browser.html("/pipeline/dead-letters?state=all"))) == 3
    assert "There are no dead letters in this state" in browser.html("/pipeline/dead-letters?state=settled")


@pytest.mark.parametrize("act", ["again", "dismiss"])
def test_who_chose_nothing_is_told_so(site, act):
    bury(site, 1)
    browser = Browser(site, site.token(None, ADMIN))
    answer = browser.client.post("/pipeline/dead-letters", data={"act": act, "state": "all"}, headers=HERE)
    assert answer.headers["Location"] == "/pipeline/dead-letters?state=all&nothing=1"
    html = browser.html(answer.headers["Location"])
    assert "Nothing is selected" in html and "Sent again: 0" not in html
    assert site.log.topics() == []


def park(site, count):
    for n in range(count):
        job = site.feed.repository.add_post(site.join(f"a{n}")[0], "text", (), "en").jobs[1]
        for _ in range(MOST_FAILURES):
            site.feed.repository.failed(job.id, "Invalid: <b>no")


def test_parked_jobs_are_shown_to_administrators_and_sent_again(site):
    park(site, 2)
    assert 'name="job"' not in Browser(site).html("/pipeline")
    assert Browser(site).post("/pipeline/parked-jobs", job="1").status_code == 401
    browser = Browser(site, site.token(None, ADMIN))
    html = browser.html("/pipeline")
    first, _ = re.findall(r'name="job" value="(\d+)"', html)
    assert "Invalid: &lt;b&gt;no" in html and "index_post" in html
    for chosen, word in (({}, "Nothing is selected"), ({"job": [first, "x", "9" * 30]}, "Sent again: 1.")):
        answer = browser.client.post("/pipeline/parked-jobs", data=chosen, headers=HERE)
        assert word in browser.html(answer.headers["Location"].partition("#")[0])
    assert [one.job.id for one in site.feed.repository.parked(0, 9)] != []
    assert int(first) in site.feed.repository.outbox


def test_what_is_wrong_now_is_told_to_administrators_in_their_language(site):
    sentence = "The lag grows.\n대기가 늘고 있습니다."
    site.services.incidents.save(Incident("lag", "parse", "critical", NOW, 1.0, sentence))
    assert "The lag grows" not in Browser(site).html("/pipeline")
    admin = Browser(site, site.token(None, ADMIN))
    assert "The lag grows" in admin.html("/pipeline")
    assert "대기가 늘고 있습니다" in admin.html("/pipeline/live", **{"Accept-Language": "ko"})


def test_stages_that_report_are_in_the_table(site):
    site.services.stages.publish(StageState("parse", 0, NOW, rates={"in": 2.5}))
    assert '<a href="/pipeline/stages/parse">parse</a>' in Browser(site).html("/pipeline")


def test_the_last_hour_is_a_chart_where_a_monitor_runs(site):
    assert "vega" not in Browser(site).html("/pipeline")
    HistoryRecorder(site.services.key_value).add(Sample(NOW - 60_000, {"inflow": 3.0, "throughput": 2.0}))
    [chart] = data(Browser(site).html("/pipeline"))
    assert {(row["series"], row["count"]) for row in chart["rows"]} == {("Fetched", 3.0), ("Done", 2.0)}


def test_a_burst_of_half_a_minute_shows_in_its_minute(site):
    minute = NOW // 60_000 * 60_000 - 120_000
    recorder = HistoryRecorder(site.services.key_value)
    for second, inflow, throughput in ((5, 6.7, 0.0), (35, 0.3, 5.2), (65, 0.0, 0.0)):
        recorder.add(Sample(minute + second * 1000, {"inflow": inflow, "throughput": throughput}))
    [chart] = data(Browser(site).html("/pipeline"))
    rows = [(row["at"] - minute, row["series"], row["count"]) for row in chart["rows"]]
    assert rows == [(0, "Fetched", 3.5), (0, "Done", 2.6), (60_000, "Fetched", 0.0), (60_000, "Done", 0.0)]


def test_brokers_that_are_away_leave_the_rest_of_the_page(site, monkeypatch):
    def away(*_):
        raise Transient("away")

    monkeypatch.setattr(site.log, "topics", away)
    answer = Browser(site).get("/pipeline")
    assert answer.status_code == 503
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert 'name="url"' in answer.get_data(as_text=True)
    assert Browser(site).get("/pipeline/live").status_code == 503
