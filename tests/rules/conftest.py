"""Properties are tried without a stop-watch: the suite asserts nothing about elapsed time."""

from hypothesis import HealthCheck, settings

settings.register_profile("portcullis", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portcullis")
