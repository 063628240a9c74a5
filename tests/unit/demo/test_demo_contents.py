import json
import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from demo import markup, pdf, truth

FOLDER = truth.FILE.parent
OLD = "http://hanok-travel.example"


def lines_of(name):
    return [json.loads(line) for line in (FOLDER / "judgements" / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def queries():
    return lines_of("queries.jsonl")


@pytest.fixture(scope="module")
def qrels():
    return lines_of("qrels.jsonl")


def test_there_are_eight_hosts_and_ninety_articles_half_of_them_korean(records):
    articles = [r for r in records if r["kind"] == "article" and r["url"] == r["canonical"]]
    originals = [r for r in articles if not r["duplicate_of"] and not r["near_duplicate_of"]]
    languages = Counter(record["language"] for record in originals)
    assert len({urlsplit(record["url"]).hostname for record in records}) >= 8
    assert len(originals) >= 90
    assert min(languages.values()) >= 40


def test_each_kind_occurs(records):
    kinds = Counter(record["kind"] for record in records)
    refused = {"redirect", "gone", "missing", "disallowed", "noindex"}
    assert set(kinds) == {"article", "feed", "sitemap", "list", "text", "pdf"} | refused
    assert kinds["disallowed"] >= 4


def test_five_articles_are_repeated_and_two_nearly(records):
    assert sum(1 for r in records if r["duplicate_of"] and r["url"] == r["canonical"]) >= 5
    assert sum(1 for r in records if r["near_duplicate_of"]) >= 2


def test_an_article_has_between_a_hundred_and_fifty_and_five_hundred_words(web):
    """But for those that drown in what stands around them."""
    for site in web.sites.values():
        for page in site.listed:
            if "around" not in page.fields:
                assert 150 <= len(page.source.split()) <= 500, page.url


def test_what_stands_around_some_short_articles_is_far_longer_in_both_languages(web):
    short = [page for site in web.sites.values() for page in site.listed if "around" in page.fields]
    assert {page.language for page in short} == {"en", "ko"}
    for page in short:
        site = web.sites[page.host]
        assert 5 * len(site.privacy) + len(site.ticker) > 2 * len(page.source), page.url


@pytest.mark.parametrize(
    ("path", "header", "meta"),
    [("/read.php?no=12", "text/html; charset=euc-kr", False), ("/read.php?no=23", "text/html", True)],
)
def test_the_old_host_declares_euc_kr_in_its_header_or_in_its_head(client, path, header, meta):
    reply = client.ask(OLD + path)
    assert reply.headers["Content-Type"] == header
    assert (b"charset=euc-kr" in reply.body) == meta
    assert "여행" in reply.body.decode("cp949")


def test_one_page_of_the_old_host_needs_cp949(client):
    body = client.ask(f"{OLD}/read.php?no=23").body
    assert "아햏햏한 방콕 골목에서 만난 똠얌꿍" in body.decode("cp949")
    with pytest.raises(UnicodeDecodeError):
        body.decode("euc-kr")


def test_the_shop_asks_for_half_a_second_between_requests(client):
    rules = client.ask("http://shop.northfold.example/robots.txt")
    assert rules.headers["Content-Type"].startswith("text/plain")
    assert b"Crawl-delay: 0.5\n" in rules.body
    assert b"Allow: /internal/public-size-guide" in rules.body


def test_the_pdf_points_to_its_objects_and_holds_its_text(client):
    body = client.ask("http://www.harborgazette.example/documents/council-minutes-2025-05.pdf").body
    table = int(re.search(rb"startxref\n(\d+)", body)[1])
    assert body[table:].startswith(b"xref\n0 ")
    for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n", body), 1):
        assert body[int(offset) :].startswith(b"%d 0 obj" % number)
    assert b"(Item 1, swing bridge. The engineer reported" in body


def test_a_long_pdf_runs_over_several_sheets():
    assert pdf.pdf("Long", ["word " * 2000]).count(b"/Type /Page ") > 1


def test_parts_of_a_text_name_each_other(client):
    middle = client.ask("http://science.byeolbit.example/series/deep-sea?page=2").body.decode()
    assert '<link rel="prev" href="/series/deep-sea">' in middle
    assert '<link rel="next" href="/series/deep-sea?page=3">' in middle


def test_a_translation_names_both_languages(client):
    head = client.ask("http://science.byeolbit.example/en/moon-phase").body.decode()
    assert re.findall(r'hreflang="(\w\w)" href="http', head) == ["ko", "en"]


def test_a_sponsored_link_is_not_to_be_followed(client):
    body = client.ask("http://blog.trailnotes.example/").body.decode()
    assert '<a href="/partners/boot-offer" rel="sponsored nofollow">' in body


def test_dates_are_written_in_every_form(web):
    pages = [(site, page) for site in web.sites.values() for page in site.listed]
    forms = {form for site, page in pages for form in page.words("dates") or site.dates}
    assert forms == {"jsonld", "meta", "time", "text", "url"}


def test_there_is_a_target_for_each_host(web):
    targets = json.loads((FOLDER / "targets.json").read_text("utf-8"))["targets"]
    assert [target["allowed_hosts"] for target in targets] == [[host] for host in sorted(web.sites)]
    assert [target["start_urls"] for target in targets] == [[f"http://{host}/"] for host in sorted(web.sites)]


def test_twenty_queries_a_language_are_judged(queries, qrels):
    korean = [query for query in queries if re.search("[가-힣]", query["text"])]
    assert len(korean) >= 20
    assert len(queries) - len(korean) >= 20
    assert len({query["id"] for query in queries}) == len(queries)
    best = Counter(judgement["query"] for judgement in qrels if judgement["grade"] == 3)
    assert set(best) == {query["id"] for query in queries}


def test_judgements_name_canonical_originals_once(records, qrels):
    found = {
        record["url"]
        for record in records
        if record["url"] == record["canonical"]
        and record["kind"] in ("article", "text", "pdf")
        and not (record["duplicate_of"] or record["near_duplicate_of"])
    }
    assert {judgement["doc"] for judgement in qrels} <= found
    assert {judgement["grade"] for judgement in qrels} == {1, 2, 3}
    assert len({(judgement["query"], judgement["doc"]) for judgement in qrels}) == len(qrels)


def test_the_markup_writes_each_kind_of_block():
    prose = "## Head\n\nA **b** `c` [d](/e) & f\n\n- one\n- two\n\n1. x\n\n> said\n\n"
    source = f"{prose}| a | b |\n| 1 | 2 |\n\n```sql\nx < 1\n\ny\n```"
    assert markup.html(source).splitlines() == [
        "<h2>Head</h2>",
        '<p>A <strong>b</strong> <code>c</code> <a href="/e">d</a> &amp; f</p>',
        "<ul><li>one</li><li>two</li></ul>",
        "<ol><li>x</li></ol>",
        "<blockquote><p>said</p></blockquote>",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        '<pre><code class="language-sql">x &lt; 1',
        "",
        "y</code></pre>",
    ]
