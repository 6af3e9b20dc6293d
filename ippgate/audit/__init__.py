"""What happened: event catalogue, hash chain, file, verification."""
