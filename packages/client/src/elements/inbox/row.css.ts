import { css } from 'lit';

/** One notification of the list. */
export const rowStyles = css`
  .list {
    position: relative;
    overflow-anchor: none;
  }
  .list > li {
    position: absolute;
    inset-inline: 0;
  }
  .item {
    position: relative;
    display: flex;
    align-items: start;
    padding-block: 10px;
    padding-inline: 2px 12px;
    border-radius: calc(var(--radius) * 0.75);
  }
  .title,
  .message {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
    overflow-wrap: anywhere;
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .title {
    -webkit-line-clamp: 3;
  }
  .unfolded :is(.title, .message) {
    display: block;
    white-space: pre-line;
  }
  .item:has(.main:focus-visible) {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
  }
  .dot {
    flex: none;
    inline-size: 7px;
    block-size: 7px;
    margin-block-start: 15px;
    margin-inline: 2px 6px;
    border-radius: 50%;
  }
  .unread .dot {
    background: var(--accent);
  }
  .disc {
    flex: none;
    margin-block-start: 1px;
    margin-inline-end: 12px;
    padding: 8px;
    border-radius: 50%;
    color: var(--tone);
  }
  .disc .icon {
    inline-size: 18px;
  }
  .main {
    min-inline-size: 0;
    text-align: start;
    outline: none;
  }
  .main::after {
    content: '';
    position: absolute;
    inset: 0;
    border-radius: inherit;
  }
  .main:hover {
    background: none;
  }
  .item:not(.unread) .title {
    font-weight: 500;
  }
  time {
    flex: none;
    font-size: 12px;
  }
  .expired :is(.disc, .title, .message) {
    opacity: 0.6;
    filter: grayscale(1);
  }

  .note {
    inline-size: fit-content;
    margin-block-start: 8px;
    padding: 1px 8px;
    border-radius: 9px;
    background: var(--hover);
    color: var(--muted);
    font-size: 12px;
  }
  .note .icon {
    inline-size: 14px;
  }

  .acts {
    position: absolute;
    z-index: 2;
    inset-block-start: 5px;
    inset-inline-end: 8px;
    display: flex;
    padding: 1px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--surface);
    opacity: 0;
    pointer-events: none;
  }
  .item:is(:hover, :has(:focus-visible)) .acts {
    opacity: 1;
    pointer-events: auto;
  }
  @media (hover: hover) {
    time {
      min-inline-size: 80px;
      text-align: end;
    }
    .item:is(:hover, :has(:focus-visible)) time {
      opacity: 0;
    }
  }
  .act {
    padding: 4px;
    border-radius: 6px;
    color: var(--muted);
  }
  .act:hover {
    color: var(--text);
  }
  .act .icon {
    inline-size: 17px;
  }
  @media (hover: none) {
    .item {
      flex-wrap: wrap;
    }
    .acts {
      position: relative;
      inset: auto;
      flex: 1 0 calc(100% - 59px);
      gap: 6px;
      margin-block: 4px -4px;
      margin-inline-start: 59px;
      padding: 0;
      border: 0;
      box-shadow: none;
      background: none;
      opacity: 1;
      pointer-events: auto;
    }
    .act {
      padding: 8px;
      margin-inline-start: -8px;
      margin-inline-end: 8px;
    }
  }
  @media (forced-colors: active) {
    .unread .dot {
      background: Highlight;
      forced-color-adjust: none;
    }
    .disc .sign {
      stroke: Canvas;
    }
    .note {
      border: 1px solid CanvasText;
    }
  }
`;
