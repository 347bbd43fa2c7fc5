#!/usr/bin/env bash
# Fuzzes every target for some seconds, as many at once as there are processors, from the inputs in corpus/. Needs a C++
# compiler (libFuzzer is built from source) and nothing else that stable Rust has not: coverage comes from LLVM's own pass.
# Fails when an input makes a target panic, take 10 seconds or 512 MiB; the input is then in artifacts/TARGET/.
#
# Usage: fuzz/run.sh [SECONDS [TARGET...]]      [default: 5, all]
#   FUZZ_CORPUS  where inputs that reach something new are kept [default: target/corpus, so that runs build on one another]
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-5}
shift || true
host=x86_64-unknown-linux-gnu
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    for source in fuzz_targets/*.rs; do
        targets+=("$(basename "$source" .rs)")
    done
fi

# With --target, build scripts and macros are not instrumented. cargo-fuzz sets the same, and a sanitizer that needs nightly.
level=-Cllvm-args=-sanitizer-coverage
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module $level-level=4 $level-inline-8bit-counters $level-pc-table $level-trace-compares" \
    cargo build --release --locked --quiet --target "$host" "${targets[@]/#/--bin=}"

fuzz() {
    local target=$1 corpus=${FUZZ_CORPUS:-target/corpus}/$1 log
    log=target/$target.log
    mkdir -p "$corpus" "artifacts/$target"
    if RUST_BACKTRACE=1 "target/$host/release/$target" "$corpus" "corpus/$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" > "$log" 2>&1; then
        echo "$target: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs"
    else
        cat "$log"
        echo "$target: FAILED; $(ls "artifacts/$target")"
        return 1
    fi
}
export -f fuzz
export seconds host
printf '%s\0' "${targets[@]}" | xargs -0 -P "$(nproc)" -I '{}' bash -euo pipefail -c 'fuzz "{}"'
rm -rf /dev/shm/vastimg-fuzz.*
