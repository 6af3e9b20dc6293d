"""The whole language: what a rule compiles to, and every mistake with its line."""

from __future__ import annotations

import pytest

from ippgate.config.findings import ConfigurationError
from ippgate.policy.criteria.documents import Formats, Size
from ippgate.policy.criteria.networks import Networks
from ippgate.policy.criteria.times import Times
from ippgate.policy.criteria.tls import LeastTls
from ippgate.policy.criteria.values import Values
from ippgate.policy.decision import Outside
from ippgate.policy.facts import Place
from ippgate.policy.file import load
from ippgate.policy.quota import Limit, Period, Unit

EVERYTHING = """\
version: 1
timezone: Europe/Berlin
define:
  people: {lab: {groups: [physics], users: [root]}}
  printers: {ours: ["lab-*", "!lab-9"]}
  operations: {looking: [Get-Jobs, "@print"]}
rules:
  - name: all of it
    who: {people: [lab], groups: [guests], attributes: {Department: [Physics]}, methods: [basic]}
    printers: {names: ["@ours"], locations: ["Building 3*"], tags: [colour]}
    operations: ["@looking"]
    when: {days: mon-fri, hours: "07:00-20:00", networks: [198.51.100.0/24], tls: "1.3"}
    document: {formats: [application/pdf, "image/*"], min_size: 1KB, max_size: 200MB}
    attributes:
      copies: {min: 1, max: 50}
      print-color-mode: {not: [color]}
      sides: two-sided-long-edge
      print-quality: [draft, 4]
      job-password: {present: true}
    decision: permit
    enforce: {sides: two-sided-long-edge, finishings: [staple]}
    default: {print-quality: high}
    hold: true
    quota: [{pages: 200, per: week}, {jobs: 5, octets: 1GB, per: day, shared: true, timezone: UTC}]
    message: Not so much.
  - name: somebody else
    who: anyone
    operations: [Print-Job]
    decide: {http: "https://192.0.2.5/v1/data/print", timeout: 500ms}
"""


def findings(text: str, printers: dict[str, Place] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load([("x.yaml", text)], printers)
    return [str(finding).removeprefix("x.yaml:") for finding in raised.value.findings]


def rule(*lines: str, decision: str = "decision: permit") -> str:
    head = (
        "version: 1\nrules:\n  - name: r\n    who: anyone\n    operations: ['@print']\n"
        f"    {decision}\n"
    )
    return head + "".join(f"    {line}\n" for line in lines)


def test_everything_that_a_rule_can_say() -> None:
    first, second = load([("x.yaml", EVERYTHING)]).rules
    assert first.who.users == {"root"}
    assert first.who.groups == {"physics", "guests"}
    assert first.who.attributes == (("department", frozenset({"physics"})),)
    assert first.printers.fit("lab-1", Place("Building 3", frozenset({"colour"})))
    assert not first.printers.fit("lab-9", Place("Building 3", frozenset({"colour"})))
    assert {type(c) for c in first.circumstances} == {Networks, Times, LeastTls}
    (times,) = (c for c in first.circumstances if isinstance(c, Times))
    assert times.zone == "Europe/Berlin"
    assert first.demands[:5] == (
        Values("copies", True, None, (), 1, 50),
        Values("print-color-mode", True, None, ("color", "auto")),
        Values("sides", True, ("two-sided-long-edge",)),
        Values("print-quality", True, (3, 4)),
        Values("job-password", True, None, (), None, None, True),
    )
    assert isinstance(first.demands[5], Formats)
    assert first.demands[6] == Size(True, 1000, 200_000_000)
    assert first.obligations.enforce == (
        ("sides", ("two-sided-long-edge",)),
        ("finishings", (4,)),
        ("job-hold-until", ("indefinite",)),
    )
    assert first.obligations.default == (("print-quality", (5,)),)
    assert first.obligations.quota == (
        Limit(Unit.PAGES, 200, Period.WEEK, False, "Europe/Berlin"),
        Limit(Unit.JOBS, 5, Period.DAY, True, "UTC"),
        Limit(Unit.OCTETS, 10**9, Period.DAY, True, "UTC"),
    )
    assert second.outside == Outside("https://192.0.2.5/v1/data/print", 0.5)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            rule("attributes: {copis: 1}"),
            '7: rules[0].attributes.copis: "copis" is not an attribute '
            'that rules know - did you mean "copies"?',
        ),
        (rule("attributes: {copies: many}"), "copies is a whole number, not 'many'"),
        (rule("attributes: {copies: {max: 2, min: 5}}"), "min 5 is more than max 2"),
        (rule("attributes: {copies: {}}"), "asks for nothing: give is, not, min, max or present"),
        (
            rule("attributes: {copies: {maxx: 5}}"),
            '7: rules[0].attributes.copies.maxx: is not a known key - did you mean "max"?',
        ),
        (rule("attributes: {sides: {max: 5}}"), "sides has no numbers to compare"),
        (rule("attributes: {print-quality: hihg}"), 'did you mean "high"?'),
        (rule("attributes: {job-password: secret}"), "rules compare no values of job-password"),
        (rule("attributes: {job-password: {present: false, is: [x]}}"), "goes with nothing else"),
        (rule("attributes: {sides: true}"), "sides is not true or false"),
        (rule("document: {min_size: 2MB, max_size: 1MB}"), "min_size is larger than max_size"),
        (rule("document: {formats: [pdf]}"), '"pdf" is not a document format'),
        (rule("document: {max_size: much}"), "'much' is not a size"),
        (rule("when: {days: mon-fry}"), "7: rules[0].when.days[0]: "),
        (rule("when: {hours: '20:00-07:00'}"), "ends before it begins"),
        (rule("when: {networks: [198.51.100.0/33]}"), "7: rules[0].when.networks[0]: "),
        (rule("when: {timezone: Europe/Berln, days: mon}"), 'did you mean "Europe/Berlin"?'),
        (rule("when: {tls: '1.1'}"), "7: rules[0].when.tls: must be '1.2' or '1.3'"),
        (
            rule("enforce: {sides: x}", decision="decision: refuse"),
            "7: rules[0].enforce: is for a rule that permits, and this one refuses",
        ),
        (rule("quota: {per: week}"), "limits nothing: give pages, jobs or octets"),
        (rule("quota: {pages: 5, per: year}"), "must be 'day', 'week' or 'month'"),
        (
            rule("enforce: {sides: a}", "default: {sides: b}"),
            "8: rules[0].default.sides: is enforced by this rule already",
        ),
        (rule("enforce: {media-col.media-type: x}"), "members of collections cannot be written"),
        (rule(decision="shadow: true"), "3: rules[0]: a rule needs one of decision"),
        (rule("decide: {http: 'http://192.0.2.1/'}"), "3: rules[0]: a rule needs one of decision"),
        (rule(decision="decide: {http: 'ftp://192.0.2.1/'}"), "6: rules[0].decide.http: "),
        (rule("shadow: true", decision="decide: {http: 'http://192.0.2.1/'}"), "only tried out"),
        (rule("message: x"), "7: rules[0].message: is for a refusal, and this rule permits"),
        (rule("who: anyone"), "7: rules[0].who: given twice"),
        ("version: 1\n", "1: says nothing: give rules, define or privacy"),
        ("version: 1\ndefine: {people: {a: {groups: [x]}}}\n", "there is no rule in any file"),
        ("version: 1\ndefine: {operations: {query: [Get-Jobs]}}\n", "is the name of a set"),
        ("version: 1\ndefine: {people: {a: {methods: [basic]}}}\n", "by users and groups alone"),
    ],
)
def test_mistakes(text: str, finding: str) -> None:
    found = findings(text)
    assert any(finding in words for words in found), found


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("who: {people: [labs]}", 'no people are defined as "labs" - did you mean "lab"?'),
        ("printers: ['@our']", 'no printers are defined as "our" - did you mean "ours"?'),
        (
            "operations: ['@lookin']",
            '"@lookin" is not a set of operations - did you mean "@looking"?',
        ),
    ],
)
def test_names_that_are_not_defined(words: str, near: str) -> None:
    key = words.partition(":")[0]
    lines = [
        line
        for line in EVERYTHING.splitlines()
        if not line.startswith(f"    {key}: ") or "anyone" in line or "Print-Job" in line
    ]
    text = (
        "\n".join(lines).replace("  - name: all of it", f"  - name: all of it\n    {words}") + "\n"
    )
    assert any(near in found for found in findings(text)), findings(text)


def test_printers_of_the_configuration() -> None:
    places = {"lab-1": Place("Building 3", frozenset({"colour"})), "hall": Place("Hall")}
    assert findings(rule("printers: {tags: [color]}"), places) == [
        "7: rules[0].printers: no printer of the configuration fits; their tags are colour"
    ]
    assert findings(rule("printers: ['*', '!cheque-*']"), places) == [
        '7: rules[0].printers[1]: no printer of the configuration fits "!cheque-*"'
    ]
    assert load([("x", rule("printers: {locations: ['building*']}"))], places).rules


FILES = {
    "people.yaml": "version: 1\ndefine: {people: {lab: {groups: [physics]}}}\n",
    "more.yaml": "version: 1\ninclude: [people.yaml]\ndefine: {printers: {ours: ['lab-*']}}\n",
    "again.yaml": "version: 1\ndefine: {people: {lab: {groups: [chemistry]}}}\n",
    "circle.yaml": "version: 1\ninclude: [circle.yaml]\ndefine: {}\n",
    "rules.yaml": rule(),
}


def included(file: str, name: str) -> tuple[str, str]:
    assert file
    return name, FILES[name]


USES = (
    "rules:\n  - {name: r, who: {people: [lab]}, printers: ['@ours'], operations: ['@print'], "
    "decision: permit}\n"
)


def test_definitions_are_included() -> None:
    text = "version: 1\ninclude: [more.yaml]\n" + USES
    policy = load([("x.yaml", text)], include=included)
    assert policy.rules[0].who.groups == {"physics"}

    def otherwise(file: str, name: str) -> tuple[str, str]:
        return name, FILES[name] + "# changed\n"

    other = load([("x.yaml", text)], include=otherwise)
    assert other.revision != policy.revision, "what is included is part of what decides"


@pytest.mark.parametrize(
    ("names", "finding"),
    [
        (
            "[more.yaml, again.yaml]",
            'people are defined as "lab" in people.yaml:2 and in again.yaml:2',
        ),
        ("[circle.yaml]", "includes itself: x.yaml → circle.yaml → circle.yaml"),
        ("[rules.yaml]", "2: include[0]: rules.yaml has rules: only definitions are included"),
    ],
)
def test_what_cannot_be_included(names: str, finding: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load([("x.yaml", f"version: 1\ninclude: {names}\n{rule()[11:]}")], include=included)
    assert finding in str(raised.value)
