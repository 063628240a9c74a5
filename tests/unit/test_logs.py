import logging

import pytest
import structlog

from riverline import logs


def told(capsys, say):
    before = structlog.get_config()
    logs.configure()
    try:
        say(structlog.get_logger())
    finally:
        structlog.configure(**before)
    return capsys.readouterr()


def test_a_traceback_does_not_show_what_local_variables_held(capsys):
    def fail(log):
        token = "rl_" + "secret" * 4
        try:
            raise ValueError(len(token))
        except ValueError:
            log.exception("broke")

    written = told(capsys, fail).err
    assert "broke" in written and "ValueError: 27" in written
    assert "secretsecret" not in written


def test_the_stream_of_answers_stays_empty(capsys):
    written = told(capsys, lambda log: log.warning("redis away", node="127.0.0.1:7001"))
    assert written.out == ""
    assert "redis away" in written.err and "127.0.0.1:7001" in written.err


def deep(depth: int):
    if depth:
        return deep(depth - 1)
    raise ValueError("x" * 100_000 + "\n" * 100_000)


def test_where_an_error_came_from_is_told_in_few_words_with_what_caused_it():
    try:
        try:
            deep(500)
        except ValueError as error:
            raise RuntimeError("ftp://me:secret@host.example does not answer") from error
    except RuntimeError as error:
        text = logs.traceback_of(error)
    assert len(text) <= logs.TRACEBACK_LENGTH and "secret" not in text
    assert text.index("RuntimeError: ftp://***@host.example") < text.index("caused by") < text.index("in deep")
    assert text.rstrip().endswith("x" * 100)


def test_an_error_that_was_caused_by_itself_comes_to_an_end():
    error = ValueError("round")
    error.__cause__ = RuntimeError("and round")
    error.__cause__.__cause__ = error
    assert logs.traceback_of(error).count("round") <= 8


@pytest.fixture
def as_in_a_worker():
    """As pystorm sets it up: a handler of the root, whose own level lets warnings pass."""
    before, level, root = structlog.get_config(), logging.getLogger("riverline").level, logging.getLogger()
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append((record.levelname, handler.format(record)))
    root.addHandler(handler)
    structlog.reset_defaults()
    logs.configure_worker()
    yield lines
    root.removeHandler(handler)
    logging.getLogger("riverline").setLevel(level)
    structlog.configure(**before)


def test_what_the_project_says_in_a_worker_goes_to_storm(as_in_a_worker, capsys):
    logging.getLogger("riverline.spout").info("reading %d partitions", 3)
    structlog.get_logger("riverline.adapters.kafka.writer").info("kafka_producer_replaced", pause=1.5)
    assert as_in_a_worker[0] == ("INFO", "reading 3 partitions")
    assert as_in_a_worker[1][0] == "INFO" and "kafka_producer_replaced pause=1.5" in as_in_a_worker[1][1]
    assert capsys.readouterr() == ("", "")
