"""Why a row is rejected. Each text stands here once and holds no value of the row, which may be personal data."""

NO_KEY = "the key column is empty"
NOT_OF_TYPE = {
    "bigint": "not a whole number of 64 bits",
    "double": "not a finite number",
    "boolean": "neither true nor false",
    "date": "not a date in a declared format",
    "timestamp": "not a time in a declared format",
    "string": "not text",
}
NOT_A_DECIMAL = "not a number of up to {whole} digits before the point and {decimals} after it"
NOT_JSON = "the line is not JSON"
NOT_AN_OBJECT = "the record is not a JSON object"
NO_PAYLOAD = "the message carries no payload that is a JSON object"
NO_ROUTE = "no table takes messages of this kind"
TOO_FEW_FIELDS = "fewer fields than the header names"
TOO_MANY_FIELDS = "more fields than the header names"
BAD_QUOTES = "a quote is not closed, or text follows a closing quote"
NOT_UTF8 = "not valid UTF-8"
TOO_LONG = "the line is longer than landing reads"
