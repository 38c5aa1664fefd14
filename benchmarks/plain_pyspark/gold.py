"""Gold: dimensions, workouts and stays, heart rates."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from benchmarks.plain_pyspark.frames import (
    Tables,
    band,
    first_of,
    in_band,
    key,
    local_date,
    member_key,
    minutes_between,
    seconds_between,
    years,
)
from benchmarks.plain_pyspark.silver import Silver

OF_PROFILE = ("sex", "gender", "city", "state")


def build_gold(tables: Tables, silver: Silver) -> None:
    """Write gold; what is used again is cached."""
    tables.write(devices(silver), "gold/dim_device")
    tables.write(history(tables, silver), "gold/dim_member_history")
    tables.write(members(tables, silver), "gold/dim_member")
    located = located_of(silver).cache()
    facts = tables.write(workouts(silver, located), "gold/fct_workout").cache()
    sessions = tables.write(gym_sessions(silver, located), "gold/gym_summary").cache()
    tables.write(gym_days(silver, sessions), "gold/gym_summary_daily")
    beats, profiled = beats_of(silver).cache(), profiled_of(silver).cache()
    tables.write(bpm_summary(tables, beats, facts, profiled), "gold/workout_bpm_summary")
    tables.write(zone_minutes(tables, beats, facts, profiled), "gold/heart_rate_zone_minutes")


def devices(silver: Silver) -> DataFrame:
    """One row a member and device."""
    device_key = key("device", f.col("member_id"), f.col("device_id")).alias("device_key")
    return silver.registered.select(device_key, member_key(), "member_id", "device_id", "mac_address", "registered_at")


def history(tables: Tables, silver: Silver) -> DataFrame:
    """One row a version of a member."""
    aged = silver.versions.withColumn("age", years(f.col("dob"), f.col("valid_from")))
    return aged.join(tables.bands(), in_band(), "left").select(
        version_key().alias("member_version_key"),
        member_key(),
        *("member_id", "version_number"),
        f.col("update_type").alias("change_type"),
        band(),
        *OF_PROFILE,
        "zip",
        f.col("valid_to").isNull().alias("is_current"),
        *("valid_from", "valid_to"),
    )


def version_key():
    """The key of a version of a member."""
    return key("member version", f.col("member_id"), f.col("version_number"))


def members(tables: Tables, silver: Silver) -> DataFrame:
    """One row a member; ages are of the newest date in the data."""
    days = [
        silver.stays.agg(f.max("business_date")),
        silver.events.agg(f.max("event_at").cast("date")),
        silver.changes.agg(f.max("changed_at").cast("date")),
        tables.read("lifelog/daily").agg(f.max("date")),
    ]
    today = f.lit(max(one.first()[0] for one in days))
    current = first_of(silver.versions, ["member_id"], [f.desc("version_number")]).withColumn("known", f.lit(True))
    worn = silver.registered.groupBy("member_id").agg(
        f.count("*").alias("worn"), f.min("registered_at").alias("first_device_registered_at")
    )
    rows = silver.members.join(current, "member_id", "left").join(worn, "member_id", "left")
    rows = rows.withColumn("age", years(f.col("dob"), today)).join(tables.bands(), in_band(), "left")
    return rows.select(
        member_key(),
        "member_id",
        f.when(f.col("known"), version_key()).alias("current_version_key"),
        band(),
        *OF_PROFILE,
        "zip",
        f.coalesce("worn", f.lit(0)).alias("device_count"),
        f.coalesce("known", f.lit(False)).alias("has_profile"),
        f.col("valid_to").isNotNull().alias("is_deleted"),
        f.col("valid_from").alias("profile_changed_at"),
        f.col("valid_to").alias("deleted_at"),
        "first_device_registered_at",
    )


def located_of(silver: Silver) -> DataFrame:
    """Every stay and complete workout begun within it, the stay with the latest login first."""
    pairs = silver.stays.select("gym_login_key", "member_id", "login_at", "until")
    pairs = pairs.join(silver.workouts.where("is_complete"), "member_id")
    pairs = pairs.where("started_at >= login_at and started_at <= until")
    nearest = Window.partitionBy("workout_key").orderBy(f.desc("login_at"), "gym_login_key")
    return pairs.select("gym_login_key", "workout_key", f.row_number().over(nearest).alias("rank"))


def workouts(silver: Silver, located: DataFrame) -> DataFrame:
    """One row a session of a workout."""
    rows = silver.workouts.join(located.where("rank = 1"), "workout_key", "left")
    rows = rows.join(silver.stays.select("gym_login_key", "gym_id", "time_zone"), "gym_login_key", "left")
    begun, zone = f.coalesce("started_at", "stopped_at"), f.coalesce("time_zone", f.lit("UTC"))
    return rows.select(
        "workout_key",
        member_key(),
        *("gym_login_key", "member_id", "workout_id", "session_id", "gym_id", "incomplete_reason"),
        minutes_between("started_at", "stopped_at").alias("minutes_exercising"),
        *("is_complete", "started_at", "stopped_at"),
        local_date(begun, zone).alias("business_date"),
    )


def gym_sessions(silver: Silver, located: DataFrame) -> DataFrame:
    """One row a stay and session within it."""
    rows = located.join(silver.stays.drop("member_id"), "gym_login_key").join(silver.workouts, "workout_key")
    return rows.select(
        key(f.col("gym_login_key"), f.col("workout_key")).alias("gym_summary_key"),
        *("gym_login_key", "workout_key"),
        member_key(),
        f.col("business_date").alias("date"),
        *("gym_id", "mac_address", "workout_id", "session_id"),
        minutes_between("login_at", "logout_at").alias("minutes_in_gym"),
        minutes_between("started_at", "stopped_at").alias("minutes_exercising"),
        f.col("logout_at").isNull().alias("is_open"),
    )


def gym_days(silver: Silver, sessions: DataFrame) -> DataFrame:
    """One row a gym and day."""
    stays = sessions.groupBy("gym_id", "date", "gym_login_key").agg(f.max("minutes_in_gym").alias("minutes"))
    stays = stays.groupBy("gym_id", "date").agg(
        f.count("*").alias("stay_count"), f.sum(f.round(f.col("minutes") * 60).cast("bigint")).alias("in_gym")
    )
    named = f.concat_ws(":", f.col("member_id"), f.col("workout_id"), f.col("session_id"))
    exercised = sessions.select("gym_id", "date", "workout_key").distinct().join(silver.workouts, "workout_key")
    exercised = exercised.groupBy("gym_id", "date").agg(
        f.array_join(f.sort_array(f.collect_set(named)), ", ").alias("workouts"),
        f.countDistinct("member_id").alias("member_count"),
        f.count("*").alias("session_count"),
        f.sum(seconds_between("started_at", "stopped_at")).alias("exercising"),
    )
    return stays.join(exercised, ["gym_id", "date"]).select(
        key(f.col("gym_id"), f.col("date")).alias("gym_day_key"),
        *("gym_id", "date", "workouts", "member_count", "stay_count", "session_count"),
        (f.col("in_gym").cast("double") / 60).alias("minutes_in_gym"),
        (f.col("exercising").cast("double") / 60).alias("minutes_exercising"),
    )


def beats_of(silver: Silver) -> DataFrame:
    """Readings and seconds of each workout and heart rate."""
    carried = silver.workouts.where("is_complete").join(silver.device_owners, "member_id")
    carried = carried.where("stopped_at >= owned_from and started_at < owned_to").select(
        *("workout_key", "device_id", "started_at", "stopped_at", "owned_from", "owned_to"),
        f.expr("explode(sequence(cast(started_at as date), cast(stopped_at as date)))").alias("measured_date"),
    )
    lasts = seconds_between(f.col("measured_at"), f.least(f.coalesce("next_at", "stopped_at"), "stopped_at"))
    return (
        silver.readings.where("is_valid")
        .join(f.broadcast(carried), ["device_id", "measured_date"])
        .where("measured_at > started_at and measured_at <= stopped_at")
        .where("measured_at >= owned_from and measured_at < owned_to")
        .withColumn("bpm", f.col("bpm").cast("decimal(9,3)"))
        .groupBy("workout_key", "bpm")
        .agg(f.count("*").alias("readings"), f.sum(f.least(f.lit(10), lasts)).alias("seconds"))
    )


def profiled_of(silver: Silver) -> DataFrame:
    """Who trained: the profile as it was when the workout began, else the member's first one."""
    rows = silver.workouts.where("is_complete").join(silver.versions, "member_id")
    before, number = f.col("valid_from") <= f.col("started_at"), f.col("version_number")
    nearest = [f.desc(before), f.when(before, -number).otherwise(number)]
    age = years(f.col("dob"), f.col("started_at")).alias("age")
    return first_of(rows, ["workout_key"], nearest).select("workout_key", *OF_PROFILE, age)


def bpm_summary(tables: Tables, beats: DataFrame, facts: DataFrame, profiled: DataFrame) -> DataFrame:
    """One row a workout with valid readings."""
    sums = beats.groupBy("workout_key").agg(
        f.sum("readings").alias("num_recordings"),
        f.min("bpm").alias("min_bpm"),
        f.sum(f.col("bpm") * f.col("readings")).alias("sum_bpm"),
        f.max("bpm").alias("max_bpm"),
    )
    rows = sums.join(facts, "workout_key").join(profiled, "workout_key", "left")
    return rows.join(tables.bands(), in_band(), "left").select(
        *("workout_key", "member_key", "workout_id", "session_id"),
        f.col("member_id").alias("user_id"),
        f.col("business_date").alias("date"),
        band(),
        *OF_PROFILE,
        "num_recordings",
        f.col("min_bpm").cast("double").alias("min_bpm"),
        (f.col("sum_bpm").cast("double") / f.col("num_recordings")).alias("avg_bpm"),
        f.col("max_bpm").cast("double").alias("max_bpm"),
    )


def zone_minutes(tables: Tables, beats: DataFrame, facts: DataFrame, profiled: DataFrame) -> DataFrame:
    """One row a workout, scheme and zone."""
    columns = "scheme string, zone int, zone_name string, counts_from_rest int"
    zones = tables.seed("heart_rate_zones", f"{columns}, lowest_share decimal(4,2), upper_share decimal(4,2)")
    whole, above = f.expr("211 - 0.64 * age - counts_from_rest * 60"), f.expr("bpm - counts_from_rest * 60")
    rows = beats.join(profiled, "workout_key")
    rows = rows.join(facts.select("workout_key", "member_key", "business_date"), "workout_key").crossJoin(zones)
    rows = rows.where((above >= f.col("lowest_share") * whole) & (above < f.col("upper_share") * whole))
    rows = rows.groupBy("workout_key", "member_key", "business_date", "scheme", "zone", "zone_name").agg(
        f.sum("readings").alias("reading_count"), (f.sum("seconds").cast("double") / 60).alias("zone_minutes")
    )
    return rows.withColumn("heart_rate_zone_key", key(f.col("workout_key"), f.col("scheme"), f.col("zone")))
