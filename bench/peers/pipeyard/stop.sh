# With the launcher, which would otherwise outlive the server.
"$BENCH_BIN/pipeyard" server stop
