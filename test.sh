#!/usr/bin/env bash
# Sets up what the tests need, then checks formatting, builds and runs every test.
# Ends with a line "N passed, N failed, N skipped", and with a failure where anything failed.
set -euo pipefail
cd "$(dirname "$0")"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# clang and zlib link the native Lambdas; Node comes with the emulators, npm with nodejs where it isn't there.
packages=()
for need in chromium:chromium redis-server:redis-server clang:clang npm:nodejs npm:npm; do
  command -v "${need%%:*}" >/dev/null || packages+=("${need##*:}")
done
[ -e /usr/include/zlib.h ] || packages+=(zlib1g-dev)
if [ ${#packages[@]} -gt 0 ]; then
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
for folder in tests/emulators deploy; do
  (cd $folder && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
done

# The release before, which a test upgrades from. Where the history lacks its commit, that test says so.
release=$(cat tests/previous-release)
if [ "$(cat tests/previous/commit 2>/dev/null)" != "$release" ]; then
  rm -rf tests/previous
  if git cat-file -e "$release^{commit}" 2>/dev/null; then
    mkdir tests/previous
    git archive "$release" | tar -x -C tests/previous
    for program in Api Silo; do dotnet build tests/previous/src/$program -c Release -v quiet -nologo; done
    echo "$release" >tests/previous/commit
  fi
fi

dotnet restore BulkQA.sln
dotnet format BulkQA.sln --no-restore --verify-no-changes
dotnet build BulkQA.sln --no-restore -c Release
case $(uname -m) in aarch64) runtime=linux-arm64 ;; *) runtime=linux-x64 ;; esac
dotnet publish src/Lambdas -c Release -r $runtime

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Adds up what the log says by these three words, each before or after its number.
add() {
  count() { sed -n "s/^[ #]*$1:* *\([0-9]*\)$/\1/p" "$log" | tail -n 1; }
  passed=$((passed + $(count "$1" || true)))
  failed=$((failed + $(count "$2" || true)))
  skipped=$((skipped + $(count "$3" || true)))
}

# The deployment's template first: the cluster's tests start their processes by it. With the emulators' Node, which is new enough.
node="$PWD/tests/emulators/node_modules/node-$runtime/bin"
(cd deploy && PATH="$node:$PATH" npm test) 2>&1 | tee "$log" || failed_run=1
add pass fail skipped

# One project after the other: each uses both cores as it is.
for tests in tests/*.Tests; do
  program="$tests/bin/Release/net10.0/BulkQA.$(basename "$tests")"
  "$program" --no-progress 2>&1 | tee "$log" || failed_run=1
  add succeeded failed skipped
done

echo "$passed passed, $failed failed, $skipped skipped"
[ -z "${failed_run:-}" ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
