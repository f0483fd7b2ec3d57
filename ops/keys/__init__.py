"""`rollout keys`: an endpoint's two keys."""
