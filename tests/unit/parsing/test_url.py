"""One form for every URL."""

import ada_url
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.parsing.trackers import SESSIONS, TRACKERS
from riverline.parsing.url import canonical, host_of, joined, plain_host, requested, same_host

BITS = r"a B %7e %2F %2e % %zz .. . / // ; = & ? # + 한 ü 0x7f :80 @ \ utm_source=x &gclid=1 ;jsessionid=1"
PIECES = st.sampled_from([*BITS.split(), " ", "\t", "&sid=0123456789abcdef0123456789abcdef"])
URLS = st.builds(
    lambda scheme, host, rest: f"{scheme}://{host}{rest}",
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(
        ["a.example", "A.Example.", "a..", "127.1", "0x7f.1.", "bücher.example", "[::1]", "a.example:8080"]
    ),
    st.lists(PIECES, max_size=12).map("".join),
)


@given(URLS | st.text(max_size=60))
@example("http://a/;jsessionid=AB/..;sid=1")
@example("http://1.1../")
def test_the_key_of_a_key_is_itself(url: str) -> None:
    try:
        key = canonical(url)
    except Invalid:
        return
    assert canonical(key) == key


@given(URLS)
def test_the_key_is_ascii_without_fragment_and_credentials(url: str) -> None:
    try:
        key = canonical(url)
    except Invalid:
        return
    assert key.isascii()
    assert not set("# \t") & set(key)
    assert "@" not in key.split("/")[2]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("HTTP://Example.COM", "http://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("http://example.com./a", "http://example.com/a"),
        ("http://me:secret@example.com/a", "http://example.com/a"),
        ("http://example.com/a#part", "http://example.com/a"),
        ("http://example.com/a/../b/./c", "http://example.com/b/c"),
        ("http://example.com/%7euser/%ed%95%9c", "http://example.com/~user/%ED%95%9C"),
        ("http://example.com/한", "http://example.com/%ED%95%9C"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://example.com/?b=2&a=1&b=1", "http://example.com/?a=1&b=2&b=1"),
        ("http://example.com/?", "http://example.com/"),
        ("http://example.com/?utm_source=x&p=1&fbclid=y", "http://example.com/?p=1"),
        ("http://example.com/?UTM_Campaign=x", "http://example.com/"),
        ("http://example.com/a.html;jsessionid=ED5D.live?x=1", "http://example.com/a.html?x=1"),
        ("http://example.com/?PHPSESSID=abc&id=3", "http://example.com/?id=3"),
        ("http://example.com/?spm=a2.b3&NaPm=ct%3D1&n_media=8753&_openstat=x&gs_l=y&p=1", "http://example.com/?p=1"),
        ("http://example.com/?utm%5Fsource=x&hsCtaTracking=1&vero_id=2&oly_enc_id=3", "http://example.com/"),
        ("  http://example.com/a\n", "http://example.com/a"),
    ],
)
def test_forms_of_one_page_have_one_key(url: str, key: str) -> None:
    assert canonical(url) == key


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/?page",
        "http://example.com/?page=",
        "http://example.com/?gallery=3",
        "http://example.com/?source=rss",
        "http://example.com/?sid=17",
        "http://example.com/?sid=58428beaa14598c2e02d93ad5c773e4d",
        "http://example.com/?s=58428beaa14598c2e02d93ad5c773e4d",
        "http://example.com/talk?session_id=2",
        "http://example.com/?gadget=1&itm=2&oly=3&trk=4&utm_zone=33&vero=5",
        "http://example.com/?cmpid=17",
        "http://example.com/a;sid=17",
        "http://example.com/?keyword=river",
        "http://example.com/index.html",
        "http://example.com/a/",
        "http://example.com/A",
        "http://example.com//a",
        "http://example.com/a%2Fb",
        "http://example.com/?q=a+b",
        "http://example.com/?q=a%20b",
        "http://web.archive.example/web/2011/http://a.example/x",
        "http://www.example.com/",
        "https://example.com/",
    ],
)
def test_what_servers_may_answer_differently_stays_apart(url: str) -> None:
    assert canonical(url) == url


WRITTEN = """
a utm_source UTM_Source utm_zone gad gad_source gadget gclid oly oly_enc_id itm itm_source trk trk_msg vero vero_id
session_id sessionid sid s PHPSESSID spm NaPm n_media n_query _openstat gs_l cmpid page b
"""
NAMES = st.sampled_from(WRITTEN.split())
QUERIES = st.lists(st.tuples(NAMES, st.sampled_from(["", "=", "=1", "=2", "=%41", "=" + "0f" * 16])), max_size=6)


def kept(query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a query says, by the list: its parameters without those that are on it; equal names keep their order."""
    left = [(name, value.replace("%41", "A")) for name, value in query if name.lower() not in TRACKERS | SESSIONS]
    return sorted(left, key=lambda pair: pair[0])


@given(QUERIES, QUERIES)
def test_two_addresses_on_one_key_are_by_the_list_the_same_page(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    keys = [canonical("http://a.example/x?" + "&".join(map("".join, query))) for query in (one, other)]
    assert (keys[0] == keys[1]) == (kept(one) == kept(other))


@pytest.mark.parametrize(
    "url", ["", "/a", "mailto:a@example.com", "ftp://example.com/", "javascript:1", "http://", "http://a b/"]
)
def test_what_is_no_web_page_is_invalid(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        canonical(url)
    assert raised.value.reason == "bad_url"


def test_a_generated_url_without_end_is_invalid() -> None:
    with pytest.raises(Invalid):
        canonical("http://example.com/" + "a/" * 2_000)


def test_a_page_is_asked_for_with_all_its_parameters() -> None:
    assert requested("http://me@Example.com/%7ea?b=1&utm_source=x#f") == "http://example.com/%7ea?b=1&utm_source=x"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("b", "http://example.com/a/b"),
        ("/b", "http://example.com/b"),
        ("//other.example", "http://other.example/"),
        ("?q", "http://example.com/a/?q"),
        ("../../..", "http://example.com/"),
        ("https://x.example/#f", "https://x.example/"),
    ],
)
def test_a_link_is_joined_with_its_page(href: str, url: str) -> None:
    assert joined("http://example.com/a/", href) == url


BITS_OF_LINKS = r"""
/ ? # . % : @ ; = & - a 0 // .. ./ %2e %2F a.example http:// https:// xn--bcher-kva.example é b.html ?q=1 #top
127.0.0.1 0x7f.1 \ ' | ^ A.example :80 user@
"""
LINK_BITS = st.sampled_from([*BITS_OF_LINKS.split(), " ", "\t"])


@given(st.lists(LINK_BITS, max_size=8).map("".join))
@example("/a?")
@example("/a??#x")
@example("https://a.example/b.")
@example("/..")
def test_a_plain_link_is_joined_as_the_parser_joins_it(href: str) -> None:
    base = "http://Example.com:8080/a/b?c"
    try:
        parsed = requested(ada_url.join_url(base, href))
    except (ValueError, Invalid):
        with pytest.raises(Invalid):
            joined(base, href)
        return
    assert joined(base, href) == parsed


@pytest.mark.parametrize("href", ["mailto:a@example.com", "javascript:void(0)", "http://[", "tel:1"])
def test_a_link_to_no_page_is_invalid(href: str) -> None:
    with pytest.raises(Invalid):
        joined("http://example.com/", href)


def test_the_host_has_no_port_and_no_final_dot() -> None:
    assert host_of("http://WWW.Example.com.:8080/a") == "www.example.com"


def test_www_makes_no_other_host() -> None:
    assert same_host("http://www.example.com/", "https://example.com/a")
    assert not same_host("http://blog.example.com/", "http://example.com/")


PLAIN_BITS = st.sampled_from(
    [
        *"abzAZ09_~!$&()*+,=:@-.;?#%",
        "/",
        "//",
        "/./",
        "/../",
        "%41",
        "%2e",
        ";jsessionid=1",
        "utm_source=x",
        "?",
        "é",
    ]
)
PLAIN_HOSTS = st.sampled_from(
    [
        "a.example",
        "www.a.co.kr",
        "a-b.c1.org",
        "1.2.3.4",
        "0x7f.1",
        "xn--a.com",
        "A.com",
        "a_b.com",
        "a.example.",
        "a.b:80",
    ]
)


@given(PLAIN_HOSTS, st.lists(PLAIN_BITS, max_size=10).map("".join))
def test_what_is_plain_is_known_without_a_parser_as_the_parser_tells_it(host: str, rest: str) -> None:
    url = f"http://{host}/{rest}"
    parsed = ada_url.URL(url)
    if found := plain_host(url):
        assert found == parsed.hostname == host_of(url)
    assert requested(url) == f"{parsed.protocol}//{parsed.host}{parsed.pathname}{parsed.search}"
    # Behind a fragment no address is plain: this one takes the way through the parser.
    assert canonical(url) == canonical(f"{url.partition('#')[0]}#x")
