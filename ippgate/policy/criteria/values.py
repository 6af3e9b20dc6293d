"""What a job asks for: values of one attribute."""

from __future__ import annotations

from dataclasses import dataclass

from ippgate.ipp.enums import Operation as Op
from ippgate.policy.attributes import SYNTAX, Syntax, comparable, in_words
from ippgate.policy.criteria import Verdict
from ippgate.policy.facts import Facts, Scalar, Span

ASKS = frozenset(
    {
        Op.PRINT_JOB,
        Op.PRINT_URI,
        Op.VALIDATE_JOB,
        Op.CREATE_JOB,
        Op.SEND_DOCUMENT,
        Op.SEND_URI,
        Op.VALIDATE_DOCUMENT,
        Op.RESUBMIT_JOB,
        Op.SET_JOB_ATTRIBUTES,
        Op.SET_DOCUMENT_ATTRIBUTES,
    }
)
"""Operations that say how something is to be printed; on others these criteria say nothing."""
_WHOLE = frozenset({Op.PRINT_JOB, Op.PRINT_URI, Op.VALIDATE_JOB, Op.CREATE_JOB, Op.SEND_DOCUMENT})
"""Operations that say all of it: what is absent will not be given later."""
_KINDS: dict[Syntax | None, tuple[type, ...]] = {
    Syntax.INTEGER: (int,),
    Syntax.ENUM: (int,),
    Syntax.RANGES: (int, Span),
}
"""What values of an attribute are, where that is not text."""


@dataclass(frozen=True, slots=True)
class Values:
    """Of attribute ``name``: ``only`` these, none of ``never``, at least ``least``, at most
    ``most``; ``present``: whether it must be given. None: not asked.

    ``permits``: of the rule. To be permitted all values must fit; to be refused, one is enough.
    """

    name: str
    permits: bool
    only: tuple[Scalar, ...] | None = None
    never: tuple[Scalar, ...] = ()
    least: int | None = None
    most: int | None = None
    present: bool | None = None

    def judge(self, facts: Facts) -> Verdict:
        if facts.operation not in ASKS:
            return self._verdict(self.permits)
        asked = facts.job.attributes
        if asked is None:
            return self._verdict(not self.permits)
        values = asked.get(self.name)
        if values is None:
            if facts.job.undecided:
                return Verdict.OPEN
            return self._verdict(self._absent(facts.operation))
        if self.present is False:
            return Verdict.NO
        if self._only_presence:
            return Verdict.YES
        some = all if self.permits else any
        return self._verdict(some(self.fits(value) for value in values))

    def fits(self, value: Scalar) -> bool:
        """Whether one value is as asked for.

        A value of another kind than the attribute's, such as text for a number, cannot be judged,
        and some printer may read it all the same: so it is never permitted, and always refused. A
        range fits a rule that permits with all of it, and one that refuses with any part.
        """
        if not isinstance(value, _KINDS.get(SYNTAX.get(self.name), (str, int, Span))):
            return not self.permits
        meant = comparable(self.name, value)
        if self.only is not None and meant not in _meant(self.name, self.only):
            return False
        if meant in _meant(self.name, self.never):
            return False
        lower, upper = value if isinstance(value, Span) else (value, value)
        if not self.permits:
            lower, upper = upper, lower
        if self.least is not None and not (isinstance(lower, int) and lower >= self.least):
            return False
        return self.most is None or (isinstance(upper, int) and upper <= self.most)

    def why_not(self, facts: Facts) -> str:
        asked = facts.job.attributes
        if asked is None:
            return f"{self.name} was given earlier, and is not remembered"
        if facts.operation not in ASKS:
            return f"{facts.operation.keyword} asks for no {self.name}"
        values = asked.get(self.name)
        if values is None:
            return f"{self.name} is not given"
        found = ", ".join(in_words(self.name, value) for value in values)
        return f"{self.name} is {found}, not {self}"

    def refused(self, facts: Facts) -> tuple[str, tuple[Scalar, ...]] | None:
        values = (facts.job.attributes or {}).get(self.name, ())
        if self.permits:
            wrong = self.present is False
            values = tuple(value for value in values if wrong or not self.fits(value))
        else:
            values = tuple(value for value in values if self._only_presence or self.fits(value))
        return self.name, values

    def __str__(self) -> str:
        words = []
        if self.present is not None:
            words.append("given" if self.present else "left out")
        if self.only is not None:
            words.append("one of " + ", ".join(in_words(self.name, value) for value in self.only))
        if self.never:
            never = ", ".join(in_words(self.name, value) for value in self.never)
            words.append(f"anything but {never}")
        if self.least is not None:
            words.append(f"{self.least} or more")
        if self.most is not None:
            words.append(f"{self.most} or less")
        return " and ".join(words)

    @property
    def _only_presence(self) -> bool:
        return (self.only, self.least, self.most) == (None, None, None) and not self.never

    def _absent(self, operation: Op) -> bool:
        if self.present is not None and operation in _WHOLE:
            return not self.present
        return self.permits and self.least is None

    @staticmethod
    def _verdict(yes: bool) -> Verdict:
        return Verdict.YES if yes else Verdict.NO


def _meant(name: str, values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return values if name != "media" else tuple(comparable(name, value) for value in values)
