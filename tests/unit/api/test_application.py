"""What holds for the whole application: problems, headers, documentation, metrics."""

import json
import re

import pytest

from tests.unit.api.conftest import document


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/absent", 404), ("DELETE", "/api/v1/search", 405)])
def test_what_does_not_exist_is_a_problem_too(desk, method, path, status):
    answer = desk.client.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"


def test_a_method_that_is_not_allowed_tells_which_are(desk):
    assert "GET" in desk.client.delete("/api/v1/search").headers["Allow"]


def test_every_answer_carries_the_security_headers(desk):
    for path in ("/", "/api/v1/search", "/absent", "/docs", "/health/live"):
        headers = desk.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


def test_no_page_loads_anything_from_elsewhere(desk):
    for path in ("/", "/docs"):
        html = desk.get(path).get_data(as_text=True)
        addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert addresses
        assert all(address.startswith(("/", "#")) for address in addresses)


def test_every_asset_of_the_pages_is_served(desk):
    for path in ("/", "/docs"):
        for address in re.findall(r'(?:src|href)="(/(?:static|docs)/[^"]*)"', desk.get(path).get_data(as_text=True)):
            assert desk.get(address).status_code == 200, address


def test_files_beside_the_documentations_own_are_not_served(desk):
    assert desk.get("/docs/../__init__.py").status_code == 404
    assert desk.get("/docs/__init__.py").status_code == 404


def test_the_description_is_openapi_3_1_and_names_every_route_of_the_api(desk):
    described = desk.get("/openapi.json").json
    assert described["openapi"].startswith("3.1")
    routes = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in desk.app.url_map.iter_rules()}
    assert {route for route in routes if route.startswith(("/api/", "/health/"))} == set(described["paths"])
    assert "Problem" in described["components"]["schemas"]


def test_every_reference_in_the_description_leads_somewhere(desk):
    described = desk.get("/openapi.json").json
    for reference in set(re.findall(r'"\$ref":\s*"#/([^"]+)"', json.dumps(described))):
        place = described
        for part in reference.split("/"):
            place = place[part]


def test_every_parameter_of_the_search_is_described(desk):
    operation = desk.get("/openapi.json").json["paths"]["/api/v1/search"]["get"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert {"q", "locale", "site", "from", "to", "sort", "limit", "cursor"} <= names
    assert set(operation["responses"]) == {"200", "401", "403", "414", "422", "429", "503"}


def test_metrics_count_requests_by_route(desk):
    desk.put(document())
    before = _count(desk)
    desk.get("/api/v1/search?q=river")
    assert _count(desk) == before + 1


def _count(desk) -> float:
    text = desk.get("/metrics").get_data(as_text=True)
    found = re.search(r'riverline_api_requests_total\{method="GET",route="/api/v1/search",status="200"\} (\S+)', text)
    return float(found[1]) if found else 0.0


def test_no_part_of_the_description_is_null(desk):
    """Tools that read it take a null for an error."""
    assert None not in desk.get("/openapi.json").json["components"].values()


def test_the_documentation_is_found_with_a_slash_too(desk):
    with_slash, without = (desk.get(path).get_data(as_text=True) for path in ("/docs/", "/docs"))
    assert '<div id="ui">' in without
    assert with_slash.replace("/docs/", "/docs") == without.replace("/docs/", "/docs")


CP949 = "%B1%E8%C4%A1"  # 김치, as old Korean pages link it


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/suggest", "/api/v1/crawl/fates"])
def test_a_parameter_in_another_encoding_is_a_problem_that_names_it(desk, path) -> None:
    answer = desk.get(f"{path}?q={CP949}&limit=1")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["errors"] == [{"parameter": "q", "detail": "it is not UTF-8"}]
    assert answer.json["detail"] == "q is not UTF-8"


FOREIGN_PATH = {"PATH_INFO": "/\u00b1\u00e8"}  # bytes of CP949, as WSGI gives them


def test_an_address_in_another_encoding_is_a_problem(desk) -> None:
    answer = desk.get("/", environ_overrides=FOREIGN_PATH)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["detail"] == "the address is not UTF-8"


def test_a_browser_that_sends_another_encoding_gets_a_page(desk) -> None:
    for path, overrides, status in ((f"/?q={CP949}", {}, 422), ("/", FOREIGN_PATH, 400)):
        answer = desk.get(path, headers={"accept": "text/html"}, environ_overrides=overrides)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert "UTF-8" in answer.text
