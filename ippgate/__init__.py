"""ippgate: a TLS-terminating, authenticating IPP gateway."""
