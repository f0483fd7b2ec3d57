"""`rollout register`: models, code and environments into a workspace."""
