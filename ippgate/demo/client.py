"""A client for the demo: IPP over HTTPS by the standard library, in a thread, as any program would.

It shares nothing with the gateway but the codec: it checks the gateway's certificate and its name.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ippgate.ipp import values
from ippgate.ipp.decoder import decode
from ippgate.ipp.encoder import encode
from ippgate.ipp.enums import GroupTag, Operation, Status
from ippgate.ipp.message import Attribute, Group, Message, Value

TIMEOUT_SECONDS = 30.0
_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client saw: the HTTP status, and the IPP reply when there was one."""

    http_status: int
    message: Message | None

    @property
    def status(self) -> Status | None:
        """The IPP status."""
        return None if self.message is None else Status(self.message.code)

    @property
    def summary(self) -> str:
        """``successful-ok``, or ``HTTP 401``."""
        return f"HTTP {self.http_status}" if self.status is None else self.status.keyword

    @property
    def words(self) -> str:
        """The status-message, or nothing."""
        group = self.message.group(GroupTag.OPERATION) if self.message is not None else None
        attribute = group.get("status-message") if group is not None else None
        if attribute is None or not isinstance(attribute.values[0], Value):
            return ""
        try:
            return values.as_text(attribute.values[0])
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Client:
    """Someone at a gateway's printer. ``ca``: the PEM file that the gateway's certificate is
    checked with."""

    host: str
    port: int
    ca: Path
    user: str
    password: str

    def print(self, printer: str, document: bytes, media_type: str, job_name: str) -> Reply:
        """Print-Job. Blocks; raises OSError, http.client.HTTPException."""
        attributes = (
            Attribute("job-name", (values.name(job_name),)),
            Attribute("document-format", (values.mime_media_type(media_type),)),
        )
        return self.ask(Operation.PRINT_JOB, printer, attributes, document)

    def ask(
        self,
        operation: Operation,
        printer: str,
        attributes: Sequence[Attribute] = (),
        document: bytes = b"",
    ) -> Reply:
        """One operation. Blocks; raises OSError, http.client.HTTPException."""
        uri = f"ipps://{self.host}:{self.port}/printers/{printer}"
        group = Group(
            GroupTag.OPERATION,
            (
                Attribute("attributes-charset", (values.charset("utf-8"),)),
                Attribute("attributes-natural-language", (values.natural_language("en"),)),
                Attribute("printer-uri", (values.uri(uri),)),
                Attribute("requesting-user-name", (values.name(self.user),)),
                *attributes,
            ),
        )
        request = encode(Message((1, 1), operation, next(_ids), (group,)))
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        connection = http.client.HTTPSConnection(
            self.host,
            self.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(cafile=str(self.ca)),
        )
        try:
            connection.request(
                "POST",
                f"/printers/{printer}",
                request + document,
                {"Content-Type": "application/ipp", "Authorization": f"Basic {credentials}"},
            )
            response = connection.getresponse()
            octets = response.read()
        finally:
            connection.close()
        message = decode(octets)[0] if response.status == http.HTTPStatus.OK else None
        return Reply(response.status, message)
