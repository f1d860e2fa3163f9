import { parseFrame, TidingsError } from '@tidings/protocol';
import { css, html, nothing, svg } from 'lit';
import { Connection } from '../connection.ts';
import { Attention } from '../elements/attention.ts';
import { describeFrame, isRunning, linkOf, spoken, taskOf, textOf } from '../elements/describe-frame.ts';
import { formatAgo, formatDuration, formatPercent, formatSize } from '../elements/format.ts';
import { draw, icon } from '../elements/icons.ts';
import { KeyedChildren } from '../elements/keyed-children.ts';
import { plainName, safeHref } from '../elements/links.ts';
import { askLists } from '../elements/lists-in-view.ts';
import { Ticker } from '../elements/ticker.ts';
import { Listeners } from '../handlers.ts';
import { isUnread } from '../inbox-item.ts';
import { SnapshotStore } from '../snapshot-store.ts';
import { fallbackTransport } from '../transport/fallback.ts';
import { webSocketTransport } from '../transport/websocket.ts';

/** The values that further scripts take from the script of the page, so that no page loads them twice. The build allows no others. */
export const shared = {
  ...{
    css,
    html,
    nothing,
    svg,
    isUnread,
    KeyedChildren,
    Ticker,
    plainName,
    draw,
    icon,
  },
  ...{ Connection, fallbackTransport, parseFrame, webSocketTransport },
  ...{ askLists, Attention, Listeners, safeHref, SnapshotStore, TidingsError },
  ...{ describeFrame, isRunning, linkOf, spoken, taskOf, textOf, formatAgo, formatDuration, formatPercent, formatSize },
};
