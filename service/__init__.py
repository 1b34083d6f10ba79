"""Starts things: settings, the web application, the command line."""
