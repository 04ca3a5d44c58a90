exec "$BENCH_BIN/pipeyard" compute create --name bench --type amlcompute --max-instances "$BENCH_JOBS" --output none
