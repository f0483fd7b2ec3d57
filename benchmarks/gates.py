"""What the gates find and how often they stop a good release, by simulation: the tables of docs/gates.md.

`python -m benchmarks.gates [ROLLOUTS]` prints them; tests/rollout/test_gates_figures.py asserts what they claim.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from rollout.gates.evidence import Evidence, Subject
from rollout.gates.judge import judge, take_in
from rollout.gates.looks import Counts, Look
from rollout.gates.sequential import CAP, START, Table, above, below, evidence, versus, versus_turned
from settings.gates import Gates

SUBJECT = Subject("diabetes", "green", {"blue": "1", "green": "2"})
LIMIT = 20.0


@dataclass(frozen=True, slots=True)
class World:
    """How two deployments answer: requests in a look, error shares, and how much a look's own share varies.

    `burst` is the coefficient of variation of a gamma factor that each deployment has in each look, by itself;
    `swing` is one of both together.
    """

    new: int
    old: int
    new_share: float = 0.01
    old_share: float = 0.01
    burst: float = 0.0
    swing: float = 0.0

    def looks(self, random: Generator, many: int) -> Iterator[Table]:
        """So many looks."""
        common = _factors(random, self.swing, many)
        shares = [
            np.minimum(share * common * _factors(random, self.burst, many), 1.0)
            for share in (self.new_share, self.old_share)
        ]
        bad = [random.binomial(size, share) for size, share in zip((self.new, self.old), shares, strict=True)]
        for new_bad, old_bad in zip(*(each.tolist() for each in bad), strict=True):
            yield Table(self.new, new_bad, self.old, old_bad)


def _factors(random: Generator, variation: float, many: int) -> np.ndarray:
    if not variation:
        return np.ones(many)
    return random.gamma(1 / variation**2, variation**2, many)


def stopped_at(tables: Iterable[Table], cap: float = CAP, tolerance: float = 1.0) -> int | None:
    """How many requests of the new one it took; None where it was not stopped."""
    track, requests = START, 0
    for table in tables:
        requests += table.new
        track = versus(track, table, tolerance, cap)
        if evidence(track) >= LIMIT:
            return requests
    return None


def passed_at(tables: Iterable[Table], margin: float) -> int | None:
    """How many requests of the new one it took to show that it is less than `margin` times as bad."""
    track, requests = START, 0
    for table in tables:
        requests += table.new
        track = versus_turned(track, table, margin)
        if evidence(track) >= LIMIT:
            return requests
    return None


def limit_at(tables: Iterable[Table], limit: float, worse: bool) -> int | None:
    """How many requests it took to show that the share is above, or below, an absolute limit."""
    track, requests = START, 0
    for table in tables:
        requests += table.new
        track = (above if worse else below)(track, table.new, table.new_bad, limit)
        if evidence(track) >= LIMIT:
            return requests
    return None


def plain_test(tables: Iterable[Table]) -> bool:
    """What others do: a test at each look of all that was seen so far, each at 5 percent by itself (two-sided)."""
    new = new_bad = old = old_bad = 0
    for table in tables:
        new, new_bad, old, old_bad = new + table.new, new_bad + table.new_bad, old + table.old, old_bad + table.old_bad
        both = (new_bad + old_bad) / (new + old)
        error = (both * (1 - both) * (1 / new + 1 / old)) ** 0.5
        if error and new_bad + old_bad >= 5 and (new_bad / new - old_bad / old) / error > 1.96:
            return True
    return False


def whole_plan(
    random: Generator, gates: Gates, per_minute: float, new_share: float, old_share: float
) -> tuple[str, int]:
    """A rollout through mirror 10 %, 10 % and 50 %, 15 minutes each: the step that stopped it, and users' errors."""
    seen, errors, begin = Evidence(SUBJECT), 0, 0
    for step, (new, old) in (("mirror", (0.1, 1.0)), ("10 %", (0.1, 0.9)), ("50 %", (0.5, 0.5))):
        for _ in range(15):
            sizes = [int(random.poisson(per_minute * share)) for share in (new, old)]
            bad = [int(random.binomial(*each)) for each in zip(sizes, (new_share, old_share), strict=True)]
            sides = [Counts({"ok": size - wrong, "error": wrong}) for size, wrong in zip(sizes, bad, strict=True)]
            seen = take_in(seen, gates, [Look(begin, *sides)], step)
            begin += 60
            errors += bad[0] if step != "mirror" else 0
            if judge(seen, gates).kind == "fail":
                return step, errors
    return "", errors


def at(found: list[int | None], share: float) -> str:
    """The requests within which this share of the rollouts was found."""
    ordered = sorted(each if each is not None else sys.maxsize for each in found)
    value = ordered[min(len(ordered) - 1, round(share * len(ordered)))]
    return "never" if value == sys.maxsize else f"{value:,}"


def false_alarms(
    rollouts: int, world: World, looks: int, cap: float = CAP, seed: int = 1, tolerance: float = 1.0
) -> float:
    """The share of good rollouts that are stopped."""
    random = np.random.default_rng(seed)
    stops = [stopped_at(world.looks(random, looks), cap, tolerance) for _ in range(rollouts)]
    return sum(each is not None for each in stops) / rollouts


def main(rollouts: int) -> None:
    """Print all tables."""
    print(f"# {rollouts} rollouts a figure, seeded\n")
    print("## Good releases that are stopped, 500 looks (percent)")
    for text, world in WORLDS.items():
        capped, free = (false_alarms(rollouts, world, 500, cap) for cap in (CAP, 1e9))
        tolerant = false_alarms(rollouts, world, 500, tolerance=1.5)
        print(f"| {text} | {100 * capped:.1f} | {100 * tolerant:.1f} | {100 * free:.1f} |")
    print("\n## ... and with a plain 5 percent test at each look (10, 30, 100 looks)")
    for world in (World(20, 180), World(100, 900)):
        random = np.random.default_rng(2)
        shares = [
            sum(plain_test(world.looks(random, looks)) for _ in range(rollouts)) / rollouts for looks in (10, 30, 100)
        ]
        print(f"| {world.new} + {world.old} | " + " | ".join(f"{100 * share:.0f}" for share in shares) + " |")
    _power(rollouts)
    _plans(rollouts)


def _power(rollouts: int) -> None:
    print("\n## Requests of the new deployment until it is found (median / 90 percent)")
    for old_share, new_share in ((0.01, 0.03), (0.01, 0.02), (0.01, 0.05), (0.001, 0.01), (0.0, 0.02), (0.0, 0.01)):
        cells = []
        for new, old in ((20, 180), (100, 100)):
            for tolerance in (1.0, 1.5):
                random, world = np.random.default_rng(3), World(new, old, new_share, old_share)
                found = [stopped_at(world.looks(random, 600), tolerance=tolerance) for _ in range(rollouts)]
                cells.append(f"{at(found, 0.5)} / {at(found, 0.9)}")
        print(f"| {old_share:.1%} -> {new_share:.0%} | " + " | ".join(cells) + " |")
    print("\n## Requests until a pass: not 2, 3, 5 times worse (both 1 percent, 20 + 180)")
    for margin in (2.0, 3.0, 5.0):
        random, world = np.random.default_rng(4), World(20, 180)
        found = [passed_at(world.looks(random, 600), margin) for _ in range(rollouts)]
        print(f"| {margin:g} | {at(found, 0.5)} / {at(found, 0.9)} |")
    print("\n## Requests until a limit of 1 percent is broken (truth 2, 3, 5 %), or kept (0, 0.1, 0.2, 0.5 %)")
    for share in (0.02, 0.03, 0.05, 0.0, 0.001, 0.002, 0.005):
        random, world = np.random.default_rng(5), World(20, 1, share)
        found = [limit_at(world.looks(random, 600), 0.01, share > 0.01) for _ in range(rollouts)]
        print(f"| {share:.1%} | {at(found, 0.5)} / {at(found, 0.9)} |")


def _plans(rollouts: int) -> None:
    print("\n## Mirror 10 %, 10 %, 50 %, 15 minutes each: stopped in the mirror, in all (percent), users' errors")
    gates = Gates.model_validate({"errors": {"againstOld": 1}})
    for per_minute in (60, 600):
        for old_share, new_share in ((0.01, 0.01), (0.0, 0.02), (0.002, 0.01), (0.01, 0.03)):
            random = np.random.default_rng(6)
            ends = [whole_plan(random, gates, per_minute, new_share, old_share) for _ in range(rollouts)]
            mirror, all_ = (
                sum(bool(step) and (step == "mirror" or not only) for step, _ in ends) for only in (True, False)
            )
            lost = sum(errors for _, errors in ends) / rollouts
            shown = f"| {per_minute} | {old_share:.1%} -> {new_share:.0%} | {100 * mirror / rollouts:.0f}"
            print(f"{shown} | {100 * all_ / rollouts:.1f} | {lost:.1f} |")


WORLDS = {
    "20 + 180 a look, 1 %": World(20, 180),
    "100 + 900 a look, 1 %": World(100, 900),
    "100 + 100 a look, 0.1 %": World(100, 100, 0.001, 0.001),
    "20 + 180, common rate that swings (1)": World(20, 180, swing=1.0),
    "20 + 180, bursts of each (1)": World(20, 180, burst=1.0),
    "100 + 900, bursts of each (1)": World(100, 900, burst=1.0),
    "20 + 180, bursts of each (2)": World(20, 180, burst=2.0),
    "100 + 900, bursts of each (2)": World(100, 900, burst=2.0),
}

if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
