// The process of the clients of the rooms: it plays against one server, and tells what it heard.
import { playCursors } from './cursors.ts';
import { playMany } from './many.ts';
import type { PlayAnswer, PlayOrder } from './order.ts';
import { playMessages, playTyping } from './typing.ts';

const plays = { cursors: playCursors, typing: playTyping, messages: playMessages, many: playMany };

process.on('message', (order: PlayOrder) => {
  const told = (answer: PlayAnswer) => process.send?.(answer);
  plays[order.play](order).then(
    (figures) => told({ figures }),
    (error: Error) => told({ failed: error.stack ?? error.message }),
  );
});
process.on('disconnect', () => process.exit());
