"""Measurements: what the service costs beside the bare limit of the same run."""
