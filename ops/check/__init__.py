"""`rollout check`: stack files judged against what is live, without an engine."""
