# Build the wheel of this checkout and install it, byte-compiled, with its locked dependencies.
set -e
top=$(cd "$HERE/../../.." && pwd)
"$BENCH_UV" venv --quiet --clear --python "$BENCH_BASE_PYTHON" "$BENCH_VENV"
"$BENCH_UV" build --quiet --wheel --python "$BENCH_BASE_PYTHON" --out-dir "$BENCH_VENV/dist" "$top"
"$BENCH_UV" pip install --quiet --python "$BENCH_VENV/bin/python" --require-hashes --compile-bytecode -r "$top/requirements/base.txt"
"$BENCH_UV" pip install --quiet --python "$BENCH_VENV/bin/python" --no-deps --compile-bytecode "$BENCH_VENV"/dist/*.whl
