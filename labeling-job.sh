#!/usr/bin/env bash
# Ground Truth's labeling jobs from a shell, by the API: ./labeling-job.sh create dogs --dry-run
set -euo pipefail

usage() {
  echo "usage: labeling-job.sh create|describe|stop JOB [--dry-run] | list    (API: \$BULKQA_API, default http://localhost:5080)" >&2
  exit 2
}

api=${BULKQA_API:-http://localhost:5080}/v1
call() { curl --silent --show-error --fail-with-body "$@"; echo; }

case "${1:-}:${2:-}" in
  list:) call "$api/labeling-jobs" ;;
  create:?*)
    case "${3:-}" in
      --dry-run) call -X POST "$api/jobs/$2/labeling-job?dryRun=true" ;;
      "") call -X POST "$api/jobs/$2/labeling-job" ;;
      *) usage ;;
    esac ;;
  describe:?*) call "$api/jobs/$2/labeling-job" ;;
  stop:?*) call -X POST "$api/jobs/$2/labeling-job/stop" ;;
  *) usage ;;
esac
