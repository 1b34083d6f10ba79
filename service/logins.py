"""Which database URLs a process uses: those of the settings, else the embedded server's."""

from service.embedded_postgres import attached_server
from service.settings import Settings


def app_url(settings: Settings) -> str:
    """The API's login."""
    return settings.app_database_url or attached_server(settings.data).app_url


def worker_url(settings: Settings) -> str:
    """The workers' login."""
    return settings.worker_database_url or attached_server(settings.data).worker_url
