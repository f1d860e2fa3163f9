#!/usr/bin/env bash
# openapi-generator 7.25.0 (PyPI openapi-generator-cli, needs Java): in a valid OpenAPI 3.1 document a webhook that has the
# same tag as operations makes the generated client lose all of these. The class of the webhook is written over that of the
# operations; the command ends with 0 and says no more than "Duplicate file path detected". Seen with python,
# typescript-fetch, go, rust and java. With a tag of its own for the webhook nothing is lost.
# Fails where that is not so any more.
set -euo pipefail
version=7.25.0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check "openapi-generator-cli==$version"

document() { # the tag of the webhook
  cat <<JSON
{"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "tags": [{"name": "Things"}, {"name": "Callbacks"}],
 "paths": {"/things": {"get": {"operationId": "listThings", "tags": ["Things"], "responses": {"204": {"description": "None"}}}}},
 "webhooks": {"thingChanged": {"post": {"operationId": "thingChanged", "tags": ["$1"],
   "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}}}},
   "responses": {"200": {"description": "Taken"}}}}}}
JSON
}
document Things > shared.json
document Callbacks > own.json

operation='listThings|list_things|ListThings'
failed=0
for language in python typescript-fetch go rust java; do
  for tag in shared own; do
    tools/bin/openapi-generator-cli generate -g "$language" -i "$tag.json" -o "$language-$tag" > "$language-$tag.log" 2>&1
    found=$(grep -rlE "$operation" "$language-$tag" --include='*.py' --include='*.ts' --include='*.go' --include='*.rs' \
      --include='*.java' | grep -civ test || true)
    echo "$language, tag of the webhook $tag: exit 0, files with the operation: $found"
    if [ "$tag" = shared ] && [ "$found" -ne 0 ]; then failed=1; fi
    if [ "$tag" = own ] && [ "$found" -eq 0 ]; then failed=1; fi
  done
done
[ "$failed" -eq 0 ] || { echo "openapi-generator $version behaves otherwise now"; exit 1; }
