#!/bin/sh
# Compile every lock file anew: hashes for all platforms, no index addresses. Needs uv (pip install uv).
set -eu
cd "$(dirname "$0")"
for name in run spark dev databricks; do
  echo "locking $name.txt"
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --output-file "$name.txt" "$name.in"
done
