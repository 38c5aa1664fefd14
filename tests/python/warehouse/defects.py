"""A table for each defect that the gate must find: how its rows come about, what its contract says, what is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """`rows`: a query over the sound table `gold.fct_visit` (visit_id, member_id, minutes, visit_date; 100 visits), in
    SQL that DuckDB and Spark share. `contract`: the hand-written part. `check`, `message`, `keys`: the one failure."""

    rows: str
    check: str
    message: str
    keys: tuple[int | None, ...] = ()
    contract: str = ""


SCHEMA = "columns and types are as declared"
UNIQUE = "(visit_id) is unique"
ALL = "select visit_id, member_id, minutes, visit_date"

DEFECTS = {
    "duplicate_key": Defect(
        "select * from gold.fct_visit union all select * from gold.fct_visit where visit_id in (3, 7)",
        UNIQUE,
        "failing rows: 2, must be 0",
        (3, 7),
    ),
    "missing_key": Defect(
        "select nullif(visit_id, 4) as visit_id, member_id, minutes, visit_date from gold.fct_visit",
        "visit_id: the key visit_id is there",
        "rows without a value: 1, must be 0",
        (None,),
    ),
    "narrower_type": Defect(
        "select visit_id, cast(member_id as int) as member_id, minutes, visit_date from gold.fct_visit",
        SCHEMA,
        "member_id is integer, declared bigint",
    ),
    "text_for_number": Defect(
        "select visit_id, member_id, cast(minutes as varchar(20)) as minutes, visit_date from gold.fct_visit",
        SCHEMA,
        "minutes is varchar, declared double",
    ),
    "decimal_for_double": Defect(
        "select visit_id, member_id, cast(minutes as decimal(18, 3)) as minutes, visit_date from gold.fct_visit",
        SCHEMA,
        "minutes is decimal(18,3), declared double",
    ),
    "undeclared_column": Defect(
        f"{ALL}, 'x' as note from gold.fct_visit",
        SCHEMA,
        "undeclared column note",
    ),
    "lost_column": Defect(
        "select visit_id, member_id, visit_date from gold.fct_visit",
        SCHEMA,
        "missing column minutes",
    ),
    "other_order": Defect(
        "select visit_id, minutes, member_id, visit_date from gold.fct_visit",
        SCHEMA,
        "the columns are in another order",
    ),
    "volume_drop": Defect(
        f"{ALL} from gold.fct_visit where visit_id < 49",
        "rows against the live release",
        "rows: 49, must be at least 50",
    ),
    "out_of_range": Defect(
        "select visit_id, member_id, case when visit_id between 11 and 17 then -5 else minutes end as minutes, "
        "visit_date from gold.fct_visit",
        "minutes: No invalid values",
        "invalid values: 7, must be 0",
        (11, 12, 13, 14, 15),
        "columns: [{name: minutes, checks: [{invalid: {valid_min: 0, valid_max: 89}}]}]",
    ),
    "broken_relation": Defect(
        "select visit_id, case when visit_id = 20 then 99 else member_id end as member_id, minutes, visit_date "
        "from gold.fct_visit",
        "member_id: is a known member",
        "invalid values: 1, must be 0",
        (20,),
        "columns: [{name: member_id, checks: [{invalid: {name: is a known member, valid_reference_data: "
        "{dataset: gymhouse/gold/visits_daily, column: member_id}}}]}]",
    ),
    "failing_expression": Defect(
        "select visit_id, member_id, case when visit_id = 20 then 500 else minutes end as minutes, visit_date "
        "from gold.fct_visit",
        "short",
        "failing rows: 1, must be 0",
        (20,),
        "checks: [{failed_rows: {name: short, qualifier: s, expression: '\"minutes\" > 400'}}]",
    ),
    "failing_query": Defect(
        "select visit_id, member_id, case when visit_id = 20 then 500 else minutes end as minutes, visit_date "
        "from gold.fct_visit",
        "short",
        "failing rows: 1, must be 0",
        (20,),
        "checks: [{failed_rows: {name: short, qualifier: s, query: "
        "select * from gold.failing_query where minutes > 400}}]",
    ),
    "repeated_value": Defect(
        "select visit_id, member_id, cast(case when visit_id < 2 then 1 else visit_id end as double) as minutes, "
        "visit_date from gold.fct_visit",
        "minutes: No duplicate values",
        "duplicates: 1, must be 0",
        (0, 1),
        "columns: [{name: minutes, checks: [duplicate: ]}]",
    ),
    "too_many_missing": Defect(
        "select visit_id, member_id, case when visit_id < 80 then minutes end as minutes, visit_date "
        "from gold.fct_visit",
        "minutes: No missing values",
        "rows without a value: 20%, must be less than 5%",
        (80, 81, 82, 83, 84),
        "columns: [{name: minutes, checks: [missing: {threshold: {metric: percent, must_be_less_than: 5}}]}]",
    ),
    "strange_mean": Defect(
        "select visit_id, member_id, minutes + 1000 as minutes, visit_date from gold.fct_visit",
        "minutes: Metric function meets threshold",
        "value: 1,040.5, must be less than 100",
        (),
        "columns: [{name: minutes, checks: [aggregate: {function: avg, threshold: {must_be_less_than: 100}}]}]",
    ),
    "strange_share": Defect(
        f"{ALL} from gold.fct_visit",
        "share of long visits",
        "value: 0.59, must be at most 0.5",
        (),
        "checks: [{metric: {name: share of long visits, qualifier: long, expression: "
        "avg(case when minutes > 30 then 1e0 else 0e0 end), threshold: {must_be_less_than_or_equal: 0.5}}}]",
    ),
    "broken_check": Defect(
        f"{ALL} from gold.fct_visit",
        "odd",
        "no_such_column",
        (),
        "checks: [{failed_rows: {name: odd, qualifier: s, expression: no_such_column > 1}}]",
    ),
}
