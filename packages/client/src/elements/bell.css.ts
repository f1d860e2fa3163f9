import { css } from 'lit';

export const bellStyles = css`
  :host {
    display: inline-block;
  }
  .bell {
    position: relative;
    padding: 8px;
    border-radius: calc(var(--radius) * 0.75);
  }
  .bell[aria-expanded='true'] {
    background: var(--hover);
  }
  .badge {
    position: absolute;
    inset-block-start: 1px;
    inset-inline-start: 19px;
    min-inline-size: 17px;
    padding-inline: 4px;
    border-radius: 9px;
    background: var(--tidings-badge, #dc2f40);
    box-shadow: 0 0 0 2px var(--surface);
    color: #fff;
    font-weight: 650;
    font-size: 11px;
    line-height: 17px;
  }
  .panel {
    position: fixed;
    inset: 56px 8px auto auto;
    inline-size: 392px;
    max-inline-size: calc(100vw - 16px);
    max-block-size: min(560px, 100vh - 72px);
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.17);
    overflow: hidden;
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  @supports (position-area: block-end) {
    .panel {
      position-area: block-end span-inline-start;
      position-try-fallbacks: flip-inline, flip-block;
      inset: auto;
      max-block-size: min(560px, 100% - 16px);
      margin-block: 8px;
      margin-inline-start: 8px;
    }
  }
  .panel:popover-open {
    display: flex;
    flex-direction: column;
    animation: enter 0.25s var(--ease);
  }
  header {
    padding-block: 12px;
    padding-inline: 18px 10px;
    border-block-end: 1px solid var(--line);
  }
  .line {
    display: flex;
    gap: 9px;
    align-items: center;
    padding: 8px 18px;
    font-size: 13px;
  }
  .line::before {
    content: '';
    padding: 4px;
    border-radius: 50%;
    background: var(--tone);
  }
  .line.warning::before {
    animation: blink 1.4s infinite;
  }
  .scroller {
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    padding: 6px;
  }
  .item {
    display: flex;
    gap: 12px;
    align-items: start;
    inline-size: 100%;
    padding: 10px 12px;
    border-radius: calc(var(--radius) * 0.75);
    text-align: start;
  }
  .item:focus-visible {
    outline-offset: -2px;
  }
  .disc {
    margin-block-start: 2px;
    padding: 7px;
    border-radius: 50%;
    color: var(--tone);
  }
  .disc .icon {
    inline-size: 18px;
  }
  .item:not(.unread) .title {
    font-weight: 500;
  }
  time {
    flex: none;
  }
  .message {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
  }
  .dot {
    position: relative;
    margin-block-start: 7px;
    padding: 4px;
    border-radius: 50%;
  }
  .unread .dot {
    background: var(--accent);
  }
  .older {
    inline-size: 100%;
    padding-block: 9px;
  }
  .empty {
    display: grid;
    justify-items: center;
    padding: 44px 24px 52px;
  }
  .empty .disc {
    padding: 14px;
    background: var(--hover);
    color: var(--muted);
  }
  .empty .title {
    margin-block: 14px 2px;
    color: var(--text);
  }
`;
