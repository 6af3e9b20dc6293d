"""The metrics that operators agreed on: their names, their labels, and their bound."""

from __future__ import annotations

from datetime import UTC, datetime

from ippgate.monitor.metrics import Metrics


def counted() -> Metrics:
    metrics = Metrics("1.2.3")
    metrics.answered(printer="lab-1", operation="Print-Job", outcome="answered", seconds=0.02)
    metrics.refused(printer="lab-1", rule="visitors", reason="rule")
    metrics.authenticated(method="ldap", outcome="accepted")
    metrics.printer_answered(printer="lab-1", up=True, seconds=0.5)
    metrics.document_octets(printer="lab-1", direction="to-printer", octets=1234)
    metrics.connections(state="open", count=3)
    metrics.directory_called(server="dc1.example.org:636", call="bind", seconds=0.001)
    metrics.directory_up(server="dc1.example.org:636", up=False)
    metrics.recorded(event="request.outcome")
    metrics.writable(writable=True)
    metrics.certificate(name="tls/chain.pem", not_after=datetime(2027, 1, 1, tzinfo=UTC))
    return metrics


def test_every_metric_has_the_name_and_labels_that_dashboards_use() -> None:
    lines = counted().exposition().decode().splitlines()
    for line in (
        'ippgate_requests_total{operation="Print-Job",outcome="answered",printer="lab-1"} 1.0',
        'ippgate_request_seconds_count{operation="Print-Job"} 1.0',
        'ippgate_refusals_total{printer="lab-1",reason="rule",rule="visitors"} 1.0',
        'ippgate_authentications_total{method="ldap",outcome="accepted"} 1.0',
        'ippgate_directory_seconds_count{call="bind",server="dc1.example.org:636"} 1.0',
        'ippgate_directory_up{server="dc1.example.org:636"} 0.0',
        'ippgate_printer_up{printer="lab-1"} 1.0',
        'ippgate_printer_seconds_count{printer="lab-1"} 1.0',
        'ippgate_document_bytes_total{direction="to-printer",printer="lab-1"} 1234.0',
        'ippgate_connections{state="open"} 3.0',
        'ippgate_certificate_expiry_timestamp_seconds{name="tls/chain.pem"} 1.7987616e+09',
        'ippgate_audit_records_total{event="request.outcome"} 1.0',
        "ippgate_audit_writable 1.0",
        'ippgate_build_info{version="1.2.3"} 1.0',
    ):
        assert line in lines


def test_a_printer_that_does_not_answer_is_down_and_not_timed() -> None:
    metrics = counted()
    metrics.printer_answered(printer="lab-1", up=False, seconds=30.0)
    lines = metrics.exposition().decode().splitlines()
    assert 'ippgate_printer_up{printer="lab-1"} 0.0' in lines
    assert 'ippgate_printer_seconds_count{printer="lab-1"} 1.0' in lines


def test_all_codes_that_nobody_registered_are_one_series() -> None:
    metrics = Metrics("1")
    for code in range(0x5000, 0x5100):
        metrics.answered(
            printer="lab-1", operation=f"0x{code:04X}", outcome="refused", seconds=0.001
        )
    text = metrics.exposition().decode()
    assert text.count("ippgate_requests_total{") == 1
    assert 'operation="other"' in text


def test_a_printers_health() -> None:
    metrics = Metrics("1.0")
    sample = metrics.registry.get_sample_value
    metrics.printer_health(
        printer="lab-1", state="idle", queued_jobs=2, markers={"Black": 40, "Cyan": 90}
    )
    metrics.printer_health(
        printer="lab-1", state="processing", queued_jobs=3, markers={"Black": 39}
    )
    assert sample("ippgate_printer_state", {"printer": "lab-1", "state": "idle"}) == 0
    assert sample("ippgate_printer_state", {"printer": "lab-1", "state": "processing"}) == 1
    assert sample("ippgate_printer_queued_jobs", {"printer": "lab-1"}) == 3
    level = "ippgate_printer_marker_level_percent"
    assert sample(level, {"printer": "lab-1", "marker": "Black"}) == 39
    assert sample(level, {"printer": "lab-1", "marker": "Cyan"}) is None
    metrics.printer_health(printer="lab-1", state=None, queued_jobs=None, markers={})
    assert sample("ippgate_printer_state", {"printer": "lab-1", "state": "processing"}) == 0
    assert sample(level, {"printer": "lab-1", "marker": "Black"}) is None
