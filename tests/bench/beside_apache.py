"""The gate beside Apache: ``python -m tests.bench.beside_apache``.

Both check the same credentials against the same slapd; the gate does everything besides: IPP,
policy, rewriting, ledger, trail, metrics. Documents go to the same upstream. Questions go from
Apache to an nginx with the reply as a file, and from the gate to a slower printer, which answers
each with its own request-id, as printers do: the gate asks it about once a second. That both answer
with the printer's attributes, and with success, is checked before and after every round. One core
serves, the other one loads; rounds alternate. Prints figures, and ratios of their medians: above
1.00x the gate is ahead in rates; below 1.00x it is cheaper in CPU.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ippgate.demo.capabilities import printer_attributes
from ippgate.demo.slapd import Slapd
from ippgate.demo.slapd_files import PEOPLE, SERVICE_DN
from ippgate.ipp import values
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation
from ippgate.ipp.limits import REPLY_LIMITS
from ippgate.ipp.message import Attribute, Group, Message
from ippgate.listener.authority import create_authority, issue_server
from tests.bench.peers import APACHE, NGINX, WRK, require_peers, written
from tests.bench.stage import LOADING_CORE, SERVING_CORE, Running, running
from tests.support.gate_process import RULES
from tests.support.identities import of_directory
from tests.support.processes import free_port

REPLY_OCTETS = 8000
ATTRIBUTES = 40
"""At least, of a reply that describes the printer."""
LAST_SUCCESS = 0x00FF
_MODULES = "/usr/lib/apache2/modules"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one round measured: a rate, and CPU a unit of work."""

    rate: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Proxy:
    """One of the two that are compared."""

    name: str
    port: int
    process: Running


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each round of requests")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=300, help="of each upload")
    arguments = parser.parse_args()
    require_peers()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        bench = Bench(folder, stack, arguments.seconds, arguments.megabytes)
        print(f"{'':34}{'apache':>12}{'ippgate':>12}{'ratio':>9}")
        for connections in (8, 64):
            label = f"Get-Printer-Attributes, {connections} connections"
            bench.compare(
                label,
                "requests/s",
                "us CPU/request",
                1e6,
                partial(bench.requests, connections=connections),
                arguments.rounds,
            )
        for chunked in (False, True):
            label = f"Print-Job, {'chunked' if chunked else 'Content-Length'}"
            bench.compare(
                label,
                "MB/s",
                "s CPU/GB",
                1e9,
                partial(bench.upload, chunked=chunked),
                arguments.rounds,
            )


class Bench:
    """Everything that runs."""

    def __init__(
        self, folder: Path, stack: contextlib.ExitStack, seconds: int, megabytes: int
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._octets = megabytes * 10**6
        (folder / "slapd").mkdir()
        self._slapd = Slapd(folder / "slapd")
        self._slapd.start()
        stack.callback(self._slapd.stop)
        self._account = self._slapd.accounts[0]
        self._certificates()
        query = request(Operation.GET_PRINTER_ATTRIBUTES)
        (folder / "query").write_bytes(query)
        reply = reply_of(REPLY_OCTETS)
        (folder / "www").mkdir()
        (folder / "www" / "reply.ipp").write_bytes(reply)
        (folder / "job-reply").write_bytes(reply_of(300))
        job = request(Operation.PRINT_JOB)
        with (folder / "job").open("wb") as file:
            file.write(job)
            piece = bytes(range(256)) * 4096
            for _ in range(megabytes * 10**6 // len(piece) + 1):
                file.write(piece)
        credentials = f"{self._account.name}:{self._account.password}".encode()
        self._wrk = written(
            folder,
            "wrk.lua",
            WRK,
            body=folder / "query",
            credentials=base64.b64encode(credentials).decode(),
        )
        answering, telling, taking = free_port(), free_port(), free_port()
        nginx = written(folder, "nginx.conf", NGINX, port=answering)
        stack.enter_context(
            running(
                ["nginx", "-c", nginx],
                core=LOADING_CORE,
                port=answering,
                log=folder / "nginx.log",
            )
        )
        for port, name in ((telling, "www/reply.ipp"), (taking, "job-reply")):
            stack.enter_context(
                running(
                    [sys.executable, "-m", "tests.bench.sink", str(port), folder / name],
                    core=LOADING_CORE,
                    port=port,
                    log=folder / f"sink-{port}.log",
                )
            )
        self._asking = list(self._proxies(stack, "ask", answering, telling))
        self._sending = list(self._proxies(stack, "send", taking, taking))

    def compare(
        self,
        label: str,
        rate_unit: str,
        cpu_unit: str,
        cpu_scale: float,
        work: Callable[[Proxy], Figure],
        rounds: int,
    ) -> None:
        """Alternates between the two, and prints medians and their ratios."""
        proxies = self._asking if "Get" in label else self._sending
        figures: dict[str, list[Figure]] = {proxy.name: [] for proxy in proxies}
        for proxy in proxies:
            work(proxy)
        for _ in range(rounds):
            for proxy in proxies:
                figures[proxy.name].append(work(proxy))
        print(label)
        rates = [statistics.median(f.rate for f in figures[p.name]) for p in proxies]
        costs = [statistics.median(f.cpu for f in figures[p.name]) * cpu_scale for p in proxies]
        for unit, (apache, gate) in ((rate_unit, rates), (cpu_unit, costs)):
            print(f"    {unit:30}{apache:12,.2f}{gate:12,.2f}{gate / apache:8.2f}x")
        sys.stdout.flush()

    def requests(self, proxy: Proxy, *, connections: int) -> Figure:
        """Requests a second, and CPU seconds a request."""
        self._check(proxy)
        before = proxy.process.cpu_seconds()
        done = subprocess.run(
            [
                *("taskset", "-c", LOADING_CORE, "wrk", "-t1", f"-c{connections}"),
                *(f"-d{self._seconds}s", "-s", self._wrk),
                f"https://localhost:{proxy.port}/printers/lab-1",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        cpu = proxy.process.cpu_seconds() - before
        if "Non-2xx" in done.stdout:
            raise SystemExit(f"{proxy.name}: {done.stdout}")
        total = re.search(r"(\d+) requests in", done.stdout)
        rate = re.search(r"Requests/sec: +([\d.]+)", done.stdout)
        assert total is not None
        assert rate is not None
        self._check(proxy)
        return Figure(float(rate[1]), cpu / int(total[1]))

    def upload(self, proxy: Proxy, *, chunked: bool) -> Figure:
        """Megabytes a second, and CPU seconds an octet."""
        before = proxy.process.cpu_seconds()
        framing = ["-H", "Transfer-Encoding: chunked"] if chunked else []
        done = subprocess.run(
            [
                *("taskset", "-c", LOADING_CORE, "curl", "-sS", "-X", "POST"),
                *(
                    "-o",
                    self._folder / "answer",
                    "-w",
                    "%{json}",
                    "--cacert",
                    self._folder / "ca.pem",
                ),
                *("-u", f"{self._account.name}:{self._account.password}"),
                *("-H", "Content-Type: application/ipp", "-H", "Expect:", *framing),
                *("-T", self._folder / "job", f"https://localhost:{proxy.port}/printers/lab-1"),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        cpu = proxy.process.cpu_seconds() - before
        told = json.loads(done.stdout)
        if told["http_code"] != 200 or told["size_upload"] < self._octets:
            raise SystemExit(f"{proxy.name}: {told}")
        _succeeded(proxy, (self._folder / "answer").read_bytes())
        return Figure(told["speed_upload"] / 1e6, cpu / told["size_upload"])

    # --- parts ------------------------------------------------------------------------------------

    def _check(self, proxy: Proxy) -> None:
        """Ends the program when what is measured is no success: a refusal would be fast, too."""
        done = subprocess.run(
            [
                *("curl", "-sS", "--cacert", self._folder / "ca.pem"),
                *("-u", f"{self._account.name}:{self._account.password}"),
                *("-H", "Content-Type: application/ipp"),
                *("--data-binary", f"@{self._folder / 'query'}"),
                f"https://localhost:{proxy.port}/printers/lab-1",
            ],
            capture_output=True,
            check=True,
        )
        message = _succeeded(proxy, done.stdout)
        group = message.group(GroupTag.PRINTER)
        if group is None or len(group.attributes) < ATTRIBUTES:
            raise SystemExit(f"{proxy.name} does not describe the printer: {message}")

    def _certificates(self) -> None:
        now = datetime.now(UTC)
        authority = create_authority(now)
        server = issue_server(authority, ["localhost"], now)
        (self._folder / "ca.pem").write_bytes(authority.certificate_pem())
        (self._folder / "fullchain.pem").write_bytes(server.certificate_pem())
        (self._folder / "key.pem").write_bytes(server.key_pem())

    def _proxies(
        self, stack: contextlib.ExitStack, name: str, of_apache: int, of_gate: int
    ) -> Iterator[Proxy]:
        folder = self._folder / name
        folder.mkdir()
        port = free_port()
        apache = written(
            folder,
            "apache.conf",
            APACHE,
            modules=_MODULES,
            port=port,
            printer_port=of_apache,
            certificate=self._folder / "fullchain.pem",
            key=self._folder / "key.pem",
            ldap_url=f"{self._slapd.ldap_uri}/{PEOPLE}?uid",
            bind_dn=SERVICE_DN,
            bind_password=self._slapd.service_password,
        )
        process = stack.enter_context(
            running(
                ["apache2", "-D", "FOREGROUND", "-f", apache],
                core=SERVING_CORE,
                port=port,
                log=folder / "apache.out",
            )
        )
        yield Proxy("apache", port, process)
        port = free_port()
        (folder / "policies").mkdir()
        (folder / "policies" / "rules.yaml").write_text(RULES)
        configuration = folder / "ippgate.yaml"
        configuration.write_text(
            f"""public_name: localhost
listen:
  - address: "127.0.0.1:{port}"
    tls: {{certificate: ../fullchain.pem, key: ../key.pem}}
identity:
{of_directory(folder, self._slapd.settings())}printers:
  lab-1: {{uri: "ipp://127.0.0.1:{of_gate}/ipp/print"}}
policies: [policies/]
audit: {{file: audit.jsonl}}
"""
        )
        process = stack.enter_context(
            running(
                [sys.executable, "-m", "ippgate.cli.main", "run", "-c", configuration],
                core=SERVING_CORE,
                port=port,
                log=folder / "gate.out",
            )
        )
        yield Proxy("ippgate", port, process)


def _succeeded(proxy: Proxy, octets: bytes) -> Message:
    """The reply, which says that all went well."""
    message, _ = decode(octets, REPLY_LIMITS)
    if message.code > LAST_SUCCESS:
        raise SystemExit(f"{proxy.name} does not succeed: {message}")
    return message


def request(operation: Operation) -> bytes:
    """A request as a client of either sends it."""
    group = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (values.charset("utf-8"),)),
            Attribute("attributes-natural-language", (values.natural_language("en"),)),
            Attribute("printer-uri", (values.uri("ipps://localhost/printers/lab-1"),)),
            Attribute("requesting-user-name", (values.name("alice"),)),
        ),
    )
    return encode(Message((2, 0), operation, 1, (group,)))


def reply_of(octets: int) -> bytes:
    """A printer's reply to request 1, of about that many octets."""
    operation = Group(
        GroupTag.OPERATION,
        (
            Attribute("attributes-charset", (values.charset("utf-8"),)),
            Attribute("attributes-natural-language", (values.natural_language("en"),)),
        ),
    )
    attributes = printer_attributes("ipp://192.0.2.21/ipp/print", 1000, 0)
    number = 0
    while True:
        reply = encode(
            Message((2, 0), 0, 1, (operation, Group(GroupTag.PRINTER, tuple(attributes))))
        )
        if len(reply) >= octets:
            return reply
        number += 1
        words = [values.keyword(f"custom_media-{number}-{i}_100x{i}mm") for i in range(4)]
        attributes.append(Attribute(f"vendor-attribute-{number}", tuple(words)))


if __name__ == "__main__":
    main()
