"""Typed configuration, loader."""
