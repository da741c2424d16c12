# shellcheck shell=bash
# The checks of `./dev lint` and the stages of `./dev test`; sourced by ./dev, whose functions
# `need`, `build`, `job_count` and `fail` it uses.

readonly SOURCE_DIRS=(service storage client tests)

# What clang-tidy can afford each time: no gRPC headers, no tests; what may be a bug, no style.
readonly QUICK_TIDY_DIRS=(service/rating service/telemetry service/ledger storage)
readonly QUICK_TIDY_CHECKS='-clang-analyzer-*,-modernize-*,-readability-*,-google-*'

# Lists our C++ files, separated by NUL.
cpp_files() {
  find "${SOURCE_DIRS[@]}" -name node_modules -prune -o -type f -name '*.h' -print0 \
    -o -type f -name '*.cc' -print0
}

buf() {
  (cd proto && ../node_modules/.bin/buf "$@")
}

check_format() {
  cpp_files | xargs -0 clang-format --dry-run -Werror
}

# Every bash script names bash in its first line.
check_scripts() {
  grep -rlIZ --exclude-dir=node_modules -e '^#!/usr/bin/env bash' -e '^# shellcheck shell=bash' \
    dev .ci deploy tests | xargs -0 shellcheck --external-sources
}

check_protos() {
  need_node_modules
  buf lint
  buf format --diff --exit-code
  buf breaking --against image.binpb
}

# tidy BUILD CHECKS DIRECTORY…: runs clang-tidy, with .clang-tidy and CHECKS, on the sources that
# BUILD compiles from these directories. Generated headers must be in build/dev.
tidy() {
  local directory
  for directory in "${@:3}"; do
    sed -nE "s|^ *\"file\": \"($PWD/($1/)?$directory/.*)\".*|\1|p" "$1/compile_commands.json"
  done | grep -v '\.pb\.cc$' |
    xargs -d '\n' -n 1 -P "$(job_count)" clang-tidy -p "$1" --quiet --checks="$2" \
      2> >(grep -v 'warnings generated' >&2)
}

# In a unity build, headers shared by several files are read once.
tidy_quickly() {
  tidy build/dev "$QUICK_TIDY_CHECKS" "${QUICK_TIDY_DIRS[@]}"
}

# Each file separately, because the static analyzer skips included code.
tidy_everything() {
  cmake --preset dev -B build/tidy -DOWO_BENCH=ON -DCMAKE_UNITY_BUILD=OFF >&2
  sed -i "s|$PWD/build/tidy\b|$PWD/build/dev|g" build/tidy/compile_commands.json
  tidy build/tidy '' "${SOURCE_DIRS[@]}"
}

lint_command() {
  (($# == 0)) || fail "lint takes no argument" 64
  need core test web
  check_format
  check_scripts
  check_protos
  build dev owo_records
  tidy_quickly
}

fmt_command() {
  (($# == 0)) || fail "fmt takes no argument" 64
  need core test web
  cpp_files | xargs -0 clang-format -i
  need_node_modules
  buf format -w
}

stages_done=()
stage_running=

# stage NAME COMMAND…: runs and times one stage of `./dev test`. A failure ends the script.
stage() {
  local began=$SECONDS
  stage_running=$1
  printf '\n== %s\n' "$1"
  "${@:2}"
  stages_done+=("$(printf '%6d s  %s' $((SECONDS - began)) "$1")")
  stage_running=
}

# At the end: the time of each stage, and which one failed.
report_stages() {
  local status=$?
  printf '\n== seconds per stage\n'
  ((${#stages_done[@]} == 0)) || printf '%s\n' "${stages_done[@]}"
  ((status == 0)) || printf '\ndev: the stage "%s" failed\n' "$stage_running" >&2
}

# run_ctest PRESET [OPTION…]: a test that exceeds the timeout is considered hung.
run_ctest() {
  local seconds=600
  [[ ${TEST_LONG:-} != 1 ]] || seconds=3600
  ctest --test-dir "build/$1" --parallel "$(job_count)" --output-on-failure --no-tests=error \
    --timeout "$seconds" "${@:2}"
}

# sanitize PRESET: builds everything that does not need gRPC, whose library would have to be
# instrumented too, and runs the tests of that build. Recording more than five frames per allocation
# would make the tests slower by a tenth.
sanitize() {
  build "$1"
  ASAN_OPTIONS=malloc_context_size=5:allow_addr2line=1 \
    run_ctest "$1" --label-exclude '^(dev|deploy)$'
}

# Builds the image and reads it. Its files get owners, which takes root.
check_image() {
  if ((EUID != 0)); then
    echo 'skipped: needs root'
    return
  fi
  need image
  deploy/build-image --local-base --tag owo-billing:test
  TEST_IMAGE=owo-billing:test tests/deploy/run --test-name-pattern='the built image'
}

# What each change has to pass.
check_change() {
  stage format check_format
  stage scripts check_scripts
  stage protobuf check_protos
  stage build build dev
  stage tests run_ctest dev
}

# What CI runs in addition. It takes as long again.
check_sanitized() {
  stage headers build dev owo_records
  stage clang-tidy tidy_quickly
  stage asan-ubsan sanitize asan-ubsan
}

prepare_long() {
  export TEST_LONG=1 TSAN_OPTIONS=ignore_noninstrumented_modules=1
  stage configure cmake --preset dev -DOWO_BENCH=ON
}

# Everything, which takes hours.
check_long() {
  prepare_long
  stage format check_format
  stage scripts check_scripts
  stage protobuf check_protos
  stage build build dev
  stage clang-tidy tidy_everything
  stage thread-safety build thread-safety
  stage tsan sanitize tsan
  stage image check_image
  stage asan-ubsan sanitize asan-ubsan
  stage tests run_ctest dev
}

# check_filtered KIND FILTER: only the tests whose names match.
check_filtered() {
  [[ $1 != long ]] || prepare_long
  stage build build dev
  stage tests run_ctest dev --tests-regex "$2"
}

test_command() {
  local kind=change
  case ${1:-} in
    --sanitized | --long) kind=${1#--} && shift ;;
  esac
  if (($# > 1)) || [[ ${1:-} == -* ]]; then
    fail "test takes one option and one filter" 64
  fi
  # ctest knows the programs of a sanitized build, but not their tests.
  [[ $kind != sanitized ]] || (($# == 0)) || fail "test --sanitized takes no filter" 64

  trap report_stages EXIT
  stage packages need core test web
  if (($# == 0)); then "check_$kind"; else check_filtered "$kind" "$1"; fi
}
