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
# Beside the build of the release before: one waits for the network, the other for the compiler.
for folder in tests/emulators deploy; do
  (cd $folder && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
done &
modules=$!

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

wait "$modules"

dotnet restore BulkQA.sln
dotnet build BulkQA.sln --no-restore -c Release
case $(uname -m) in aarch64) runtime=linux-arm64 ;; *) runtime=linux-x64 ;; esac
dotnet publish src/Lambdas -c Release -r $runtime

passed=0 failed=0 skipped=0
log=$(mktemp)
format_log=$(mktemp)
trap 'rm -f "$log" "$format_log"' EXIT

# Formatting keeps one core busy for more than a minute: beside the first tests, which wait for nobody.
dotnet format BulkQA.sln --no-restore --verify-no-changes >"$format_log" 2>&1 &
format=$!
join_format() {
  [ -n "$format" ] || return 0
  wait "$format" || failed_run=1
  cat "$format_log"
  format=
}

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
for tests in tests/Core.Tests tests/Corpora.Tests $(ls -d tests/*.Tests | grep -v /Cor); do
  case $tests in tests/Cor*) ;; *) join_format ;; esac
  program="$tests/bin/Release/net10.0/BulkQA.$(basename "$tests")"
  "$program" --no-progress 2>&1 | tee "$log" || failed_run=1
  add succeeded failed skipped
done

echo "$passed passed, $failed failed, $skipped skipped"
[ -z "${failed_run:-}" ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
