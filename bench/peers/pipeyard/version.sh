"$BENCH_BIN/pipeyard" --version
