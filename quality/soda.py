"""Run one completed contract with Soda, quietly, over a warehouse that is already open."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from soda_core.common.data_source_impl import DataSourceImpl
from soda_core.common.sql_ast import COLUMN, SELECT
from soda_core.common.yaml import ContractYamlSource, FileType, YamlObject
from soda_core.contracts.contract_verification import CheckOutcome, CheckResult, ContractVerificationSession
from soda_core.contracts.impl.check_types.schema_check import SchemaCheckResult
from soda_core.contracts.impl.contract_verification_impl import (
    CheckImpl,
    ContractVerificationHandler,
    ContractVerificationHandlerRegistry,
)

from gymhouse.artifacts import Table, quoted
from gymhouse.masking import engine_said
from quality.contracts import as_yaml, count_checks
from quality.privacy import number, sample
from warehouse import Warehouse

COMPARISONS = {
    "must_be": "must be",
    "must_not_be": "must not be",
    "must_be_greater_than": "must be more than",
    "must_be_greater_than_or_equal": "must be at least",
    "must_be_less_than": "must be less than",
    "must_be_less_than_or_equal": "must be at most",
}
COUNTED = {
    "missing": "rows without a value",
    "invalid": "invalid values",
    "duplicate": "duplicates",
    "row_count": "rows",
    "failed_rows": "failing rows",
}


@dataclass(frozen=True)
class Outcome:
    """How one check of a table ended: `status` is passed, warned, failed or not_evaluated."""

    table: str
    check: str
    status: str
    message: str = ""
    sample_keys: list[dict] = field(default_factory=list)


class _KeepChecks(ContractVerificationHandler, threading.local):
    """Soda's hook after a contract: keeps the checks, which know the condition that failing rows meet.

    Tables may be verified side by side, each in a thread of its own.
    """

    checks: tuple[CheckImpl, ...] = ()

    def handle(self, contract_impl, *args, **kwargs) -> None:
        self.checks = tuple(contract_impl.all_check_impls)

    def provides_post_processing_stages(self) -> list:
        return []


class _ContractText(ContractYamlSource, file_type=FileType.CONTRACT):
    """A contract as text. All of Soda shares one parser, which reads one text at a time."""

    one_at_a_time = threading.Lock()

    def parse(self) -> YamlObject:
        with self.one_at_a_time:
            return super().parse()


_kept = _KeepChecks()
ContractVerificationHandlerRegistry.register(_kept)
# Soda tells every step of every check at level INFO; results and errors are read from what it returns.
logging.getLogger("soda").setLevel(logging.ERROR)


def verify(
    source: DataSourceImpl, warehouse: Warehouse, table: Table, contract: dict
) -> tuple[list[Outcome], int | None]:
    """The outcome of each check of the contract, and the rows of the table (None when they could not be counted).

    A check that Soda did not come back to is an outcome too: not_evaluated.
    """
    _kept.checks = ()
    session = ContractVerificationSession.execute(
        [_ContractText.from_str(as_yaml(contract))], data_source_impls=[source]
    )
    (result,) = session.contract_verification_results
    # Without results Soda did not understand the contract; else the engine speaks, and may quote a row.
    errors = [engine_said(error, table.names) if result.check_results else error for error in session.get_errors()]
    reason = "; ".join(dict.fromkeys(errors)) or "no reason was given"
    impls = {impl.identity: impl for impl in _kept.checks}
    outcomes = []
    for check in result.check_results:
        impl = impls[check.check.identity]
        outcomes.append(_outcome(warehouse, source, table, check, impl, reason))
    lost = count_checks(contract) - len(outcomes)
    if lost:
        outcomes.append(
            Outcome(table.id, f"{lost} checks of the contract", "not_evaluated", f"not evaluated: {reason}")
        )
    rows = next((check.threshold_value for check in result.check_results if check.check.type == "row_count"), None)
    return outcomes, rows


def _outcome(warehouse, source, table: Table, check: CheckResult, impl: CheckImpl, reason: str) -> Outcome:
    name = f"{check.check.column_name}: {check.check.name}" if check.check.column_name else check.check.name
    if check.outcome == CheckOutcome.PASSED:
        return Outcome(table.id, name, "passed")
    if check.outcome not in {CheckOutcome.FAILED, CheckOutcome.WARN}:
        return Outcome(table.id, name, "not_evaluated", f"not evaluated: {reason}")
    message = _drift(check) if isinstance(check, SchemaCheckResult) else _compared(check, table)
    rows_sql = _failing_rows(source, table, impl)
    shown = [column for column in table.key if column not in table.personal]
    keys = sample(warehouse, rows_sql, shown) if rows_sql else []
    return Outcome(table.id, name, "failed" if check.outcome == CheckOutcome.FAILED else "warned", message, keys)


def _compared(check: CheckResult, table: Table) -> str:
    """Value against threshold. The value of an aggregate over personal data would itself be personal data."""
    limits = check.check.threshold
    wanted = " and ".join(
        f"{words} {number(getattr(limits, name))}"
        for name, words in COMPARISONS.items()
        if getattr(limits, name) is not None
    )
    counted = COUNTED.get(check.check.type)
    if counted is None and check.check.column_name in table.personal:
        return f"value: not shown (personal data), {wanted}"
    percent = "%" if "metric: percent" in check.check.definition else ""
    return f"{counted or 'value'}: {number(check.threshold_value)}{percent}, {wanted}{percent}"


def _drift(check: SchemaCheckResult) -> str:
    parts = [f"missing column {name}" for name in check.expected_column_names_not_actual]
    parts += [f"undeclared column {name}" for name in check.actual_column_names_not_expected]
    parts += [
        f"{each.column} is {each.actual_data_type}, declared {each.expected_data_type}"
        for each in check.column_data_type_mismatches
    ]
    return "; ".join(parts + (["the columns are in another order"] if check.are_columns_out_of_order else []))


def _failing_rows(source, table: Table, impl: CheckImpl) -> str | None:
    """A query for the rows of `table` that made the check fail; None for checks that no single row makes fail."""
    if query := getattr(impl.check_yaml, "query", None):
        return query if impl.type == "failed_rows" else None
    if impl.type == "duplicate":
        columns = getattr(impl.check_yaml, "columns", None) or [impl.column_impl.column_yaml.name]
        key = ", ".join(quoted(column) for column in columns)
        twice = f"select {key} from {table.relation} group by {key} having count(*) > 1"
        return f"select * from {table.relation} where ({key}) in ({twice})"
    if impl.type not in {"missing", "invalid", "failed_rows"}:
        return None
    dialect = source.sql_dialect
    if reference := getattr(impl, "ref_query", None):
        columns = SELECT([COLUMN(name).IN(reference.referencing_alias) for name in table.key])
        return dialect.build_select_sql(reference.build_query(impl.scope.cte, columns), add_semicolon=False)
    condition = impl.get_threshold_metric_impl().sql_condition_expression()
    return f"select * from {table.relation} where {dialect.build_expression_sql(condition)}"
