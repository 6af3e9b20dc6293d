"""The group keyword job-template, against the registry."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ippgate.ipp.job_template import NAMES, describes_job_template
from tests.support.peers import corpora

_NAMESPACE = "{http://www.iana.org/assignments}"


def test_names_are_those_of_the_registry() -> None:
    root = ElementTree.parse(corpora() / "ipp/iana/ipp-registrations.xml").getroot()
    registered = set()
    for record in root.iter(f"{_NAMESPACE}record"):
        member = record.findtext(f"{_NAMESPACE}member_attribute")
        if record.findtext(f"{_NAMESPACE}collection") == "Job Template" and not member:
            registered.add(re.sub(r"\(.*", "", record.findtext(f"{_NAMESPACE}name", "")))
    assert registered == NAMES


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("sides-supported", True),
        ("media-col-ready", True),
        ("copies-default", True),
        ("sides", False),
        ("charset-supported", False),
        ("document-format-default", False),
        ("printer-state", False),
    ],
)
def test_attributes_of_printers(name: str, is_one: bool) -> None:
    assert describes_job_template(name) is is_one
