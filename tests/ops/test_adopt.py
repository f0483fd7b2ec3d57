"""What `rollout adopt` writes into the stack file."""

from ops.adopt import changes
from rollout.model import ObservedEndpoint
from settings.endpoint import Endpoint


def test_only_what_differs_is_written() -> None:
    """Shares that are as they were are left alone; one that ended is written as 0, which the settings strip."""
    wanted = Endpoint.model_validate({"traffic": {"blue": 50, "green": 50}, "mirror": {"teal": 10}})
    live = ObservedEndpoint(traffic={"blue": 100}, mirror={"teal": 10})
    assert changes("diabetes", wanted, live, "fraud") == {
        "fraud:endpoints.diabetes.traffic.blue": "100",
        "fraud:endpoints.diabetes.traffic.green": "0",
    }


def test_nothing_is_written_where_the_file_says_what_is_live() -> None:
    """A stack file that says what is live already stays as it is."""
    wanted = Endpoint.model_validate({"traffic": {"blue": 100}})
    assert changes("diabetes", wanted, ObservedEndpoint(traffic={"blue": 100}), "fraud") == {}
