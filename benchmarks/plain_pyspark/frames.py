"""What silver and gold share: the places of tables, and columns that both need."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as f


@dataclass(frozen=True)
class Tables:
    """Raw tables, seeds, and the folder that is written to."""

    spark: SparkSession
    raw: str
    seeds: str
    out: str

    def read(self, table: str) -> DataFrame:
        """A raw table, as `devices/bpm`."""
        return self.spark.read.option("recursiveFileLookup", "true").parquet(f"{self.raw}/{table}")

    def seed(self, name: str, schema: str) -> DataFrame:
        """A small table of the project."""
        return f.broadcast(self.spark.read.csv(f"{self.seeds}/{name}.csv", schema=schema, header=True))

    def bands(self) -> DataFrame:
        """Age bands."""
        return self.seed("age_bands", "age_band string, lowest_age int, highest_age int")

    def write(self, rows: DataFrame, name: str) -> DataFrame:
        """Write a table, and give it as it was written."""
        rows.write.mode("overwrite").parquet(f"{self.out}/{name}")
        return self.spark.read.parquet(f"{self.out}/{name}")


def key(*parts: object) -> Column:
    """An md5 over texts; NULL is one of its own."""
    texts = [part if isinstance(part, Column) else f.lit(part) for part in parts]
    return f.md5(f.concat_ws("|", *[f.coalesce(text.cast("string"), f.lit("~null~")) for text in texts]))


def member_key() -> Column:
    """The key of a member."""
    return key("member", f.col("member_id")).alias("member_key")


def years(born: Column, day: Column) -> Column:
    """Completed years of life."""
    days = f.date_format(day, "yyyyMMdd").cast("int") - f.date_format(born, "yyyyMMdd").cast("int")
    return f.floor(days / 10000).cast("int")


def seconds_between(one: str | Column, other: str | Column) -> Column:
    """Whole seconds from one time to another."""
    return f.unix_timestamp(other) - f.unix_timestamp(one)


def minutes_between(one: str, other: str) -> Column:
    """Minutes from one time to another."""
    return seconds_between(one, other).cast("double") / 60


def local_date(moment: Column, zone: Column) -> Column:
    """The day of a UTC time in a zone."""
    return f.from_utc_timestamp(moment, zone).cast("date")


def in_band() -> Column:
    """Whether `age` lies in an age band."""
    return f.col("age").between(f.col("lowest_age"), f.col("highest_age"))


def band() -> Column:
    """The age band, if known."""
    return f.coalesce("age_band", f.lit("unknown")).alias("age_band")


def first_of(rows: DataFrame, by: list[str], order: list[Column]) -> DataFrame:
    """The first row of each group."""
    ranked = rows.withColumn("rank", f.row_number().over(Window.partitionBy(*by).orderBy(*order)))
    return ranked.where("rank = 1").drop("rank")
