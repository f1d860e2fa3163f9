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

  .tabs {
    display: flex;
    gap: 2px;
    padding-inline: 10px;
    border-block-end: 1px solid var(--line);
    overflow-x: auto;
    scroll-padding-inline: 10px 80px;
    scrollbar-width: none;
  }
  .label {
    display: block;
    max-inline-size: 140px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .tab {
    position: relative;
    display: flex;
    flex: none;
    gap: 6px;
    align-items: center;
    padding: 8px;
    border-radius: 6px 6px 0 0;
    color: var(--muted);
    font-weight: 500;
    font-size: 13px;
  }
  .tab .icon {
    inline-size: 18px;
  }
  .aside {
    position: sticky;
    inset-inline-end: 26px;
    padding: 7px 9px;
    background: var(--surface);
  }
  .aside:last-child {
    inset-inline-end: -10px;
  }
  .tab:not(.aside) + .aside {
    margin-inline-start: auto;
    box-shadow: -10px 0 8px -2px var(--surface);
  }
  .tab:focus-visible {
    outline-offset: -2px;
  }
  .tab[aria-selected='true'] {
    color: var(--text);
    font-weight: 600;
  }
  .tab[aria-selected='true']::after {
    content: '';
    position: absolute;
    inset: auto 8px 0;
    block-size: 2px;
    border-radius: 1px;
    background: var(--accent);
  }
  .count {
    min-inline-size: 18px;
    padding-inline: 5px;
    border-radius: 9px;
    background: color-mix(in oklab, var(--accent) 13%, var(--surface));
    color: var(--accent);
    font-weight: 600;
    font-size: 11px;
    line-height: 18px;
    text-align: center;
    font-variant-numeric: tabular-nums;
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
  }
  .in-panel > .scroller {
    overflow-y: auto;
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

  .offer {
    position: absolute;
    z-index: 3;
    inset-inline: 12px;
    inset-block-end: calc(12px + var(--tidings-undo-bottom, 0px));
  }
  .undo {
    display: flex;
    gap: 12px;
    align-items: center;
    justify-content: space-between;
    padding-block: 7px;
    padding-inline: 16px 8px;
    border: 1px solid transparent;
    border-radius: calc(var(--radius) * 0.75);
    background: light-dark(#202228, #f1f2f4);
    box-shadow: var(--shadow);
    color: light-dark(#fff, #17181c);
    font-size: 13px;
    animation: rise 0.25s var(--ease);
  }
  .undo .quiet {
    flex: none;
    color: light-dark(#a9a6ff, #4038c9);
  }
  .undo .quiet:hover {
    background: light-dark(#ffffff1a, #0000000d);
  }
  .in-page .offer {
    position: sticky;
    inset-block-end: calc(16px + var(--tidings-undo-bottom, env(safe-area-inset-bottom, 0px)));
    inline-size: fit-content;
    min-inline-size: min(320px, 100%);
    max-inline-size: 100%;
    margin: 0 auto;
  }
  .in-page .undo {
    margin-block-end: 16px;
  }
  .menu {
    position: fixed;
    inset: auto;
    min-inline-size: min(240px, 100vw - 16px);
    max-inline-size: calc(100vw - 16px);
    max-block-size: calc(100dvh - 16px);
    padding: 5px;
    overflow-y: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    box-shadow: var(--shadow);
  }
  .menu button {
    display: flex;
    gap: 24px;
    align-items: baseline;
    justify-content: space-between;
    inline-size: 100%;
    padding: 7px 10px;
    border-radius: calc(var(--radius) * 0.5);
  }
  .menu button:focus-visible {
    outline-offset: -2px;
    background: var(--hover);
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
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px);
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
