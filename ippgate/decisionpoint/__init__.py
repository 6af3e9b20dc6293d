"""Somebody else who decides, for rules that leave it to them."""
