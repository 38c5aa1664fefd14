"""Silver: devices, profile versions, stays, workouts, readings."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from benchmarks.plain_pyspark.frames import Tables, first_of, key, local_date, seconds_between

DAY = 86_400
CONTENT = ("first_name", "last_name", "street_address", "city", "state", "zip", "sex", "gender", "dob")


@dataclass(frozen=True)
class Silver:
    """The tables that gold is made from."""

    registered: DataFrame
    device_owners: DataFrame
    changes: DataFrame
    versions: DataFrame
    members: DataFrame
    stays: DataFrame
    events: DataFrame
    workouts: DataFrame
    readings: DataFrame


def build_silver(tables: Tables) -> Silver:
    """Write silver (and `dim_location`, which stays need); what is used again is cached."""
    registered = tables.write(registrations(tables), "silver/devices")
    device_owners = owners(registered, "device_id").cache()
    changes = profile_changes(tables).cache()
    versions = tables.write(versions_of(changes), "silver/profile_versions").cache()
    members = changes.select("member_id").union(registered.select("member_id")).distinct().cache()
    logins = logins_of(tables).cache()
    places = tables.write(places_of(tables, logins), "gold/dim_location")
    stays = tables.write(stays_of(logins, places, owners(registered, "mac_address")), "silver/stays").cache()
    events = events_of(tables, members).cache()
    workouts = tables.write(workouts_of(events), "silver/workouts").cache()
    readings = tables.write(readings_of(tables, device_owners), "silver/heart_rate")
    return Silver(registered, device_owners, changes, versions, members, stays, events, workouts, readings)


def registrations(tables: Tables) -> DataFrame:
    """One registration a member and device, the first."""
    rows = tables.read("devices/registered_devices").select(
        f.col("user_id").alias("member_id"),
        "device_id",
        f.trim(f.lower("mac_address")).alias("mac_address"),
        f.timestamp_seconds("registration_timestamp").alias("registered_at"),
    )
    return first_of(rows, ["member_id", "device_id"], [f.asc("registered_at"), f.asc_nulls_last("mac_address")])


def owners(registered: DataFrame, by: str) -> DataFrame:
    """Who owned a device when, by one of its identifiers."""
    order = Window.partitionBy(by).orderBy("registered_at", "member_id", "device_id")
    rows = registered.where(f.col(by).isNotNull())
    rows = rows.withColumn("number", f.row_number().over(order))
    rows = rows.withColumn("next_at", f.lead("registered_at").over(order))
    return rows.where("next_at is null or number = 1 or next_at > registered_at").select(
        by,
        "member_id",
        f.expr("if(number = 1, timestamp '1900-01-01', registered_at)").alias("owned_from"),
        f.expr("coalesce(next_at, timestamp '9999-12-31')").alias("owned_to"),
    )


def profile_changes(tables: Tables) -> DataFrame:
    """The profile log as it was sent."""
    changes = tables.read("crm/profile_changes").withColumnRenamed("user_id", "member_id")
    changes = changes.withColumn("update_type", f.lower("update_type"))
    changes = changes.where("update_type in ('new', 'update', 'delete')")
    return changes.withColumn("changed_at", f.timestamp_seconds("timestamp"))


def versions_of(changes: DataFrame) -> DataFrame:
    """The profile log as versions with the time in which each was true."""
    same = ["member_id", "sequence", "update_type", *CONTENT, "changed_at"]
    changes = changes.groupBy(*same).agg(f.min("topic_offset").alias("topic_offset"))
    order = [f.asc_nulls_first(name) for name in ("sequence", "changed_at", "topic_offset", "update_type", *CONTENT)]
    changes = changes.withColumn("number", f.row_number().over(Window.partitionBy("member_id").orderBy(*order)))
    log = Window.partitionBy("member_id").orderBy("number")
    until_now = log.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    changes = changes.withColumn("valid_from", f.max("changed_at").over(until_now))
    changes = changes.withColumn("valid_to", f.lead("valid_from").over(log))
    return changes.where("update_type != 'delete'").withColumn("version_number", f.row_number().over(log))


def logins_of(tables: Tables) -> DataFrame:
    """One row a login; the latest logout after it counts."""
    logins = tables.read("access/gym_logins").withColumn("mac_address", f.trim(f.lower("mac_address")))
    logins = logins.groupBy("mac_address", "gym", "login").agg(
        f.max(f.expr("if(logout > login, logout, null)")).alias("logout")
    )
    return logins.select(
        key(f.col("mac_address"), f.col("gym"), f.col("login")).alias("gym_login_key"),
        "mac_address",
        f.col("gym").alias("gym_id"),
        f.timestamp_seconds("login").alias("login_at"),
        f.timestamp_seconds("logout").alias("logout_at"),
    )


def places_of(tables: Tables, logins: DataFrame) -> DataFrame:
    """The gyms, those that only turnstiles know among them."""
    content = ("time_zone", "location_name", "city", "state", "country")
    newest = [f.desc("updated_at"), *map(f.desc_nulls_last, content)]
    known = first_of(tables.read("club/locations"), ["gym"], newest).withColumnRenamed("gym", "gym_id")
    zones = tables.seed("time_zones", "known_zone string")
    return (
        known.select("gym_id")
        .union(logins.select("gym_id"))
        .distinct()
        .join(known.withColumn("is_mapped", f.lit(True)), "gym_id", "left")
        .join(zones, f.col("time_zone") == f.col("known_zone"), "left")
        .select(
            key("location", f.col("gym_id")).alias("location_key"),
            "gym_id",
            f.coalesce("location_name", f.lit("unmapped")).alias("location_name"),
            *("city", "state", "country"),
            f.coalesce("known_zone", f.lit("UTC")).alias("time_zone"),
            f.col("is_mapped").isNull().alias("is_unmapped"),
            f.col("known_zone").isNotNull().alias("has_known_time_zone"),
        )
    )


def stays_of(logins: DataFrame, places: DataFrame, mac_owners: DataFrame) -> DataFrame:
    """Logins with their gym's zone, the member who wore the device, and until when a workout belongs to them."""
    by_mac = Window.partitionBy("mac_address").orderBy("login_at", "gym_id")
    six_hours = f.col("login_at") + f.expr("interval 6 hours")
    open_until = f.least(six_hours, f.coalesce(f.lead("login_at").over(by_mac), six_hours))
    stays = logins.withColumn("open_until", open_until)
    stays = stays.join(f.broadcast(places.select("gym_id", "time_zone")), "gym_id")
    worn = stays.select("gym_login_key", "mac_address", "login_at").join(mac_owners, "mac_address")
    worn = worn.where("login_at >= owned_from and login_at < owned_to").select("gym_login_key", "member_id")
    stays = stays.join(worn, "gym_login_key", "left")
    longest = f.col("login_at") + f.expr("interval 24 hours")
    return stays.withColumn("business_date", local_date(f.col("login_at"), f.col("time_zone"))).withColumn(
        "until", f.least(f.coalesce("logout_at", "open_until"), longest)
    )


def events_of(tables: Tables, members: DataFrame) -> DataFrame:
    """Start and stop events of members, each once."""
    events = tables.read("devices/workouts").select(
        f.col("user_id").alias("member_id"),
        *("workout_id", "session_id"),
        f.lower("action").alias("action"),
        f.timestamp_seconds("timestamp").alias("event_at"),
    )
    return events.where("action in ('start', 'stop')").join(members, "member_id", "left_semi").distinct()


def workouts_of(events: DataFrame) -> DataFrame:
    """Start and stop events paired."""
    order = Window.partitionBy("member_id", "workout_id", "session_id").orderBy("event_at", f.desc("action"))
    rows = events
    for name in ("action", "event_at"):
        rows = rows.withColumn(f"next_{name}", f.lead(name).over(order))
        rows = rows.withColumn(f"former_{name}", f.lag(name).over(order))
    after, before = seconds_between("event_at", "next_event_at"), seconds_between("former_event_at", "event_at")
    is_long = after >= 3 * 3600
    is_start, is_stop = f.col("action") == "start", f.col("action") == "stop"
    stops = f.coalesce(is_start & (f.col("next_action") == "stop") & (after <= DAY), f.lit(False))
    ends = f.coalesce(is_stop & (f.col("former_action") == "start") & (before <= DAY), f.lit(False))
    rows = rows.where(~ends).select(
        *("member_id", "workout_id", "session_id"),
        f.when(is_stop, "no_start").when(~stops, "no_stop").when(is_long, "too_long").alias("incomplete_reason"),
        f.when(is_start, f.col("event_at")).alias("started_at"),
        f.when(is_stop, f.col("event_at")).when(stops, f.col("next_event_at")).alias("stopped_at"),
    )
    lonely = f.when(f.col("started_at").isNull(), "no start")
    at = f.unix_timestamp(f.coalesce("started_at", "stopped_at"))
    workout_key = key(f.col("member_id"), f.col("workout_id"), f.col("session_id"), lonely, at)
    return rows.withColumn("workout_key", workout_key).withColumn("is_complete", f.col("incomplete_reason").isNull())


def readings_of(tables: Tables, device_owners: DataFrame) -> DataFrame:
    """One reading a device and second, with the time of the next: valid before invalid, lower before higher."""
    readings = tables.read("devices/bpm").select(
        "device_id",
        f.col("heartrate").alias("bpm"),
        f.coalesce(f.col("heartrate").between(25, 240), f.lit(False)).alias("is_valid"),
        f.timestamp_seconds("time").alias("measured_at"),
    )
    readings = readings.join(f.broadcast(device_owners.select("device_id").distinct()), "device_id", "left_semi")
    # One window gives both: of equal seconds the last in this order stays, and what follows it is the next reading.
    order = Window.partitionBy("device_id").orderBy("measured_at", "is_valid", f.desc_nulls_last("bpm"))
    readings = readings.withColumn("next_at", f.lead("measured_at").over(order))
    readings = readings.where("next_at is null or next_at > measured_at")
    return readings.withColumn("measured_date", f.col("measured_at").cast("date"))
