"""The words of the index, as spelling asks for them."""

from riverline.parsing.fingerprint import url_id
from riverline.search.analysis.korean_parts import is_known, with_particle
from riverline.search.autocomplete import letters
from riverline.search.spelling.word_counts import Names
from tests.contract.index.subject import Subject


def test_words_are_held_as_they_are_or_with_a_particle(subject: Subject) -> None:
    word = "q" + subject.site.split(".")[0]
    subject.put(
        subject.document("/a", title=f"The {word.upper()}", body="of nothing", tags=(f"tag{word}",)),
        subject.document("/b", author=f"Ann {word}son", body=f"{word}가나에서"),
    )
    asked = [word, f"tag{word}", f"{word}son", f"{word}x", word[:-1]]
    assert subject.index.held(asked) == {word, f"tag{word}", f"{word}son"}
    assert subject.index.held([]) == frozenset()


def test_a_korean_word_is_held_where_a_particle_stands_behind_it(subject: Subject) -> None:
    subject.put(subject.document("/a", body="저 멀리 뚜루랑박물관에서 보았다"))
    assert subject.index.held(["뚜루랑박물관", "뚜루랑"]) == {"뚜루랑박물관"}


def test_all_texts_are_read_in_the_order_of_their_ids(subject: Subject) -> None:
    state = subject.index.state()
    one = subject.document("/a", title="Title", tags=("tag",), author="Ann", summary="summary", body="body")
    subject.put(one, subject.document("/b"))
    assert subject.index.state() != state
    found, after = [], ""
    while page := subject.index.texts(after, 7):
        found, after = found + page, page[-1].id
    ids = [names.id for names in found]
    assert ids == sorted(set(ids)) and {url_id(one.url), url_id(f"https://{subject.site}/b")} <= set(ids)
    assert Names(url_id(one.url), ("Title", "tag", subject.site, "Ann"), ("summary", "body")) in found


def test_korean_words_are_cut_into_parts(subject: Subject) -> None:
    river, odd = subject.index.parts(["한강에서", "쀍뛣"])
    assert with_particle(river) == "한강"
    assert with_particle(odd) == "" and not is_known(odd)


def texts(subject: Subject, typed: str, locale: str = "") -> list[str]:
    return [one.text for one in subject.index.suggestions(letters(typed), locale, 10)]
