"""What is being printed: format detection, digest. Pure: no I/O."""
