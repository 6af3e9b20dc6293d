"""lpq of a real CUPS client, as two people: each sees the right jobs. Pages: what the report says
is what the printer counted. Quotas: they hold whatever gateway is asked."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ippgate.demo.client import Client
from ippgate.exchange.jobs import seen_jobs
from ippgate.ipp import values
from ippgate.ipp.enums import Operation, Status
from ippgate.ipp.message import Attribute
from tests.support import direct
from tests.support.cups import cupsd, ippeveprinter
from tests.support.gate_process import RULES, GateProcess, gate_process
from tests.support.identities import of_file
from tests.support.peers import require
from tests.support.postgres import Postgres
from tests.support.processes import wait_until_true
from tests.support.virtual_printer import virtual_printer

PEOPLE = (("alice", "wonderland", "staff"), ("bob", "builder", "staff"))
PASSWORDS = {name: password for name, password, _ in PEOPLE}
QUOTA = RULES.replace(
    'operations: ["@print", "@query"]\n    decision: permit',
    'operations: ["@print", "@query"]\n    decision: permit\n    quota: {jobs: 20, per: month}',
    1,
)


def cups_client(home: Path, gate: GateProcess, person: str, *words: str) -> str:
    """What a program of CUPS prints for somebody who types their password when they are asked."""
    program, *rest = words
    command = [require(program), "-E", "-U", person, "-h", f"localhost:{gate.port}", *rest]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(HOME=str(home), LC_ALL="C")
        os.execv(command[0], command)
    output = ""
    typed = 0
    deadline = time.monotonic() + 10
    with contextlib.suppress(OSError):  # it ended
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.2)[0]:
                output += os.read(terminal, 4096).decode("utf-8", "replace")
            if output.count("Password for") > typed:
                typed += 1
                os.write(terminal, f"{PASSWORDS[person]}\n".encode())
    os.close(terminal)
    os.waitpid(pid, 0)
    return re.sub(r"Password for [^\n]*\n\n?", "", output.replace("\r", ""))


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[tuple[GateProcess, str]]:
    """A gate before a queue of cupsd's whose jobs wait; and the queue's own address."""
    (tmp_path / "cups").mkdir()
    with cupsd(tmp_path / "cups") as cups:
        device = "socket://127.0.0.1:9"
        cups.run("lpadmin", "-p", "queue", "-v", device, "-E", "-o", "printer-is-shared=true")
        cups.run("cupsdisable", "queue")
        uri = f"ipp://127.0.0.1:{cups.port}/printers/queue"
        with gate_process(
            tmp_path, {"lab-1": uri}, identity=of_file(tmp_path, PEOPLE), rules=RULES
        ) as gate:
            yield gate, uri


def printed(client: Client, name: str) -> int:
    reply = client.print("lab-1", b"%PDF-1.4", "application/pdf", name)
    assert reply.message is not None
    (job,) = seen_jobs(reply.message, 0.0)
    return job.job_id


def test_lpq_shows_all_jobs_of_the_gateway_and_names_ones_own(
    queue: tuple[GateProcess, str], tmp_path: Path
) -> None:
    gate, uri = queue
    ids = {
        (who, n): printed(gate.client(who, PASSWORDS[who]), f"{who} {n}")
        for n in (1, 2)
        for who in PASSWORDS
    }
    foreign = direct.new_job(uri, "alice", b"%PDF-1.4")

    for person, other in (("alice", "bob"), ("bob", "alice")):
        queued = cups_client(tmp_path, gate, person, "lpq", "-P", "lab-1")
        rows = [line.split() for line in queued.splitlines() if "bytes" in line]
        assert {int(row[2]) for row in rows} == set(ids.values()), queued
        assert [row[1] for row in rows].count(person) == 2
        assert other not in queued
        assert foreign not in {int(row[2]) for row in rows}


def test_after_20_real_jobs_the_report_equals_what_the_printer_counted(
    tmp_path: Path, message_bus: dict[str, str]
) -> None:
    """Each document says how many pages it has, as a raster does."""
    count = 'n=$(head -c 8 "$1" | tr -dc 0-9); echo "ATTR: job-impressions-completed=$n" >&2'
    with (
        ippeveprinter(tmp_path, message_bus, command=count) as printer,
        gate_process(
            tmp_path, {"lab-1": printer.uri}, identity=of_file(tmp_path, PEOPLE), rules=RULES
        ) as gate,
    ):
        for number in range(1, 21):
            who = ("alice", "bob")[number % 2]
            document = f"{number:06} pages".encode()
            client = gate.client(who, PASSWORDS[who])
            reply = client.print("lab-1", document, "application/pdf", f"job {number}")
            assert reply.status == Status.SUCCESSFUL_OK, reply.words
            wait_until_true("it is printed", lambda: not direct.jobs(printer.uri))
        wait_until_true(
            "the gate has heard how all ended",
            lambda: sum(record["event"] == "job.ended" for record in gate.records()) == 20,
            seconds=60,
        )
        counted: dict[str, int] = {}
        for job in direct.jobs(printer.uri, completed=True):
            assert job.user_name is not None
            counted[job.user_name] = counted.get(job.user_name, 0) + (job.impressions or 0)
        report = subprocess.run(
            [
                *(sys.executable, "-m", "ippgate.cli.main", "jobs"),
                *("-c", tmp_path / "ippgate.yaml", "--pages-by", "person", "--csv"),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert {
            row["person"]: int(row["pages"]) for row in csv.DictReader(io.StringIO(report))
        } == counted
        assert sum(counted.values()) == 210
        assert 'ippgate_pages_total{printer="lab-1"} 210.0' in gate.get("/metrics")


def test_a_quota_holds_through_two_gateways_at_once(tmp_path: Path, postgresql: Postgres) -> None:
    """40 at once against 20; the others hear why, and when it begins anew."""
    url = postgresql.new_database("quota")
    folders = [tmp_path / "one", tmp_path / "two"]
    with contextlib.ExitStack() as stack:
        printer = stack.enter_context(virtual_printer(tmp_path))
        gates = []
        for folder in folders:
            folder.mkdir()
            gates.append(
                stack.enter_context(
                    gate_process(
                        folder,
                        {"lab-1": printer.uri},
                        identity=of_file(folder, PEOPLE),
                        rules=QUOTA,
                        more=f"ledger: {url}\n",
                    )
                )
            )
        clients = [gate.client("alice", PASSWORDS["alice"]) for gate in gates]
        with ThreadPoolExecutor(8) as people:
            replies = [
                people.submit(clients[n % 2].print, "lab-1", b"%PDF-1.4", "application/pdf", "p")
                for n in range(40)
            ]
            answers = [reply.result() for reply in replies]
        statuses = [answer.status for answer in answers]
        assert statuses.count(Status.SUCCESSFUL_OK) == 20
        assert statuses.count(Status.CLIENT_ERROR_ACCOUNT_LIMIT_REACHED) == 20
        assert len(printer.printed()) == 20
        words = next(answer.words for answer in answers if answer.status)
        assert "20" in words
        shown = subprocess.run(
            [
                *(sys.executable, "-m", "ippgate.cli.main", "quota", "show"),
                *("-c", folders[0] / "ippgate.yaml", "--user", "alice"),
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert shown.splitlines()[1].split()[-2:] == ["20", "0"]
        mine = gates[0].client("bob", PASSWORDS["bob"])
        wanted = [Attribute("my-jobs", (values.boolean(True),))]
        assert mine.ask(Operation.GET_JOBS, "lab-1", wanted).status == Status.SUCCESSFUL_OK
