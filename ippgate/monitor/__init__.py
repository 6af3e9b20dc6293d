"""Metrics and health, on an address of their own."""
