exec "$BENCH_BIN/pipeyard" server run --port "$BENCH_PORT"
