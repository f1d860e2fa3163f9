import { css } from 'lit';

export const inboxStyles = css`
  .panel {
    inline-size: 424px;
    max-inline-size: calc(100vw - 16px);
    min-block-size: min(460px, 100dvh - 72px);
    max-block-size: min(680px, 100dvh - 72px);
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.17);
    overflow: hidden;
    box-shadow: var(--shadow);
  }
  @supports (position-area: block-end) {
    .panel {
      position-area: block-end span-inline-start;
      position-try-fallbacks: flip-inline, flip-block;
      inset: auto;
      min-block-size: min(460px, 100% - 16px);
      max-block-size: min(680px, 100% - 16px);
      margin-block: 8px;
      margin-inline-start: 8px;
    }
  }
  .panel:popover-open {
    display: flex;
    animation: enter 0.25s var(--ease);
  }
  .pane {
    position: relative;
    display: flex;
    flex: 1;
    flex-direction: column;
    min-block-size: 0;
    min-inline-size: 0;
  }
  .in-page {
    container-type: inline-size;
  }
  .pane > * {
    flex: none;
  }
  header {
    align-items: center;
    min-block-size: 50px;
    padding-block: 12px 4px;
    padding-inline: 18px 10px;
  }
  [hidden] {
    display: none !important;
  }

  .search {
    display: flex;
    gap: 8px;
    align-items: center;
    margin: 10px 12px 4px;
    padding-inline: 10px;
    border: 1px solid transparent;
    border-radius: calc(var(--radius) * 0.67);
    background: var(--hover);
    color: var(--muted);
    cursor: text;
  }
  .search:focus-within {
    border-color: var(--accent);
    background: var(--surface);
  }
  .search .icon {
    inline-size: 16px;
  }
  input {
    flex: 1;
    min-inline-size: 0;
    padding-block: 7px;
    background: none;
    color: var(--text);
    font: inherit;
    font-size: 13px;
    appearance: none;
  }
  input:focus-visible {
    outline: none;
  }
  input::placeholder {
    color: var(--muted);
    opacity: 1;
  }

  .line {
    display: flex;
    gap: 9px;
    align-items: center;
    margin: 6px 12px 2px;
    padding: 7px 12px;
    border-radius: calc(var(--radius) * 0.67);
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
    padding: 6px;
  }
  .pane > .scroller {
    flex: 1 1 auto;
    min-block-size: 0;
    overflow-y: auto;
  }
  .list {
    overflow-y: clip;
  }
  .in-panel > .scroller {
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }

  .older {
    display: block;
    inline-size: 100%;
    padding-block: 9px;
  }
  .failed {
    padding: 40px 24px 8px;
    text-align: center;
  }
  .list ~ .failed {
    padding-block-start: 12px;
  }
  .empty {
    display: grid;
    justify-items: center;
    padding: 52px 24px 60px;
    text-align: center;
  }
  .empty .disc {
    margin: 0;
    padding: 14px;
    background: var(--hover);
    color: var(--muted);
  }
  .empty .title {
    margin-block: 14px 2px;
    color: var(--text);
  }
  .skeleton .disc {
    inline-size: 34px;
    block-size: 34px;
  }
  .skeleton :is(.disc, p) {
    background: var(--hover);
    animation: blink 1.6s infinite;
  }
  .skeleton p {
    block-size: 10px;
    inline-size: 55%;
    margin-block: 5px 10px;
    border-radius: 5px;
  }
  .skeleton p + p {
    inline-size: 85%;
  }

  @container (min-width: 720px) {
    header {
      padding: 16px 20px 8px;
    }
    h2 {
      font-size: 18px;
    }
    .tabs {
      padding-inline: 14px;
    }
    .aside {
      position: relative;
      inset: auto;
    }
    .tab:not(.aside) + .aside {
      margin: 0;
      box-shadow: none;
    }
    .aside .icon {
      display: none;
    }
    .aside .spoken {
      position: static;
      inline-size: auto;
      block-size: auto;
      clip-path: none;
    }
    .search {
      margin: 14px 16px 6px;
    }
    .scroller {
      padding: 8px 10px 14px;
    }
    .item {
      padding-block: 13px;
    }
    .body {
      max-inline-size: 100%;
    }
  }
  @media (forced-colors: active) {
    .tab[aria-selected='true']::after,
    .line::before {
      background: Highlight;
      forced-color-adjust: none;
    }
    .count {
      border: 1px solid currentColor;
    }
    .search {
      border-color: CanvasText;
    }
    .skeleton :is(.disc, p) {
      background: GrayText;
      forced-color-adjust: none;
    }
  }
`;
