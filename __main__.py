"""The stack. What it declares stands in Pulumi.<stack>.yaml; how, in components/program.py."""

from safe_rollout import run

run()
