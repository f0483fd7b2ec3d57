"""`rollout invoke` and `rollout logs`: an endpoint asked as a caller asks it, and what its deployments say."""
