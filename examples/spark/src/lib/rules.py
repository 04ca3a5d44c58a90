"""Which trips can be true."""

from pyspark.sql import Column
from pyspark.sql.functions import col


def is_plausible(longest: float) -> Column:
    """A trip begins at a station and takes some time, but not more than the longest."""
    return col("minutes").between(1, longest) & (col("from") != "??")
