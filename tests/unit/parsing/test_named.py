"""The elements of a page by their names."""

from selectolax.lexbor import LexborHTMLParser

from riverline.parsing.html.named import NAMES, Named


def test_elements_of_several_names_are_found_in_document_order():
    found = Named(LexborHTMLParser("<title>T</title><h2>1</h2><p>x</p><h1>2</h1><h3>3</h3><h2>4</h2>"))
    assert [node.text() for node in found.of("h1", "h2", "h3")] == ["1", "2", "3", "4"]
    assert [node.text() for node in found.of("h1")] == ["2"]
    assert found.of("style") == []


def test_each_name_finds_what_a_search_of_its_own_finds():
    html = (
        "<head><base href=/a><title>a</title><meta name=x><style>p{}</style><script>1</script></head>"
        "<h1>b<h2>c</h2></h1><svg><title>d</title><style></style></svg><template><h1>e</h1></template><meta content=y>"
    )
    tree = LexborHTMLParser(html)
    found = Named(tree)
    for name in NAMES:
        assert [node.mem_id for node in found.of(name)] == [node.mem_id for node in tree.css(name)]
