"""The printers' side: HTTP client, connection pool."""
