"""TLS to a directory is never weaker than its checks."""

import ssl

from ippgate.identity.ldap_tls import client_context


def test_certificates_and_names_are_checked_and_old_protocols_refused() -> None:
    context = client_context(None)

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert not context.hostname_checks_common_name
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
