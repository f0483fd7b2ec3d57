"""`rollout local`: the local Azure of a checkout."""
