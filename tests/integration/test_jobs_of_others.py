"""Jobs of two people on a printer that has jobs of both: nobody reaches the other's."""

from __future__ import annotations

from pathlib import Path

from ippgate.demo.client import Client, Reply
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Value
from ippgate.ipp.values import as_integer, integer, uri
from tests.support.cups import ippeveprinter
from tests.support.gate_process import gate_process
from tests.support.identities import of_file

JOB_CANCELED = 7


def number(reply: Reply, name: str) -> int:
    assert reply.message is not None
    group = reply.message.group(GroupTag.JOB)
    attribute = group.get(name) if group is not None else None
    assert attribute is not None, reply
    assert isinstance(attribute.values[0], Value)
    return as_integer(attribute.values[0])


def new_job(client: Client) -> int:
    return number(client.ask(Operation.CREATE_JOB, "lab-1"), "job-id")


def test_a_name_in_capitals_reaches_nobody_elses_job(
    tmp_path: Path, message_bus: dict[str, str]
) -> None:
    """There are printers, and ippeveprinter is one, that take Job-Uri for job-uri."""
    accounts = [("alice", "secret-a", "staff"), ("bob", "secret-b", "staff")]
    with (
        ippeveprinter(tmp_path, message_bus) as printer,
        gate_process(
            tmp_path, {"lab-1": printer.uri}, identity=of_file(tmp_path, accounts)
        ) as gate,
    ):
        alice, bob = (gate.client(name, password) for name, password, _ in accounts)
        own = Attribute("job-id", (integer(new_job(bob)),))
        assert bob.ask(Operation.CANCEL_JOB, "lab-1", (own,)).status == Status.SUCCESSFUL_OK
        others = new_job(alice)
        hidden = Attribute("Job-Uri", (uri(f"{printer.uri}/{others}"),))
        reply = bob.ask(Operation.CANCEL_JOB, "lab-1", (own, hidden))
        assert reply.status == Status.CLIENT_ERROR_NOT_POSSIBLE, "his own is canceled already"
        reply = bob.ask(Operation.GET_JOB_ATTRIBUTES, "lab-1", (own, hidden))
        assert number(reply, "job-state") == JOB_CANCELED
        job = Attribute("job-id", (integer(others),))
        reply = alice.ask(Operation.GET_JOB_ATTRIBUTES, "lab-1", (job,))
        assert number(reply, "job-state") < JOB_CANCELED
