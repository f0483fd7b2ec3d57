"""`rollout import`: an endpoint that others made becomes one of the stack's, as it is."""
