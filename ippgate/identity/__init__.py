"""Who is asking: LDAP, user file; cache."""
