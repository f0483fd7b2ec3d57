"""The rules of a rollout: what is observed and what is wanted decide the step, or the refusals."""
