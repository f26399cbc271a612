#!/usr/bin/env bash
# Sets up what the tests need, then checks formatting, builds and runs every test.
# Ends with a line "N passed, N failed, N skipped", and with a failure where anything failed.
set -euo pipefail
cd "$(dirname "$0")"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# clang and zlib link the native Lambdas; Node comes with the emulators, npm with nodejs where it isn't there.
packages=()
for need in chromium-headless-shell:chromium-headless-shell redis-server:redis-server clang:clang npm:nodejs npm:npm; do
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
    # It was checked when it was released.
    for program in Api Silo; do dotnet build tests/previous/src/$program -c Release -v quiet -nologo -p:RunAnalyzers=false; done
    echo "$release" >tests/previous/commit
  fi
fi

wait "$modules"

dotnet restore BulkQA.sln
dotnet build BulkQA.sln --no-restore -c Release
case $(uname -m) in aarch64) runtime=linux-arm64 ;; *) runtime=linux-x64 ;; esac
dotnet publish src/Lambdas -c Release -r $runtime

# Hundreds of processes are started, and none lives long enough for what profiling each of its methods costs.
export DOTNET_TieredPGO=0

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 skipped=0
# Shows what a run logged, and adds up what that says by these three words, each before or after its number.
add() {
  cat "$logs/$1"
  local of="$logs/$1"
  count() { sed -n "s/^[ #]*$1:* *\([0-9]*\)$/\1/p" "$of" | tail -n 1; }
  passed=$((passed + $(count "$2" || true)))
  failed=$((failed + $(count "$3" || true)))
  skipped=$((skipped + $(count "$4" || true)))
}
run() { "tests/$1/bin/Release/net10.0/BulkQA.$1" --no-progress >"$logs/$1" 2>&1 || touch "$logs/failure"; }

# White space alone: what else there is to formatting, the build takes for errors. Beside the first tests, which wait for nobody.
(dotnet format whitespace BulkQA.sln --no-restore --verify-no-changes >"$logs/format" 2>&1 || touch "$logs/failure") &
formatting=$!

# The deployment's template first: the cluster's tests start their processes by it. With the emulators' Node, which is new enough.
node="$PWD/tests/emulators/node_modules/node-$runtime/bin"
(cd deploy && PATH="$node:$PATH" npm test) >"$logs/deploy" 2>&1 || touch "$logs/failure"
add deploy pass fail skipped
for tests in Core.Tests Corpora.Tests; do run $tests && add $tests succeeded failed skipped; done
wait "$formatting"
cat "$logs/format"

# One project after the other: each uses both cores as it is.
for tests in $(ls tests | grep '\.Tests$' | grep -vE '^(Core|Corpora)\.'); do run "$tests" && add "$tests" succeeded failed skipped; done

echo "$passed passed, $failed failed, $skipped skipped"
[ ! -e "$logs/failure" ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
