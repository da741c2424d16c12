#!/usr/bin/env bash
# Runs a copy of ./dev, with stubs for all programs that it starts: what it prints when packages are
# missing, and that it passes on exit statuses, stops what it started and leaves no files.
# shellcheck disable=SC2016  # what is in single quotes is for the stand-ins to expand
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
chmod 755 "$here"
mkdir -p "$here"/{bin,tmp,tests/dev,build/release/service,build/release/client/cpp/examples} \
  "$here"/{build/dev,build/tidy,client,deploy,.ci,node_modules/.bin,proto,service,storage}
cp dev README.md "$here"
cp tests/dev/checks.sh "$here/tests/dev"
cp .ci/run "$here/.ci"
cd "$here"
export PATH="$here/bin:$PATH" TMPDIR="$here/tmp"

# stand_in PATH: creates a program from the script on standard input.
stand_in() {
  {
    printf '#!/usr/bin/env bash\n'
    cat
  } >"$1"
  chmod 755 "$1"
}

stand_in bin/cmake <<<'exit 0'
# Options come first, as dev passes them.
readonly ALL_INSTALLED='printf "installed %s\n" "${@:3}"'
stand_in bin/dpkg-query <<<"$ALL_INSTALLED"
stand_in bin/node <<<'exit 0'
stand_in bin/npm <<<'exit 0'
stand_in bin/sudo <<<'exit 1'
for tool in bin/{clang-format,clang-tidy,shellcheck} node_modules/.bin/buf; do
  stand_in "$tool" <<<'exit 0'
done
for build in dev tidy; do
  echo "  \"file\": \"$here/service/rating/rate.cc\"" >"build/$build/compile_commands.json"
done
stand_in bin/apt-get <<<'touch apt-get-was-called'
stand_in bin/ctest <<<'exit 8'
stand_in build/release/client/cpp/examples/owo-quickstart <<<'echo "called $1"'

# serving STATUS: creates a server that announces a port, creates its data, and on the first SIGTERM
# ends with STATUS after a moment; a second SIGTERM ends it immediately.
serving() {
  echo "$1" >server-status
  stand_in build/release/service/owo-billing-server <<'END'
trap 'trap "exit 9" TERM; sleep 0.2; echo ended >server-log; exit "$(cat server-status)"' TERM
for flag in "$@"; do [[ $flag != --data_dir=* ]] || data=${flag#*=}; done
mkdir -p "$data" && touch "$data/file"
echo "owo-billing-server listening on 127.0.0.1:4242"
while true; do sleep 0.01; done
END
}

failures=0

# expect WHAT WANT GOT
expect() {
  [[ $2 == "$3" ]] && return
  printf 'FAILED: %s: want "%s", got "%s"\n' "$1" "$2" "$3"
  failures=$((failures + 1))
}

# dev_status ARGUMENT…: prints the exit status of ./dev; its output is in `said`.
dev_status() {
  local status=0
  ./dev "$@" >said 2>&1 </dev/null || status=$?
  echo "$status"
}

missing_packages_are_named_where_they_cannot_be_installed() {
  local unprivileged=() status=0
  ((EUID != 0)) || unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  stand_in bin/dpkg-query <<<"$ALL_INSTALLED | grep -v librocksdb-dev; exit 1"
  "${unprivileged[@]}" ./dev run --once >said 2>&1 </dev/null || status=$?
  stand_in bin/dpkg-query <<<"$ALL_INSTALLED"
  expect 'status without packages' 3 "$status"
  expect 'the line to run' 'apt-get install -y --no-install-recommends librocksdb-dev' \
    "$(tail -n 1 said)"
  expect 'apt-get is left alone' no "$([[ -e apt-get-was-called ]] && echo yes || echo no)"
}

once_ends_with_the_quickstart() {
  serving 0
  expect 'status of run --once' 0 "$(dev_status run --once)"
  expect 'the quickstart knows the port' 1 "$(grep -c -- 'called --endpoint=127.0.0.1:4242' said)"
  expect 'the server was ended' ended "$(cat server-log)"
  expect 'temporary data is removed' '' "$(ls tmp)"

  serving 5
  expect 'status of a server that does not close well' 5 "$(dev_status run --once)"

  serving 0
  stand_in build/release/client/cpp/examples/owo-quickstart <<<'exit 7'
  expect 'status of a failing quickstart' 7 "$(dev_status run --once)"
  expect 'temporary data is removed after a failure' '' "$(ls tmp)"
  stand_in build/release/client/cpp/examples/owo-quickstart <<<'echo "called $1"'
}

a_server_that_does_not_start_gives_its_status() {
  stand_in build/release/service/owo-billing-server <<<'echo "port 50051 is taken" >&2; exit 2'
  expect 'status of a taken port' 2 "$(dev_status run)"
  expect 'its message' 'port 50051 is taken' "$(cat said)"
}

run_serves_until_it_is_told_to_stop() {
  local status=0 output line pid
  serving 0
  rm -f server-log
  exec {output}< <(exec setsid ./dev run 2>&1)
  pid=$!
  while IFS= read -r line <&"$output"; do
    echo "${line//127.0.0.1:4242/127.0.0.1:50051}"
    [[ $line != *http*/ListInvoices ]] || break
  done >shown
  kill -TERM -- "-$pid"  # as a terminal does, to all that were started
  wait "$pid" || status=$?
  expect 'status of run' 0 "$status"
  expect 'the server was ended' ended "$(cat server-log)"
  expect 'data stays' var/file "$(echo var/*)"

  # The table of the quickstart is held against README by a test of its own.
  expect 'what README does not show' 'called --endpoint=127.0.0.1:50051' \
    "$(grep -Fxv -f README.md shown)"
  expect 'lines wider than a terminal' '' "$(grep -E '.{81}' shown || true)"
}

a_failing_stage_is_named() {
  expect 'status of failing tests' 8 "$(dev_status test Name)"
  expect 'the stage' 'dev: the stage "tests" failed' "$(tail -n 1 said)"
}

# Prints the names of the stages in `said`.
stages_said() {
  sed -n 's/^== \([a-z-]*\)$/\1/p' said | paste -s -d ' '
}

# stages ARGUMENT…: runs ./dev and prints the names of its stages.
stages() {
  dev_status "$@" >status
  stages_said
}

each_kind_of_test_has_its_stages() {
  stand_in bin/ctest <<<'exit 0'
  mkdir -p tests/deploy
  stand_in deploy/build-image <<<'exit 0'
  stand_in tests/deploy/run <<<'exit 0'
  expect 'stages of test' 'packages format scripts protobuf build tests' "$(stages test)"
  expect 'status of test' 0 "$(cat status)"
  expect 'stages of test --sanitized' 'packages headers clang-tidy asan-ubsan' \
    "$(stages test --sanitized)"
  expect 'stages of test --long' "packages configure format scripts protobuf build clang-tidy\
 thread-safety tsan image asan-ubsan tests" "$(stages test --long)"
  expect 'stages of a filter' 'packages build tests' "$(stages test Name)"
  expect 'stages of a long filter' 'packages configure build tests' "$(stages test --long Name)"
  dev_status test Name >status
  expect 'what was timed' 'packages build tests' \
    "$(sed -n 's/^ *[0-9]* s  \([a-z]*\)$/\1/p' said | paste -s -d ' ')"

  stand_in bin/clang-tidy <<<'exit 1'
  expect 'stages after a finding of clang-tidy' 'packages headers clang-tidy' \
    "$(stages test --sanitized)"
  expect 'the stage' 'dev: the stage "clang-tidy" failed' "$(tail -n 1 said)"
  stand_in bin/clang-tidy <<<'exit 0'

  expect 'status of a sanitized filter' 64 "$(dev_status test --sanitized Name)"
  expect 'status of two filters' 64 "$(dev_status test One Two)"
  expect 'status of an unknown option' 64 "$(dev_status test --quick)"
}

continuous_integration_runs_the_tests_and_then_the_sanitized_ones() {
  local status=0
  stand_in bin/ctest <<<'exit 0'
  .ci/run >said 2>&1 </dev/null || status=$?
  expect 'status of .ci/run' 0 "$status"
  expect 'its stages' "packages format scripts protobuf build tests\
 packages headers clang-tidy asan-ubsan" "$(stages_said)"
}

missing_packages_are_named_where_they_cannot_be_installed
once_ends_with_the_quickstart
a_server_that_does_not_start_gives_its_status
run_serves_until_it_is_told_to_stop
a_failing_stage_is_named
each_kind_of_test_has_its_stages
continuous_integration_runs_the_tests_and_then_the_sanitized_ones
exit $((failures > 0))
