"""Everything embedded: a virtual legacy printer, a directory, a client."""
