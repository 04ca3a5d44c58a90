"""Read the trips of every month, and keep those that can be true, as Parquet."""

import argparse

from pyspark.sql import SparkSession
from rules import is_plausible


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trips")
    parser.add_argument("--longest", type=float, default=180)
    parser.add_argument("--good")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("clean").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    columns = "started TIMESTAMP, `from` STRING, `to` STRING, minutes DOUBLE"
    trips = spark.read.csv(args.trips, header=True, schema=columns).cache()
    good = trips.where(is_plausible(args.longest))
    good.write.mode("overwrite").parquet(args.good)
    print(f"{good.count()} of {trips.count()} trips are good")
    spark.stop()


if __name__ == "__main__":
    main()
