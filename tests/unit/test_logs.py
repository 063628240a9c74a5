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
