"""A record that kills its process is known after the restart."""

from riverline.content.suspect import DEATHS, Suspect


def die_over(path, name):
    suspect = Suspect(path)
    begun = suspect.begin(name)
    suspect.close()  # never ended: the process is gone
    return begun


def test_a_record_that_killed_its_process_several_times_is_not_begun_again(tmp_path):
    path = tmp_path / "parse"
    assert [die_over(path, "crawl.a-0-1") for _ in range(DEATHS)] == [True] * DEATHS
    assert not Suspect(path).begin("crawl.a-0-1")


def test_other_records_are_worked_on_meanwhile(tmp_path):
    path = tmp_path / "parse"
    for _ in range(DEATHS):
        die_over(path, "crawl.a-0-1")
    suspect = Suspect(path)
    assert suspect.begin("crawl.a-0-2")
    suspect.end()
    assert not suspect.begin("crawl.a-0-1")


def test_a_record_that_was_finished_is_not_suspected(tmp_path):
    path = tmp_path / "parse"
    for _ in range(DEATHS + 1):
        suspect = Suspect(path)
        assert suspect.begin("crawl.a-0-1")
        suspect.end()
        suspect.close()


def test_kills_over_different_records_accuse_none(tmp_path):
    path = tmp_path / "parse"
    assert all(die_over(path, f"crawl.a-0-{number}") for number in range(3 * DEATHS))
    assert Suspect(path).begin("crawl.a-0-0")
