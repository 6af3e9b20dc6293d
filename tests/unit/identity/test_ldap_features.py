"""What a server's root DSE says that it can do."""

import pytest

from ippgate.identity.ldap_entry import Entry
from ippgate.identity.ldap_features import Features

ACTIVE_DIRECTORY = b"1.2.840.113556.1.4.800"
PAGES = b"1.2.840.113556.1.4.319"


@pytest.mark.parametrize(
    ("attributes", "features"),
    [
        ({}, Features(False, False)),
        ({"supportedcontrol": [b"2.16.840.1.113730.3.4.18", PAGES]}, Features(False, True)),
        ({"supportedcapabilities": [ACTIVE_DIRECTORY]}, Features(True, False)),
        (
            {"supportedcapabilities": [ACTIVE_DIRECTORY], "supportedcontrol": [PAGES]},
            Features(True, True),
        ),
        ({"supportedcontrol": [ACTIVE_DIRECTORY]}, Features(False, False)),
    ],
)
def test_features(attributes: dict[str, list[bytes]], features: Features) -> None:
    assert Features.of(Entry("", attributes)) == features
