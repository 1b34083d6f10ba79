"""A page for trying queries in a browser, served in development only: our own few files, so that it
works without a network and under a strict content security policy."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

FILES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "docs.js": ("docs.js", "text/javascript; charset=utf-8"),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def graphiql_routes(path: str = "/graphiql") -> list[BaseRoute]:
    """The page at this path and its files below it. It asks /graphql on the same host."""
    files: list[BaseRoute] = [
        Route(f"/{name}", _file, methods=["GET"], name=f"graphiql {name}") for name in FILES
    ]
    return [
        Route(path, _file, methods=["GET"], name="graphiql"),
        Mount(path, routes=files),
    ]


async def _file(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    file, media_type = FILES.get(name, FILES[""])
    content = (Path(__file__).parent / "graphiql_page" / file).read_bytes()
    return Response(content, media_type=media_type, headers=HEADERS)
