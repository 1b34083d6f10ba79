"""Tests of rules/: tables of cases and properties, without a database."""
