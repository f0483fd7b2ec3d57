"""The stack: what it declares stands in Pulumi.<stack>.yaml, how it is done in the package safe-rollout."""

from safe_rollout import run

run()
