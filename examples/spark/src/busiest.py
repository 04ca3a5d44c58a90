"""Find the station of each district where most trips begin."""

import argparse

from pyspark.sql import SparkSession, Window
from pyspark.sql.functions import avg, col, count, round, row_number


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trips")
    parser.add_argument("--stations")
    parser.add_argument("--busiest")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("busiest").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    trips = spark.read.parquet(args.trips)
    stations = spark.read.csv(args.stations, header=True)
    counted = (
        trips.join(stations, trips["from"] == stations["id"])
        .groupBy("district", "name")
        .agg(count("*").alias("trips"), round(avg("minutes"), 1).alias("minutes"))
    )
    first = Window.partitionBy("district").orderBy(col("trips").desc(), "name")
    busiest = counted.withColumn("place", row_number().over(first)).where("place = 1").drop("place")
    busiest.orderBy("district").coalesce(1).write.mode("overwrite").csv(args.busiest, header=True)
    busiest.orderBy("district").show()
    spark.stop()


if __name__ == "__main__":
    main()
