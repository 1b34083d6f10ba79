"""docker-compose.yml and the Dockerfile: commands and settings that exist, logins that policies
hold, and health checks."""

import re
from typing import Any

import pytest
import yaml

from service.child_processes import TOP
from service.command_line import app
from service.settings import PREFIX, Settings
from service.settings_report import variable_of

OURS = ("migrate", "api", "worker", "clock")

COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def environment_of(name: str) -> dict[str, str]:
    return {
        variable: without_placeholders(str(value))
        for variable, value in SERVICES[name]["environment"].items()
    }


def without_placeholders(value: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def commands() -> set[str]:
    return {
        command.name or command.callback.__name__.replace("_", "-")
        for command in app.registered_commands
        if command.callback is not None
    }


def test_the_services_are_these() -> None:
    assert set(SERVICES) == {"postgres", "redis", *OURS}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"migrate"}))
def test_what_goes_on_running_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert check["retries"] >= 3


@pytest.mark.parametrize("name", OURS)
def test_each_process_runs_a_command_that_exists(name: str) -> None:
    assert SERVICES[name]["command"] == [name]
    assert name in commands()


@pytest.mark.parametrize("name", ["api", "worker", "clock"])
def test_each_process_asks_for_its_own_health(name: str) -> None:
    asked = ["CMD", "python", "-m", "service", "health", name]
    assert SERVICES[name]["healthcheck"]["test"] == asked
    assert "health" in commands()


@pytest.mark.parametrize("name", OURS)
def test_only_known_settings_are_set_and_their_values_are_accepted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = environment_of(name)
    known = {variable_of(field) for field in Settings.model_fields}
    assert {variable for variable in given if variable.startswith(PREFIX)} <= known
    for variable in known:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    assert not Settings().is_development


def test_each_process_has_its_own_login_and_no_other() -> None:
    logins = {
        name: {
            variable: value.split("//")[1].split(":", maxsplit=1)[0]
            for variable, value in environment_of(name).items()
            if variable.endswith("DATABASE_URL")
        }
        for name in ("api", "worker", "clock")
    }
    worker = {"PORTCULLIS_WORKER_DATABASE_URL": "portcullis_worker"}
    assert logins == {
        "api": {"PORTCULLIS_APP_DATABASE_URL": "portcullis_app"},
        "worker": worker,
        "clock": worker,
    }


def test_the_owner_is_not_a_superuser() -> None:
    sql = COMPOSE["configs"]["owner"]["content"]
    assert "CREATE ROLE portcullis_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE" in sql
    owner = environment_of("migrate")["PORTCULLIS_DATABASE_URL"]
    assert owner.startswith("postgresql://portcullis_owner:")


def test_nothing_starts_before_the_migration_has_ended() -> None:
    for name in ("api", "worker", "clock"):
        waited_for = SERVICES[name]["depends_on"]
        assert waited_for["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:${PORT:-8080}:8080"]


def test_the_image_has_every_package_and_runs_as_an_account_without_rights() -> None:
    lines = (TOP / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    packages = {"rules", "storage", "tenancy", "resolvers", "schema", "workers", "service"}
    assert copied == {"constraints.txt", *packages}
    assert "USER portcullis" in lines
    assert 'ENTRYPOINT ["python", "-m", "service"]' in lines
    assert 'CMD ["api"]' in lines
