import { css } from 'lit';

/** The row of tabs, with the count of each. */
export const tabsStyles = css`
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
`;
