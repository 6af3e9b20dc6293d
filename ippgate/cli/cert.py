"""``ippgate cert``: certificates for development and small sites, and what a certificate says."""

from __future__ import annotations

import argparse
import json
import socket
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from ippgate.cli.output import NO, OK, USAGE
from ippgate.clock import SystemClock
from ippgate.identity.names import typed_mistake
from ippgate.listener.authority import (
    Issued,
    create_authority,
    issue_client,
    issue_server,
    load_authority,
    write_private,
)
from ippgate.listener.tls import (
    CertificateFacts,
    TlsConfigurationError,
    certificate_facts,
    facts_of,
)

CA_CERTIFICATE, CA_KEY = "ca.pem", "ca-key.pem"
PEOPLE_CA_CERTIFICATE, PEOPLE_CA_KEY = "people-ca.pem", "people-ca-key.pem"
CHAIN, KEY = "fullchain.pem", "key.pem"
TIMEOUT_SECONDS = 10.0
_DEFAULT_PORTS = {"ipps": 631, "https": 443}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("cert", help="make and show certificates", description=__doc__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    create = commands.add_parser(
        "create",
        help="a server certificate, signed by a CA of your own",
        description="Makes a CA, unless the folder has one, and a server's certificate and key.",
    )
    create.add_argument(
        "--host",
        action="append",
        required=True,
        metavar="NAME",
        help="host name or IP address; may be given again",
    )
    create.add_argument("--out", type=Path, required=True, metavar="DIR")
    create.add_argument(
        "--renew", action="store_true", help="replace the server's certificate and key"
    )
    create.set_defaults(command=create_command)
    client = commands.add_parser(
        "client",
        help="a person's certificate, signed by a CA of your own",
        description="Makes a CA for people, unless the folder has one, and a certificate and key "
        "for one of them. Give the CA to a listener as client_ca.",
    )
    client.add_argument("--user", required=True, metavar="U", help="common name of the person")
    client.add_argument("--upn", action="append", default=[], metavar="U@REALM")
    client.add_argument("--mail", action="append", default=[], metavar="ADDRESS")
    client.add_argument("--out", type=Path, required=True, metavar="DIR")
    client.set_defaults(command=client_command)
    show = commands.add_parser(
        "show", help="what a certificate says", description="Of a PEM file, or of a server."
    )
    show.add_argument("certificate", metavar="FILE|URL", help="PEM file, or ipps://HOST[:PORT]")
    show.add_argument("--json", action="store_true")
    show.set_defaults(command=show_command)


def create_command(arguments: argparse.Namespace) -> int:
    """Never replaces a CA; replaces a server's files only when told to."""
    out: Path = arguments.out
    now = SystemClock().now()
    there = [out / name for name in (CHAIN, KEY) if (out / name).exists()]
    if there and not arguments.renew:
        print(f"{there[0]} exists already: use --renew to replace it", file=sys.stderr)
        return USAGE
    try:
        out.mkdir(parents=True, exist_ok=True)
        authority = _authority(out)
        server = issue_server(authority, arguments.host, now)
        for old in there:
            old.unlink()
        write_private(out / KEY, server.key_pem())
        (out / CHAIN).write_bytes(server.certificate_pem())
    except OSError as error:
        print(f"ippgate cert create: {error.filename}: {error.strerror}", file=sys.stderr)
        return USAGE
    except ValueError as error:
        print(f"ippgate cert create: {error}", file=sys.stderr)
        return USAGE
    names = ", ".join(arguments.host)
    print(f"{out / CA_CERTIFICATE}  the CA: give this one to clients")
    print(f"{out / CA_KEY}  the CA's key: keep it off this machine, or delete it")
    print(f"{out / CHAIN}  for {names}, until {server.certificate.not_valid_after_utc:%Y-%m-%d}")
    print(f"{out / KEY}  its key")
    return OK


def client_command(arguments: argparse.Namespace) -> int:
    """Never replaces anything. The CA for people is another one than the server's."""
    out: Path = arguments.out
    user: str = arguments.user
    wrong = typed_mistake(user) or ("a file cannot have this name" if "/" in user else None)
    if wrong is not None:
        print(f"ippgate cert client: --user: {wrong}", file=sys.stderr)
        return USAGE
    certificate, key = out / f"{user}.pem", out / f"{user}-key.pem"
    try:
        out.mkdir(parents=True, exist_ok=True)
        authority = _authority(out, PEOPLE_CA_CERTIFICATE, PEOPLE_CA_KEY, "ippgate people CA")
        now = SystemClock().now()
        person = issue_client(authority, user, now, mail=arguments.mail, upn=arguments.upn)
        write_private(key, person.key_pem())
        certificate.write_bytes(person.certificate_pem())
    except FileExistsError as error:
        print(f"{error.filename} exists already: it is not replaced", file=sys.stderr)
        return USAGE
    except (OSError, ValueError) as error:
        print(f"ippgate cert client: {error}", file=sys.stderr)
        return USAGE
    ends = person.certificate.not_valid_after_utc
    print(f"{out / PEOPLE_CA_CERTIFICATE}  the CA of people: client_ca of a listener")
    print(f"{out / PEOPLE_CA_KEY}  the CA's key: keep it off this machine, or delete it")
    print(f"{certificate}  for {user}, until {ends:%Y-%m-%d}")
    print(f"{key}  its key")
    return OK


def _authority(
    out: Path,
    certificate_name: str = CA_CERTIFICATE,
    key_name: str = CA_KEY,
    common_name: str = "ippgate development CA",
) -> Issued:
    """The folder's CA, made when it has none. Raises OSError; ValueError when half of it is there.

    A CA that clients trust is not replaced behind their back.
    """
    certificate, key = out / certificate_name, out / key_name
    if not certificate.exists() and not key.exists():
        authority = create_authority(SystemClock().now(), common_name)
        write_private(key, authority.key_pem())
        certificate.write_bytes(authority.certificate_pem())
        return authority
    for missing, there in ((certificate, key), (key, certificate)):
        if not missing.exists():
            raise ValueError(
                f"{there} is there, but {missing} is not: put it back while this runs, or make a "
                "new CA in another folder"
            )
    return load_authority(certificate, key)


def show_command(arguments: argparse.Namespace) -> int:
    """Exit 1 when it has ended, or does not hold yet."""
    try:
        if "://" in arguments.certificate:
            facts = _of_server(arguments.certificate)
        else:
            facts = certificate_facts(Path(arguments.certificate))
    except (ValueError, TlsConfigurationError) as error:
        print(f"ippgate cert show: {error}", file=sys.stderr)
        return USAGE
    now = SystemClock().now()
    days = (facts.not_after - now).days
    holds = facts.not_before <= now < facts.not_after
    if arguments.json:
        print(
            json.dumps(
                {
                    "subject": facts.subject,
                    "issuer": facts.issuer,
                    "names": facts.names,
                    "not_before": facts.not_before.isoformat(),
                    "not_after": facts.not_after.isoformat(),
                    "valid": holds,
                }
            )
        )
        return OK if holds else NO
    print(f"subject  {facts.subject}")
    print(f"issuer   {facts.issuer}")
    print(f"names    {', '.join(facts.names) or 'none: clients will refuse it'}")
    print(f"from     {facts.not_before:%Y-%m-%d %H:%M} UTC")
    ends = f"in {days} days" if holds else "not valid now"
    print(f"until    {facts.not_after:%Y-%m-%d %H:%M} UTC ({ends})")
    return OK if holds else NO


def _of_server(url: str) -> CertificateFacts:
    """Asks a server for its certificate, without trusting it. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"{url} is neither ipps://HOST[:PORT] nor https://HOST[:PORT]")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address = (parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme])
    try:
        with (
            socket.create_connection(address, TIMEOUT_SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=parts.hostname) as secured,
        ):
            octets = secured.getpeercert(binary_form=True)
    except OSError as error:
        raise ValueError(f"{url} does not answer: {error.strerror or error}") from None
    if octets is None:
        raise ValueError(f"{url} shows no certificate")
    return facts_of(x509.load_der_x509_certificate(octets))
