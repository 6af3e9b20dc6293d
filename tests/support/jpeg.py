"""A small picture, without a library for pictures."""

from __future__ import annotations

import struct

_ZIGZAG_ONES = bytes([1] * 64)


def small_jpeg(width: int = 64, height: int = 64) -> bytes:
    """A baseline JPEG (ITU-T T.81) of one grey: every block has DC difference 0 and no AC."""
    dqt = _segment(0xDB, b"\0" + _ZIGZAG_ONES)
    sof = _segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    # One code of one bit each: DC category 0, and AC end of block.
    one_code = bytes([1] + [0] * 15) + b"\0"
    dht = _segment(0xC4, b"\x00" + one_code) + _segment(0xC4, b"\x10" + one_code)
    sos = _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    bits = 2 * (-(-width // 8)) * (-(-height // 8))
    data = bytearray(-(-bits // 8))
    if bits % 8:
        data[-1] |= (1 << (8 - bits % 8)) - 1
    jfif = _segment(0xE0, b"JFIF\0\x01\x01\x01\x00\x48\x00\x48\x00\x00")
    return b"\xff\xd8" + jfif + dqt + sof + dht + sos + bytes(data) + b"\xff\xd9"


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
