"""IPP messages: RFC 8010 encoding, RFC 8011 model. Pure: no I/O."""
