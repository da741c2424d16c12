#!/usr/bin/env bash
# Reads from an ELF binary for x86_64 how it is hardened. Prints what it lacks, one word per line;
# exit status 1 if that is anything. Needs the binary's symbols: it is not stripped yet.
#
#   tests/deploy/hardening.sh build/release/service/owo-billing-server
#   tests/deploy/hardening.sh --self-test HARDENED PLAIN
set -euo pipefail

# Text is searched in variables: grep -q in a pipe ends it early, which pipefail takes for a
# failure.
lacking() {
  local binary=$1 headers symbols code
  headers=$(readelf --file-header --program-headers --dynamic --wide "$binary")
  symbols=$(readelf --symbols --wide "$binary")
  code=$(objdump --disassemble --no-show-raw-insn "$binary")

  grep -Eq 'FLAGS_1.* PIE' <<<"$headers" || echo pie
  grep -Eq '^ *GNU_RELRO ' <<<"$headers" || echo relro
  grep -Eq 'FLAGS_1.* NOW' <<<"$headers" || echo now
  grep -Eq '^ *GNU_STACK .* RW +0x' <<<"$headers" || echo noexecstack
  ! grep -Eq '^ *LOAD .* RWE ' <<<"$headers" || echo no-writable-code
  grep -q '__stack_chk_fail' <<<"$symbols" || echo stack-protector
  grep -Eq '__(mem|str|v?s?n?printf|v?fprintf|fread|read)[a-z]*_chk' <<<"$symbols" || echo fortify
  # The first instruction of main is a mark for indirect branches. Large frames are touched page by
  # page.
  grep -A1 '<main>:$' <<<"$code" | grep -q endbr64 || echo cf-protection
  grep -Eq 'sub +[$]0x1000,%rsp' <<<"$code" || echo stack-clash-protection
}

# The first binary has everything, the second nothing.
self_test() {
  local found all='pie relro now noexecstack stack-protector fortify cf-protection'
  all+=' stack-clash-protection'
  found=$(lacking "$1" | xargs)
  [[ -z $found ]] || { echo "$1 lacks: $found" && return 1; }
  found=$(lacking "$2" | xargs)
  [[ $found == "$all" ]] || { echo "$2 lacks: $found; want: $all" && return 1; }
}

if [[ ${1:-} == --self-test ]]; then
  self_test "$2" "$3"
else
  found=$(lacking "$1")
  [[ -z $found ]] || { echo "$found" && exit 1; }
fi
