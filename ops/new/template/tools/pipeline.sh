#!/usr/bin/env bash
# What a pipeline's job runs, the same on GitHub and on Azure Pipelines (safe-rollout's docs/ci.md):
#   tools/pipeline.sh set-up     Python packages from the lock, the Pulumi engine of the pinned version; no secret is needed
#   tools/pipeline.sh preview    what would be done to the stack $PULUMI_STACK
#   tools/pipeline.sh up         do it: a preview first, and where that is refused nothing else
set -euo pipefail
cd "$(dirname "$0")/.."

set_up() {
  python3 -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
  uv sync --locked --no-default-groups --group engine
  .venv/bin/rollout setup --engine > /dev/null
}

# Azure Pipelines hands over a variable that is not set as its own name: $(NAME).
forget_unset() {
  for name in PULUMI_BACKEND_URL PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE; do
    if [[ "${!name:-}" == \$\(*\) ]]; then unset "$name"; fi
  done
}

require() {
  local missing=""
  for name in ARM_CLIENT_ID ARM_TENANT_ID ARM_SUBSCRIPTION_ID PULUMI_STACK; do
    if [ -z "${!name:-}" ]; then missing="$missing $name"; fi
  done
  if [ -z "${PULUMI_BACKEND_URL:-}${PULUMI_ACCESS_TOKEN:-}" ]; then
    missing="$missing PULUMI_BACKEND_URL (or PULUMI_ACCESS_TOKEN)"
  fi
  if [ -n "$missing" ]; then
    echo "pipeline: not set:$missing. safe-rollout's docs/ci.md says what to set up, and where." >&2
    exit 1
  fi
}

prepare() {
  forget_unset
  require
  # The program's Python comes first: a language host that was built here takes the one on PATH.
  PATH="$PWD/.venv/bin:$(.venv/bin/rollout setup --engine):$PATH"
  export PATH PULUMI_SKIP_UPDATE_CHECK=true
}

# Without --diff: it would show variables, and addresses of webhooks, to everybody who reads the log.
engine() {
  pulumi "$@" --stack "$PULUMI_STACK" --non-interactive
}

# The step in words, for whoever reviews it: in the run's summary, and for a comment on the pull request. It tells, and
# refuses nothing: the preview after it does.
comment() {
  local file
  file="${RUNNER_TEMP:-${AGENT_TEMPDIRECTORY:-${TMPDIR:-/tmp}}}/step-$PULUMI_STACK.md"
  rollout check --stack "$PULUMI_STACK" --markdown > "$file" || true
  if [ ! -s "$file" ]; then return; fi
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$file" >> "$GITHUB_STEP_SUMMARY"
    local end
    end="end-$(python3 -c 'import secrets; print(secrets.token_hex(16))')"
    { echo "$PULUMI_STACK<<$end"; cat "$file"; echo "$end"; } >> "$GITHUB_OUTPUT"
  elif [ -n "${TF_BUILD:-}" ]; then
    echo "##vso[task.uploadsummary]$file"
  fi
}

case "${1:-}" in
  set-up) set_up ;;
  preview) prepare; comment; engine preview ;;
  up) prepare; engine up --yes ;;
  *)
    echo "usage: tools/pipeline.sh set-up|preview|up" >&2
    exit 2
    ;;
esac
