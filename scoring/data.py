"""The diabetes data of scikit-learn (442 patients, ten scaled features), split the same way every time."""

from dataclasses import dataclass
from typing import Any

from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

HELD_OUT = 0.2
SEED = 20


@dataclass(frozen=True)
class Split:
    """Rows to train on and rows held out: features of shape (n, 10), targets of shape (n,), float64."""

    features: tuple[str, ...]
    train_x: Any
    held_out_x: Any
    train_y: Any
    held_out_y: Any


def load_split() -> Split:
    """Load the data and hold out a fifth of it."""
    data = load_diabetes()
    train_x, held_out_x, train_y, held_out_y = train_test_split(
        data.data, data.target, test_size=HELD_OUT, random_state=SEED
    )
    return Split(tuple(data.feature_names), train_x, held_out_x, train_y, held_out_y)
