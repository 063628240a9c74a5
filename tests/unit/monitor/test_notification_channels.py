"""Tidings reach a webhook and a mail server, after failures too, and sampling never waits for them."""

import threading
import time

import pytest

from riverline.errors import Transient
from riverline.monitoring.contracts import Incident
from riverline.settings import Settings
from riverline_monitor.notification_channels import Log, Mail, Webhook, channels_of
from riverline_monitor.retry_queue import RetryQueue
from riverline_monitor.rule_evaluation import Kind, Notification
from tests.support.receivers import MailReceiver, WebhookReceiver
from tests.support.stack import until

NOW = 1_760_000_000_000
INCIDENT = Incident("stage_slow", "parse", "warning", NOW, 0.99, "The stage parse is busy.\nparse 단계가 바쁩니다.")
BEGINS = Notification(Kind.BEGINS, INCIDENT)
OVER = Notification(
    Kind.OVER, Incident("stage_slow", "parse", "warning", NOW, 0.99, "Busy.\n바쁨.", until=NOW + 90_000)
)


def test_a_webhook_gets_what_slack_takes():
    with WebhookReceiver() as receiver:
        Webhook(receiver.url).send(BEGINS)
        Webhook(receiver.url).send(OVER)
    first, second = receiver.texts
    assert "stage_slow parse" in first and "The stage parse is busy." in first and "parse 단계가 바쁩니다." in first
    assert "resolved: stage_slow parse" in second and "90 s" in second


def test_the_error_of_a_webhook_does_not_tell_its_address():
    with pytest.raises(Transient) as caught:
        Webhook("http://127.0.0.1:9/secret").send(BEGINS)
    assert "secret" not in str(caught.value)


def test_mails_of_one_incident_belong_together():
    with MailReceiver() as receiver:
        mail = Mail(receiver.address, "riverline@example.org", ["a@example.org", "b@example.org"])
        mail.send(BEGINS)
        mail.send(OVER)
    first, second = receiver.mails
    assert receiver.envelopes[0] == ("riverline@example.org", ["a@example.org", "b@example.org"])
    assert "stage_slow parse" in first["Subject"] and "parse 단계가 바쁩니다." in first.get_content()
    assert second["In-Reply-To"] == first["Message-ID"]


def test_what_was_refused_is_sent_again():
    queue = RetryQueue("webhook", first_pause=0.01)
    with WebhookReceiver(refusals=3) as receiver:
        queue.add("begins", lambda: Webhook(receiver.url).send(BEGINS))
        assert until(lambda: len(receiver.posts) == 1, 10)
    assert receiver.refused == 3
    queue.close()


def test_who_asks_does_not_wait_and_the_order_is_kept():
    queue, free, done = RetryQueue("slow"), threading.Event(), []
    began = time.monotonic()
    queue.add("first", lambda: free.wait(30), lambda: done.append("first"))
    for name in ("second", "third"):
        queue.add(name, lambda: None, lambda name=name: done.append(name))
    assert time.monotonic() - began < 5
    free.set()
    assert until(lambda: done == ["first", "second", "third"], 10)
    queue.close()


def test_an_errand_is_given_up_at_last_and_the_next_one_runs():
    clock, done = [0.0], []

    def fails():
        clock[0] += 100.0
        raise OSError("away")

    queue = RetryQueue("hopeless", patience=250.0, first_pause=0.001, monotonic=lambda: clock[0])
    queue.add("hopeless", fails)
    queue.add("next", lambda: None, lambda: done.append(1))
    assert until(lambda: done == [1], 10)
    queue.close()


def test_without_settings_there_is_the_log_alone(tmp_path):
    assert [channel.name for channel in channels_of(Settings(home=tmp_path))] == ["log"]


def test_what_is_set_is_a_channel(tmp_path):
    monitor = {"webhook": "http://hooks.example/x", "smtp": "127.0.0.1:25", "mail_to": "a@example.org, b@example.org"}
    log, webhook, mail = channels_of(Settings(home=tmp_path, monitor=monitor))
    assert isinstance(log, Log)
    assert (webhook.url, list(mail.recipients)) == ("http://hooks.example/x", ["a@example.org", "b@example.org"])


def test_the_webhook_may_lie_in_the_stack_s_secrets(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "monitor-webhook").write_text("http://hooks.example/kept\n")
    _, webhook = channels_of(Settings(home=tmp_path))
    assert webhook.url == "http://hooks.example/kept"
    assert "kept" not in str(Settings(home=tmp_path, monitor={"webhook": "http://x.example/kept"}).environment())
