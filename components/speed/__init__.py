"""The room of what is there for speed alone. Nothing in it changes what a preview says or an update does.

One switch: SAFE_ROLLOUT_WITHOUT=all turns all of it off, SAFE_ROLLOUT_WITHOUT=lean,debug some of it. Look there first
where something is odd; a test holds that a preview says the same either way. What each saves: docs/speed.md (made
by `python -m benchmarks.tricks`).

| trick | what it does |
|---|---|
| lean | imports of azure-native load the types in use, not their whole service (lean.py) |
| ahead | classes are imported in a thread, while the provider starts and Azure is read (ahead.py) |
| collector | the garbage collector rests while they are imported, and lets alone what was |
| aliases | azure-native's versioned aliases are dropped: some 32 a resource, and this stack never held such types |
| debug | the SDK's own debug messages are not sent: six a resource, each a call that the program waits for |
| stacks | a resource's registration names the frames next to it, not the whole stack |
| end | a program that the engine ends (a refused step) ends at once, in silence, without 5 s and a traceback |
"""

import os

VARIABLE = "SAFE_ROLLOUT_WITHOUT"
TRICKS = ("lean", "ahead", "collector", "aliases", "debug", "stacks", "end")


def is_on(trick: str) -> bool:
    """Whether a trick of TRICKS is to be used: all are, unless the variable names it or says `all`."""
    without = os.environ.get(VARIABLE, "").replace(" ", "").split(",")
    return "all" not in without and trick not in without
