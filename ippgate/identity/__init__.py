"""Who is asking: LDAP, user file; cache."""

import warnings

# ldap3 2.9.1 imports two names by which pyasn1 says on import that they have newer ones. Nothing
# can be done about that here, and people who run with warnings as errors should not be stopped.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", r"\w+Map is deprecated", DeprecationWarning)
    import ldap3  # noqa: F401
