"""Counts in memory; what they share with those in a file is tested there."""

from ippgate.identity.tallies import MemoryTallies, Tally, Window

NOW = 1_770_000_000.0
WINDOW = Window(within=120, for_=300)


def test_no_more_than_so_many_keys_are_kept() -> None:
    tallies = MemoryTallies(WINDOW, size=100)
    alice = Tally("name:alice", 2)
    assert tallies.begin([alice], NOW) is None
    for number in range(100):
        assert tallies.begin([Tally(f"name:user{number}", 2)], NOW) is None

    assert tallies.begin([alice], NOW) is None
    assert tallies.begin([alice], NOW) is None
    assert tallies.begin([alice], NOW) == alice.key


def test_a_key_that_is_asked_about_again_is_not_the_oldest() -> None:
    tallies = MemoryTallies(WINDOW, size=2)
    alice, bob, carol = (Tally(f"name:{name}", 3) for name in ("alice", "bob", "carol"))
    for tally in (alice, bob, alice, carol):
        tallies.begin([tally], NOW)

    assert tallies.forget([alice.key]) == 2
    assert tallies.forget([bob.key]) == 0
