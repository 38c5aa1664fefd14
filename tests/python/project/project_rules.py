"""The rules of the dbt project that dbt itself does not know. Each takes the manifest and returns what breaks it."""

from __future__ import annotations

import re

from jinja2 import Environment

from gymhouse.artifacts import PERSONAL_TAG

FOLDERS = {
    "models/staging/": "staging",
    "models/intermediate/": "intermediate",
    "models/marts/": "marts",
    "snapshots/": "snapshots",
    "seeds/": "seeds",
}
MAY_READ = {
    "seeds": set(),
    "staging": {"sources"},
    "intermediate": {"staging", "seeds", "intermediate"},
    "marts": {"intermediate", "marts", "seeds"},
    "snapshots": {"intermediate"},
}
# Tables about the house's own work count the rows of every layer to their left.
MAY_READ_IN = {"models/marts/operations/": {"staging", *MAY_READ["marts"]}}
PREFIX = {
    "staging": re.compile(r"stg_(?P<folder>[a-z]+)__[a-z_]+"),
    "intermediate": re.compile(r"int_[a-z_]+"),
    "marts": re.compile(r"(?!stg_|int_)[a-z_]+"),
}
# Either the key itself is tested, or that the rows are those of a relation whose key is.
KEY_TESTS = ("table_rules", "rows_of")
# What a column says of its values, all of it proven by one test a table.
COLUMN_RULES = {"required", "lowest", "highest", "values"}
COLUMN_RULES_TEST = "table_rules"
SAID_AS_RULES = {"not_null": "required: true", "accepted_values": "values: [value, …]"}
PRIVATE_SCHEMA = "restricted"
GRAIN = "One row per "
COMMENT = re.compile(r"{#.*?#}|--[^\n]*|/\*.*?\*/", re.DOTALL)
CLOCK = re.compile(
    r"\b(current_date|current_time(stamp)?|localtimestamp|getdate|run_started_at)\b|\b(now|today|sysdate|get_current_\w+)\s*\(",
    re.IGNORECASE,
)
AS_OF = re.compile(r"\bvar\(['\"]as_of['\"]")


def wrong_directions(manifest: dict) -> list[str]:
    """Tables that read a layer they may not read."""
    found = []
    for table in _tables(manifest):
        layer, path = _layer(table), table["original_file_path"]
        allowed = next((may for folder, may in MAY_READ_IN.items() if path.startswith(folder)), MAY_READ[layer])
        for parent in table.get("depends_on", {}).get("nodes", []):
            if (read := _layer(_thing(manifest, parent))) not in allowed:
                found.append(
                    f"{path} ({layer}) reads {parent.split('.', 2)[2]} ({read}); it may read "
                    f"{', '.join(sorted(allowed)) or 'nothing'}. Move the model, or read what that layer makes for it."
                )
    return found


def wrong_names(manifest: dict) -> list[str]:
    """Models whose name does not say their layer, or staging models outside their source's folder."""
    found = []
    for model in _models(manifest):
        layer, folder = _layer(model), model["original_file_path"].split("/")[-2]
        match = PREFIX[layer].fullmatch(model["name"])
        if not match or match.groupdict().get("folder", folder) != folder:
            right = f"stg_{folder}__<entity>" if layer == "staging" else "int_<entity>_<verb past>"
            right = "a plain business name, dim_… or fct_…" if layer == "marts" else right
            found.append(f"{model['original_file_path']}: name a model of {layer}/{folder} {right}.")
    return found


def undescribed(manifest: dict) -> list[str]:
    """Tables without their grain, and columns without a description."""
    found = []
    for table in _tables(manifest):
        where = table.get("patch_path") or table["original_file_path"]
        if not table["description"].strip().startswith(GRAIN):
            found.append(f"{where}: begin the description of {table['name']} with its grain: '{GRAIN}…'.")
        found += [
            f"{where}: describe {table['name']}.{column['name']}, by a doc block if the number has a definition."
            for column in table["columns"].values()
            if not column["description"].strip()
        ]
    return found


def untested_keys(manifest: dict) -> list[str]:
    """Models without a key, or whose key no test proves to be unique and there."""
    tested = _with_test(manifest, *KEY_TESTS)
    found = []
    for model in _models(manifest):
        where, key = model.get("patch_path") or model["original_file_path"], model["config"].get("meta", {}).get("key")
        if not key:
            found.append(f"{where}: name the key of {model['name']}: config: {{meta: {{key: [column, …]}}}}.")
        elif model["unique_id"] not in tested:
            found.append(f"{where}: test the key of {model['name']}: data_tests: [table_rules].")
    return found


def unproven_columns(manifest: dict) -> list[str]:
    """Rules of columns that no test reads, that do not exist, or that stand there as a test of their own."""
    tested = _with_test(manifest, COLUMN_RULES_TEST)
    found = []
    for table in _tables(manifest):
        where = table.get("patch_path") or table["original_file_path"]
        said = {name: set(column["config"].get("meta", {})) for name, column in table["columns"].items()}
        found += [
            f"{where}: {table['name']}.{name} has a rule {rule}, which is none. "
            f"Rules: {', '.join(sorted(COLUMN_RULES))}."
            for name, rules in said.items()
            for rule in sorted(rules - COLUMN_RULES)
        ]
        if any(said.values()) and table["unique_id"] not in tested:
            found.append(f"{where}: have the rules of {table['name']}'s columns tested: data_tests: [table_rules].")
    for node in manifest["nodes"].values():
        name = (node.get("test_metadata") or {}).get("name")
        if name in SAID_AS_RULES:
            column = f"{node['attached_node'].split('.')[-1]}.{node['column_name']}"
            found.append(
                f"{node['original_file_path']}: say {name} of {column} as a rule of the column, which costs no "
                f"test of its own: config: {{meta: {{{SAID_AS_RULES[name]}}}}}."
            )
    return found


def clock_readers(manifest: dict) -> list[str]:
    """Models and macros that read the clock, which would make two builds of the same data differ."""
    own = [macro for macro in manifest["macros"].values() if macro["package_name"] == "gymhouse"]
    texts = [(model["original_file_path"], model["raw_code"]) for model in _models(manifest)]
    texts += [(macro["original_file_path"], macro["macro_sql"]) for macro in own]
    return [
        f"{path} reads the clock ({match.group().strip(' (')}). Take 'today' from int_as_of instead."
        for path, text in texts
        if (match := CLOCK.search(COMMENT.sub(" ", text)))
    ]


def leaks(manifest: dict) -> list[str]:
    """Columns of people outside the schema for them; a name that a source tags stays private under that name."""
    private = {
        column["name"]
        for source in manifest["sources"].values()
        for column in source["columns"].values()
        if PERSONAL_TAG in column["tags"]
    }
    return [
        f"{table['original_file_path']}: {table['name']}.{column} is personal, and {table['schema']} is for everybody. "
        f"Leave it out, or move the model to the schema {PRIVATE_SCHEMA}."
        for table in _tables(manifest)
        if table["schema"] != PRIVATE_SCHEMA
        for column in sorted(private & set(table["columns"]))
    ]


def unaccounted_retention(manifest: dict) -> list[str]:
    """Source tables that may lose rows to retention, whose late rows no entity would quarantine by the right day."""
    entities = {(one["source"], one["table"]): one for one in _quarantined_entities(manifest)}
    found = []
    for source in manifest["sources"].values():
        label = (source["source_name"], source["name"])
        if not source["config"].get("meta", {}).get("retirable"):
            continue
        entity = entities.get(label, {})
        silver = manifest["nodes"].get(f"model.gymhouse.{entity.get('silver')}", {})
        day = silver.get("config", {}).get("meta", {}).get("slice_by")
        if not day or entity.get("retired_by") != day:
            right = day or "<the day by which its silver is sliced>"
            found.append(
                f"{source['original_file_path']}: {'.'.join(label)} is retirable, so a row may land for a day that "
                "retention took, and nothing would tell of it. Give its entity in quarantined_entities() "
                f"(macros/rules/quarantined_entities.sql) retired_by: '{right}', or take retirable away."
            )
    return found


def unit_tests_of_a_day(manifest: dict) -> list[str]:
    """Unit tests of models that a build as of a day changes, which would fail or prove nothing in such a build."""
    found = []
    for test in manifest["unit_tests"].values():
        model = manifest["nodes"][f"model.gymhouse.{test['model']}"]
        overrides = (test.get("overrides") or {}).get("vars") or {}
        if "as_of" not in overrides and _asks_for_as_of(manifest, model, set()):
            found.append(
                f"{test['original_file_path']}: {test['name']} tests {test['model']}, which reads the variable as_of. "
                'Say for which day it is, or that it is for none: overrides: {vars: {as_of: ""}}.'
            )
    return found


def _asks_for_as_of(manifest: dict, thing: dict, seen: set[str]) -> bool:
    """Whether the text of a model or macro, or of a macro that it calls, reads the variable `as_of`."""
    if AS_OF.search(thing.get("macro_sql") or thing.get("raw_code") or ""):
        return True
    own = [name for name in thing["depends_on"]["macros"] if name.startswith("macro.gymhouse.") and name not in seen]
    seen.update(own)
    return any(_asks_for_as_of(manifest, manifest["macros"][name], seen) for name in own)


def _quarantined_entities(manifest: dict) -> list[dict]:
    """What the macro of that name returns."""
    told: list[list[dict]] = []
    macro = manifest["macros"]["macro.gymhouse.quarantined_entities"]["macro_sql"]
    Environment().from_string(macro + "{{ quarantined_entities() }}").render({"return": told.append})
    return told[0]


def _tables(manifest: dict) -> list[dict]:
    kinds = ("model", "snapshot", "seed")
    return [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]


def _models(manifest: dict) -> list[dict]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def _thing(manifest: dict, unique_id: str) -> dict:
    return manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]


def _layer(thing: dict) -> str:
    if thing["resource_type"] == "source":
        return "sources"
    return next(layer for folder, layer in FOLDERS.items() if thing["original_file_path"].startswith(folder))


def _with_test(manifest: dict, *names: str) -> set[str]:
    """Unique ids of the tables at which one of the generic tests `names` stands."""
    return {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") in names
    }
