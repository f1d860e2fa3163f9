#!/usr/bin/env bash
# pycrdt 0.14.13 and yjs 13.6.33: an int that is written into a shared map is a float from then on, for its writer too: 1 reads as 1.0, and
# so does what Yjs wrote as 1. Past 2^53 it stays an int, and Yjs reads it as a BigInt, on which JSON.stringify(map.toJSON()) raises a
# TypeError. So a key that counts is a number up to there and another type beyond, on both sides.
# Fails where that is not so any more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund yjs@13.6.33 > /dev/null
python3 -m venv python
python/bin/pip install --quiet pycrdt==0.14.13

cat > write.py <<'PY'
import base64
import sys
from pycrdt import Doc, Map

doc = Doc()
doc["counts"] = counts = Map()
counts["few"] = 1
counts["many"] = 2**53 + 1
print(repr(counts["few"]), repr(counts["many"]), file=sys.stderr)
print(base64.b64encode(doc.get_update()).decode())
PY
cat > read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs';

const doc = new Doc();
applyUpdate(doc, Buffer.from(readFileSync('update', 'utf8'), 'base64'));
const counts = doc.getMap('counts');
let json;
try {
  json = JSON.stringify(counts.toJSON());
} catch (error) {
  json = error.constructor.name;
}
console.error(`${typeof counts.get('few')} ${typeof counts.get('many')} ${json}`);
const other = new Doc();
other.getMap('counts').set('few', 1);
console.log(Buffer.from(encodeStateAsUpdate(other)).toString('base64'));
JS
cat > read.py <<'PY'
import base64
import sys
from pycrdt import Doc, Map

doc = Doc()
doc.apply_update(base64.b64decode(sys.stdin.read()))
print(repr(doc.get("counts", type=Map)["few"]))
PY

python/bin/python write.py > update 2> own
node read.mjs > back 2> yjs
from_yjs=$(python/bin/python read.py < back)
echo "pycrdt reads what it wrote: $(cat own)"
echo "Yjs reads it: $(cat yjs)"
echo "pycrdt reads what Yjs wrote as 1: $from_yjs"
[ "$(cat own)" = '1.0 9007199254740993' ]
[ "$(cat yjs)" = 'number bigint TypeError' ]
[ "$from_yjs" = '1.0' ]
