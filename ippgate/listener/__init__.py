"""The clients' side: sockets, TLS, HTTP/1.1, upgrade."""
