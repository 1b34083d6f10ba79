"""Starts uvicorn on the application, once the database and the login have been found fit."""

import uvicorn

from service.logins import app_url
from service.logs import configure_logs
from service.servers import checked_login
from service.settings import Settings
from service.shared_counts import share_counts


def serve(settings: Settings) -> None:
    """Answers requests until it is told to stop."""
    configure_logs(settings)
    checked_login(app_url(settings))
    share_counts(settings, "api")
    uvicorn.run(
        "service.app:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.api_processes,
        # The rest is what a server on the open network needs and uvicorn leaves open.
        server_header=False,
        access_log=False,
        log_config=None,
        log_level=settings.log_level,
        limit_concurrency=settings.connections,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        ws_max_size=settings.websocket_bytes,
    )
