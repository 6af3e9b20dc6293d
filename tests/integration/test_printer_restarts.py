"""A printer that is switched off and on, and counts its jobs from 1 again."""

from __future__ import annotations

import time
from pathlib import Path

from ippgate.exchange.jobs import BOOT_SECONDS
from ippgate.ipp import values
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Attribute
from tests.support import direct
from tests.support.gate_process import gate_process
from tests.support.identities import of_file
from tests.support.processes import free_port, wait_until_true
from tests.support.virtual_printer import virtual_printer

PEOPLE = (("alice", "a", "staff"), ("bob", "b", "staff"))
FIRST = [Attribute("job-id", (values.integer(1),))]


def test_old_owners_do_not_get_new_jobs(tmp_path: Path) -> None:
    """The virtual printer has neither job-uuid nor times: only its up-time tells."""
    port = free_port()
    uri = f"ipp://127.0.0.1:{port}/ipp/print"
    with gate_process(tmp_path, {"lab-1": uri}, identity=of_file(tmp_path, PEOPLE)) as gate:
        alice, bob = gate.client("alice", "a"), gate.client("bob", "b")
        with virtual_printer(tmp_path, port=port):
            assert alice.ask(Operation.CREATE_JOB, "lab-1").status == Status.SUCCESSFUL_OK
            assert alice.ask(Operation.GET_JOB_ATTRIBUTES, "lab-1", FIRST).status == 0
        time.sleep(BOOT_SECONDS + 2)
        with virtual_printer(tmp_path, port=port):
            assert direct.new_job(uri, "alice") == 1
            seen = alice.ask(Operation.GET_JOB_ATTRIBUTES, "lab-1", FIRST)
            assert seen.status == Status.CLIENT_ERROR_NOT_FOUND, seen.summary
            canceled = alice.ask(Operation.CANCEL_JOB, "lab-1", FIRST)
            assert canceled.status == Status.CLIENT_ERROR_NOT_FOUND
            assert [job.job_id for job in direct.jobs(uri)] == [1]

            assert bob.ask(Operation.CREATE_JOB, "lab-1").status == Status.SUCCESSFUL_OK
            wait_until_true(
                "that the printer forgot alice's job is recorded",
                lambda: any(
                    record["event"] == "job.ended" and record["detail"]["outcome"] == "forgotten"
                    for record in gate.records()
                ),
                seconds=60,
            )
