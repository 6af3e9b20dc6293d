"""Hashes of passwords in files: argon2id (RFC 9106) and scrypt (RFC 7914), in PHC string form.

``$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`` as argon2 itself writes it, and
``$scrypt$ln=14,r=8,p=1$SALT$HASH`` with N = 2^ln; salt and hash in base64 without padding. Both
name their cost, which is bounded here: a file must not be able to take the machine's memory.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type, verify_secret

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
"""The least that OWASP's password storage cheat sheet takes for argon2id: some 20 ms, and 19 MiB
while it runs. Answers are cached, so this is the cost of a login, not of a request."""
MOST_KIB = 256 * 1024
"""Memory that one hash may ask for: with two threads, half a gigabyte."""
MOST_PASSES = 10
MOST_LANES = 16
LEAST_KIB = 7 * 1024
"""The smallest memory in the same cheat sheet; scrypt's, N = 2^13 with r = 8, is 8 MiB."""
LONGEST_HASH = 512
"""Characters."""

_SCRYPT = re.compile(
    r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,3})"
    r"\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})"
)


@dataclass(frozen=True, slots=True)
class Scrypt:
    """The parts of a ``$scrypt$`` hash."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def parse(cls, text: str) -> Scrypt:
        """Raises ValueError in words."""
        match = _SCRYPT.fullmatch(text)
        if match is None:
            raise ValueError("is not of the form $scrypt$ln=14,r=8,p=1$SALT$HASH")
        ln, r, p = (int(match[number]) for number in (1, 2, 3))
        if not 1 <= ln <= 20 or r < 1 or p < 1:
            raise ValueError("has parameters that scrypt does not take")
        return cls(1 << ln, r, p, _unpadded(match[4]), _unpadded(match[5]))

    @property
    def memory_kib(self) -> int:
        """RFC 7914 section 2: 128 * r octets for each of N."""
        return 128 * self.r * self.n // 1024

    def matches(self, password: str) -> bool:
        """Blocks for as long as the cost says; without Python's global lock."""
        digest = hashlib.scrypt(
            password.encode(),
            salt=self.salt,
            n=self.n,
            r=self.r,
            p=self.p,
            maxmem=2 * MOST_KIB * 1024,
            dklen=len(self.digest),
        )
        return hmac.compare_digest(digest, self.digest)


def hash_password(password: str) -> str:
    """An argon2id hash with a fresh salt; blocks for some 20 ms."""
    return PasswordHasher(PASSES, MEMORY_KIB, LANES).hash(password)


def mistake(text: str) -> str | None:
    """What is wrong with a hash, in words; None when it can be verified against."""
    if len(text) > LONGEST_HASH:
        return f"is longer than {LONGEST_HASH} characters"
    try:
        if text.startswith("$scrypt$"):
            scrypt = Scrypt.parse(text)
            # p blocks are mixed one after the other: they cost time, as argon2's passes do.
            return _cost_mistake(scrypt.memory_kib, 1, scrypt.p)
        if text.startswith("$argon2"):
            parameters = extract_parameters(text)
            if parameters.type is not Type.ID:
                return "is argon2, but not argon2id"
            return _cost_mistake(
                parameters.memory_cost, parameters.time_cost, parameters.parallelism
            )
    except (InvalidHashError, ValueError) as error:
        return str(error) or "is not an argon2 hash"
    return "is not a hash of argon2id or scrypt: make one with ippgate user hash"


def matches(text: str, password: str) -> bool:
    """Whether ``password`` is the one that was hashed; ``text`` without mistakes. Blocks."""
    if "\0" in password:
        # HMAC fills short keys up with zeros (RFC 2104), so scrypt takes "x\0" for "x".
        return False
    if text.startswith("$scrypt$"):
        return Scrypt.parse(text).matches(password)
    try:
        return verify_secret(text.encode(), password.encode(), Type.ID)
    except Argon2Error:
        return False


def _cost_mistake(memory_kib: int, passes: int, lanes: int) -> str | None:
    if memory_kib > MOST_KIB:
        return f"asks for {memory_kib} KiB of memory; {MOST_KIB} is the most"
    if passes > MOST_PASSES or lanes > MOST_LANES:
        return f"asks for {passes} passes of {lanes} lanes; {MOST_PASSES} and {MOST_LANES} are most"
    if memory_kib < LEAST_KIB:
        return f"is too weak: it uses {memory_kib} KiB of memory, and {LEAST_KIB} is the least"
    return None


def _unpadded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("has a salt or hash that is not base64") from None
