exec "$BENCH_BIN/pipeyard" job create --file pipeline.yml --stream --output none
