#!/bin/sh
# A worker with curl: prices requests. See README.md for what it reads from the environment.
set -eu
limit=${WORKER_JOBS:-0}
count=0
json() { python3 -c "import json,sys; data=json.load(sys.stdin); print($1)"; }

token=$(curl -fsS "$CAMUNDA_OAUTH_URL" -d grant_type=client_credentials \
  -d client_id="$CAMUNDA_CLIENT_ID" -d client_secret="$CAMUNDA_CLIENT_SECRET" | json 'data["access_token"]')
ask() {
  curl -fsS -X POST "$CAMUNDA_REST_ADDRESS/v2$1" -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d "$2"
}

while [ "$limit" -eq 0 ] || [ "$count" -lt "$limit" ]; do
  # Waits up to 20 seconds for a job.
  taken=$(ask /jobs/activation '{"type":"price","worker":"curl","maxJobsToActivate":1,"timeout":60000,"requestTimeout":20000}')
  key=$(printf '%s' "$taken" | json 'data["jobs"][0]["jobKey"] if data["jobs"] else ""')
  [ -n "$key" ] || continue
  price=$(printf '%s' "$taken" | json '4 * data["jobs"][0]["variables"]["size"]')
  ask "/jobs/$key/completion" "{\"variables\":{\"price\":$price}}"
  count=$((count + 1))
done
