"""The page for trying queries needs nothing from elsewhere and lets nothing from elsewhere in."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from service import graphiql
from service.graphiql import FILES, graphiql_routes

CLIENT = TestClient(Starlette(routes=graphiql_routes()))
PAGE = Path(graphiql.__file__).parent / "graphiql_page"


@pytest.mark.parametrize("path", ["/graphiql", "/graphiql/", "/graphiql/page.js"])
def test_every_file_comes_under_a_strict_policy(path: str) -> None:
    response = CLIENT.get(path)
    assert response.status_code == 200
    assert response.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in response.headers["content-security-policy"]


def test_the_page_names_only_files_that_are_served() -> None:
    named = set(re.findall(r'"/graphiql/([^"]+)"', CLIENT.get("/graphiql").text))
    named |= set(re.findall(r'"/graphiql/([^"]+)"', CLIENT.get("/graphiql/page.js").text))
    assert named == set(FILES) - {""}
    assert {file.name for file in PAGE.iterdir()} == {name for name, _ in FILES.values()}


def test_the_page_asks_no_other_host() -> None:
    assert [file.name for file in PAGE.iterdir() if "//" in _code(file.read_text())] == []


def test_other_names_are_not_found() -> None:
    assert CLIENT.get("/graphiql/../settings.py").status_code == 404
    assert CLIENT.get("/graphiql/other").status_code == 404


def _code(text: str) -> str:
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
