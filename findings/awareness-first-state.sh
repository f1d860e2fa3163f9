#!/usr/bin/env bash
# Awareness of y-protocols 1.0.7 (with yjs 13.6.33) and of pycrdt 0.14.13: the state that a client is made with, {} at clock 0, is
# taken by nobody. Whoever applies it keeps no state of that client and raises no event, in both libraries alike, since a client that is not
# known counts as one at clock 0. So a viewer that sets nothing is seen by no other, although its provider sends that state when it
# connects; the same state set once more, at clock 1, is taken.
# Fails where that is not so any more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund y-protocols@1.0.7 yjs@13.6.33 > /dev/null
python3 -m venv python
python/bin/pip install --quiet pycrdt==0.14.13

# Prints what another client holds after the first state, and after the same one set again; and both as they are sent.
cat > try.mjs <<'JS'
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { Doc } from 'yjs';

const [viewer, other] = [new Awareness(new Doc()), new Awareness(new Doc())];
let events = 0;
other.on('update', () => events++);
const seen = [];
const sent = [];
for (const _time of ['first', 'again']) {
  if (sent.length > 0) viewer.setLocalState(viewer.getLocalState());
  const update = encodeAwarenessUpdate(viewer, [viewer.clientID]);
  sent.push(Buffer.from(update).toString('hex'));
  applyAwarenessUpdate(other, update, 'network');
  seen.push(`${other.states.has(viewer.clientID)} ${events}`);
}
console.log(`${JSON.stringify(viewer.getLocalState())}; ${seen.join('; ')}`);
console.log([viewer.clientID, ...sent].join(' '));
viewer.destroy();
other.destroy();
JS
cat > try.py <<'PY'
import sys
from pycrdt import Awareness, Doc

client, first, again = sys.argv[1:]
other = Awareness(Doc())
seen = []
for update in (first, again):
    other.apply_awareness_update(bytes.fromhex(update), "network")
    seen.append(str(int(client) in other.states))
print("; ".join(seen))
PY

node try.mjs > seen
read -r client first again < <(sed -n 2p seen)
javascript=$(sed -n 1p seen)
python=$(python/bin/python try.py "$client" "$first" "$again")
echo "y-protocols 1.0.7: $javascript"
echo "pycrdt 0.14.13: $python"
[ "$javascript" = '{}; false 0; true 1' ]
[ "$python" = 'False; True' ]
